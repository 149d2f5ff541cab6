package store_test

import (
	"slices"
	"testing"
	"time"

	"webmon/plugins"
	"webmon/store"
	"webmon/store/storetest"
)

func claim(t *testing.T, s *store.Store) []string {
	t.Helper()
	var all []string
	for parts := store.AllParts; len(parts) > 0; {
		jobs, more, err := s.ClaimDue(t.Context(), parts)
		if err != nil {
			t.Fatal(err)
		}
		all, parts = append(all, jobs...), more
	}
	return all
}

func finish(t *testing.T, s *store.Store, job string, at time.Time) {
	t.Helper()
	l, err := s.Lease(t.Context(), job, "worker", time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Finish(t.Context(), l, outcome(l, at, plugins.Up)); err != nil {
		t.Fatal(err)
	}
}

func TestScheduleDoesNotDrift(t *testing.T) {
	t.Parallel()
	c := newClock()
	s := storetest.Open(t, c.use)
	a := create(t, s, newAsset("http://a/"))
	first, err := s.Asset(t.Context(), a.ID)
	if err != nil {
		t.Fatal(err)
	}
	due := first.Status.Next
	if wait := due.Sub(c.now()); wait < 0 || wait >= time.Minute {
		t.Fatalf("the first check is due in %v", wait)
	}
	if jobs := claim(t, s); due.After(c.now()) && len(jobs) != 0 {
		t.Fatal("claimed before it is due")
	}
	c.ms.Store(due.UnixMilli())
	for round, late := range []time.Duration{0, 3 * time.Second, 59 * time.Second, 10 * time.Minute, 0} {
		c.add(late)
		jobs := claim(t, s)
		if len(jobs) != 1 {
			t.Fatalf("round %d: %d jobs", round, len(jobs))
		}
		finish(t, s, jobs[0], c.now())
		got, err := s.Asset(t.Context(), a.ID)
		if err != nil {
			t.Fatal(err)
		}
		next := got.Status.Next
		if next.Sub(due)%time.Minute != 0 || !next.After(c.now()) || next.Sub(c.now()) > time.Minute {
			t.Errorf("round %d, %v late: next %v after now, %v after the first", round, late, next.Sub(c.now()), next.Sub(due))
		}
		c.ms.Store(next.UnixMilli())
	}
}

func TestPendingCheckIsSkippedAndCounted(t *testing.T) {
	t.Parallel()
	c := newClock()
	s := storetest.Open(t, c.use)
	a := create(t, s, newAsset("http://a/"))
	c.add(time.Minute)
	jobs := claim(t, s)
	for range 3 {
		c.add(time.Minute)
		if again := claim(t, s); len(again) != 0 {
			t.Fatalf("a second job while the first is pending: %v", again)
		}
	}
	got, err := s.Asset(t.Context(), a.ID)
	if err != nil || got.Status.Skipped != 3 {
		t.Errorf("%d skipped, %v", got.Status.Skipped, err)
	}
	if sum, err := s.Summary(t.Context()); err != nil || sum.Skipped != 3 {
		t.Errorf("summary: %d skipped, %v", sum.Skipped, err)
	}
	finish(t, s, jobs[0], c.now())
	c.add(time.Minute)
	if again := claim(t, s); len(again) != 1 {
		t.Errorf("%d jobs after the pending one is done", len(again))
	}
}

func TestOnlyEnabledAssetsWithIntervalAreScheduled(t *testing.T) {
	t.Parallel()
	c := newClock()
	s := storetest.Open(t, c.use)
	onDemand := newAsset("http://a/")
	onDemand.Interval = 0
	disabled := newAsset("http://b/")
	disabled.Enabled = false
	deleted := newAsset("http://c/")
	stopped := newAsset("http://d/")
	for _, a := range []*store.Asset{onDemand, disabled, deleted, stopped} {
		create(t, s, a)
	}
	if err := s.DeleteAsset(t.Context(), deleted.ID, 0); err != nil {
		t.Fatal(err)
	}
	stopped.Interval = 0
	if err := s.ReplaceAsset(t.Context(), stopped, 0); err != nil {
		t.Fatal(err)
	}
	c.add(time.Hour)
	if jobs := claim(t, s); len(jobs) != 0 {
		t.Errorf("claimed %v", jobs)
	}
}

// The first checks of many assets must not fall together.
func TestFirstChecksAreSpread(t *testing.T) {
	t.Parallel()
	c := newClock()
	s := storetest.Open(t, c.use)
	assets := make([]*store.Asset, 6000)
	for i := range assets {
		assets[i] = newAsset("http://a/")
	}
	s.CreateAssets(t.Context(), assets)
	var perSecond []int
	for range 60 {
		c.add(time.Second)
		perSecond = append(perSecond, len(claim(t, s)))
	}
	total := 0
	for _, n := range perSecond {
		total += n
	}
	if total != len(assets) {
		t.Errorf("%d of %d checked in a minute", total, len(assets))
	}
	// 100 a second are expected; 6 standard deviations are 60.
	if low, high := slices.Min(perSecond), slices.Max(perSecond); low < 40 || high > 160 {
		t.Errorf("between %d and %d checks a second", low, high)
	}
}
