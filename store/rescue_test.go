package store_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"webmon/plugins"
	"webmon/store"
	"webmon/store/storetest"
)

// round walks once through everything and gives the ids to push.
func round(t *testing.T, walk *store.Rescue) (pushed []string, mended int64) {
	t.Helper()
	for {
		jobs, n, over, err := walk.Step(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		pushed, mended = append(pushed, jobs...), mended+n
		if over {
			return pushed, mended
		}
	}
}

// Whatever is damaged, one round mends it, and the job goes on to a last state.
func TestRescue(t *testing.T) {
	t.Parallel()
	for _, damage := range []struct {
		name   string
		leased bool // before the damage
		do     [][]string
		end    store.JobState
	}{
		{"queued is missing in the set", false, [][]string{{"ZREM", "queued", "JOB"}}, store.Done},
		{"queued is in the set of leases", false, [][]string{{"ZREM", "queued", "JOB"}, {"ZADD", "leased", "9999999999999", "JOB"}}, store.Done},
		{"queued is in both sets", false, [][]string{{"ZADD", "leased", "9999999999999", "JOB"}}, store.Done},
		{"queued cannot be cancelled", false, [][]string{{"ZREM", "index", "j:BATCH:JOB"}}, store.Done},
		{"leased is missing in the set", true, [][]string{{"ZREM", "leased", "JOB"}}, store.Done},
		{"leased is in the queue", true, [][]string{{"ZREM", "leased", "JOB"}, {"ZADD", "queued", "9999999999999", "JOB"}}, store.Done},
		{"the queued job's record is damaged", false, [][]string{{"HSET", "jobs", "JOB", "queued|BATCH|what?"}}, store.Failed},
		{"the leased job's record is damaged", true, [][]string{{"HSET", "jobs", "JOB", "leased|BATCH|"}}, store.Failed},
		{"the record is of no known state", false, [][]string{{"HSET", "jobs", "JOB", "queued|BATCH|x"}, {"ZREM", "queued", "JOB"}}, store.Failed},
	} {
		t.Run(damage.name, func(t *testing.T) {
			t.Parallel()
			c := newClock()
			s := storetest.Open(t, c.use)
			a := create(t, s, newAsset("http://a/"))
			batch, jobs := enqueue(t, s, store.Selection{Assets: []string{a.ID}})
			if damage.leased {
				if _, err := s.Lease(t.Context(), jobs[0], "gone", 5*time.Second); err != nil {
					t.Fatal(err)
				}
			}
			meddle(t, s, jobs[0], batch, damage.do)
			// The loops that look at the sorted sets alone do not fail on it.
			sweeps(t, s)
			walk := s.NewRescue()
			if _, mended := round(t, walk); mended == 0 {
				t.Error("nothing was mended")
			}
			if _, mended := round(t, walk); mended != 0 {
				t.Errorf("a second round mends %d more", mended)
			}
			c.add(time.Hour)
			for _, job := range sweeps(t, s) {
				if l, err := s.Lease(t.Context(), job, "worker", time.Minute); err == nil {
					if err := s.Finish(t.Context(), l, outcome(l, c.now(), plugins.Up)); err != nil {
						t.Error(err)
					}
				}
			}
			b, err := s.Batch(t.Context(), batch)
			if err != nil || b.State != "done" || b.Counts[damage.end] != 1 {
				t.Errorf("the batch ends as %+v, %v", b, err)
			}
			if j, err := s.Job(t.Context(), jobs[0]); err != nil || j.State != damage.end {
				t.Errorf("the job ends as %+v, %v", j, err)
			}
		})
	}
}

func meddle(t *testing.T, s *store.Store, job, batch string, commands [][]string) {
	t.Helper()
	for _, command := range commands {
		args := slices.Clone(command[2:])
		for i := range args {
			args[i] = strings.NewReplacer("JOB", job, "BATCH", batch).Replace(args[i])
		}
		if err := s.Meddle(t.Context(), assetOf(job), command[0], command[1], args...); err != nil {
			t.Fatal(err)
		}
	}
}

// sweeps runs what a dispatcher runs all the time, and gives the ids it would push.
func sweeps(t *testing.T, s *store.Store) []string {
	t.Helper()
	expired, _, err := s.ExpireLeases(t.Context(), store.AllParts)
	if err != nil {
		t.Fatal(err)
	}
	again, _, err := s.Redeliver(t.Context(), store.AllParts)
	if err != nil {
		t.Fatal(err)
	}
	return append(expired, again...)
}

// An asset whose scheduled check is lost, or whose place in the schedule is, is
// checked again.
func TestRescueOfTheSchedule(t *testing.T) {
	t.Parallel()
	for name, do := range map[string][][]string{
		"its pending job is gone":         {{"HDEL", "jobs", "JOB"}, {"ZREM", "queued", "JOB"}},
		"its pending job is another's":    {{"HSET", "pending", "ASSET", "nobody.1"}},
		"its pending job has no record":   {{"HSET", "jobs", "JOB", "?"}},
		"it is due at no time":            {{"ZREM", "due", "ASSET"}},
		"a damaged plan is left over":     {{"HDEL", "jobs", "JOB"}, {"HSET", "plan", "other", "soon"}},
		"a job that nobody can have":      {{"HDEL", "jobs", "JOB"}, {"HSET", "jobs", "no id\n", "queued||1|0|1||0|"}, {"ZADD", "queued", "1", "no id\n"}},
		"a record that is of no job's id": {{"HDEL", "jobs", "JOB"}, {"HSET", "jobs", "", ""}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newClock()
			s := storetest.Open(t, c.use)
			a := create(t, s, newAsset("http://a/"))
			c.add(time.Minute)
			jobs := claim(t, s)
			for _, command := range do {
				args := slices.Clone(command[2:])
				for i := range args {
					args[i] = strings.NewReplacer("JOB", jobs[0], "ASSET", a.ID).Replace(args[i])
				}
				if err := s.Meddle(t.Context(), a.ID, command[0], command[1], args...); err != nil {
					t.Fatal(err)
				}
			}
			sweeps(t, s)
			walk := s.NewRescue()
			if _, mended := round(t, walk); mended == 0 {
				t.Error("nothing was mended")
			}
			if _, mended := round(t, walk); mended != 0 {
				t.Errorf("a second round mends %d more", mended)
			}
			if l, err := s.Lease(t.Context(), jobs[0], "worker", time.Minute); err == nil {
				if err := s.Finish(t.Context(), l, outcome(l, c.now(), plugins.Up)); err != nil {
					t.Error(err)
				}
			} else if !errors.Is(err, store.ErrJobGone) {
				t.Error(err)
			}
			c.add(time.Minute)
			if again := claim(t, s); len(again) != 1 {
				t.Errorf("the next check is %v", again)
			}
		})
	}
}

// Thousands of jobs that cannot be run keep nobody from those that can.
func TestDamageStarvesNobody(t *testing.T) {
	t.Parallel()
	c := newClock()
	s := storetest.Open(t, c.use)
	a := create(t, s, newAsset("http://a/"))
	_, jobs := enqueue(t, s, store.Selection{Assets: []string{a.ID}})
	var records, places []string
	for i := range 3000 {
		job := fmt.Sprintf("%s.%x", a.ID, 1000+i)
		records = append(records, job, "no record")
		places = append(places, "1", job)
	}
	for _, command := range [][]string{append([]string{"HSET", "jobs"}, records...), append([]string{"ZADD", "queued"}, places...),
		append([]string{"ZADD", "leased"}, places...), {"ZREM", "queued", jobs[0]}} {
		if err := s.Meddle(t.Context(), a.ID, command[0], command[1], command[2:]...); err != nil {
			t.Fatal(err)
		}
	}
	pushed, mended := round(t, s.NewRescue())
	if !slices.Equal(pushed, jobs) || mended < 3000 {
		t.Errorf("pushed %v, %d mended", pushed, mended)
	}
	c.add(time.Hour)
	if again := sweeps(t, s); !slices.Equal(again, jobs) {
		t.Errorf("pushed again: %d jobs", len(again))
	}
	page, err := s.Jobs(t.Context(), store.JobQuery{State: store.Failed, Limit: 2000})
	if err != nil || len(page.Jobs) != 1000 { // the latest, as of all failed jobs
		t.Errorf("%d failed jobs, %v", len(page.Jobs), err)
	}
}

// The clock of Redis' host was far ahead for a while. What was put off in that time is
// not put off until then: checks go on, and jobs are pushed and taken back.
func TestRescueAfterTheClockWasAhead(t *testing.T) {
	t.Parallel()
	c := newClock()
	s := storetest.Open(t, c.use)
	a := create(t, s, newAsset("http://a/"))
	first, err := s.Asset(t.Context(), a.ID)
	if err != nil {
		t.Fatal(err)
	}
	var demanded []string
	for range 2 {
		d := newAsset("http://d/")
		d.Interval = 0
		_, jobs := enqueue(t, s, store.Selection{Assets: []string{create(t, s, d).ID}})
		demanded = append(demanded, jobs...)
	}
	const ahead = 365 * 24 * time.Hour
	c.add(ahead)
	l, err := s.Lease(t.Context(), claim(t, s)[0], "worker", time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Finish(t.Context(), l, outcome(l, c.now(), plugins.Up)); err != nil {
		t.Fatal(err)
	}
	sweeps(t, s)
	if _, err := s.Lease(t.Context(), demanded[0], "gone", time.Hour); err != nil {
		t.Fatal(err)
	}
	c.add(-ahead)
	walk := s.NewRescue()
	if _, mended := round(t, walk); mended != 3 {
		t.Errorf("%d were mended", mended)
	}
	if _, mended := round(t, walk); mended != 0 {
		t.Errorf("a second round mends %d more", mended)
	}
	// The place of its checks in the interval is what it was.
	now, err := s.Asset(t.Context(), a.ID)
	if next := now.Status.Next; err != nil || next.Sub(first.Status.Next)%time.Minute != 0 || next.Sub(c.now()) > time.Minute {
		t.Errorf("%+v, %v", now.Status, err)
	}
	c.add(time.Minute)
	if due := claim(t, s); len(due) != 1 || assetOf(due[0]) != a.ID {
		t.Errorf("due: %v", due)
	}
	c.add(time.Hour)
	again := sweeps(t, s)
	for _, job := range demanded {
		if !slices.Contains(again, job) {
			t.Errorf("%s is not pushed: %v", job, again)
		}
	}
}
