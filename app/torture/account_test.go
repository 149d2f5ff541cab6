package torture

import (
	"fmt"
	"net/url"
	"strings"
	"text/tabwriter"
	"time"
)

// account is the reckoning: what was accepted against what there is.
type account struct {
	accepted, counted, failed int            // jobs
	lost, doubled             map[string]int // asset → jobs
	alarms                    map[string]int // verdict → results that are neither up nor degraded
	running                   []string       // batches that never ended
}

type asset struct {
	ID, Verdict string
	Checked     time.Time
	NextCheck   time.Time `json:"next_check"`
	Created     time.Time
	Skipped     int
}

// reckon reads everything back through the API.
func (l *load) reckon(onDemand []string) (account, error) {
	a := account{lost: map[string]int{}, doubled: map[string]int{}, alarms: map[string]int{}}
	want := map[string]int{}
	for _, r := range l.requests {
		if r.accepted.IsZero() || r.again {
			return a, fmt.Errorf("%s was never accepted", r.key)
		}
		for _, id := range r.assets {
			want[id]++
			a.accepted++
		}
		var batch struct {
			State  string
			Counts map[string]int
		}
		if err := l.get("/v1/batches/"+r.batch, &batch); err != nil {
			return a, err
		}
		if batch.State != "done" || batch.Counts["done"]+batch.Counts["failed"] != len(r.assets) {
			a.running = append(a.running, fmt.Sprintf("%s of %d jobs: %+v", r.batch, len(r.assets), batch))
		}
	}
	failed, err := l.failed()
	if err != nil {
		return a, err
	}
	for _, id := range onDemand {
		counted, err := l.results(id, &a)
		if err != nil {
			return a, err
		}
		a.counted += counted
		a.failed += failed[id]
		switch missing := want[id] - counted - failed[id]; {
		case missing > 0:
			a.lost[id] += missing
		case missing < 0: // under another job's name
			a.doubled[id] -= missing
		}
	}
	return a, nil
}

// results counts the jobs of which an asset has a result, and notes what there is twice.
func (l *load) results(id string, a *account) (int, error) {
	seen := map[string]bool{}
	for cursor := ""; ; {
		var page struct {
			Results []struct{ Job, Verdict string }
			Next    string
		}
		if err := l.get("/v1/assets/"+id+"/results?limit=1000&cursor="+url.QueryEscape(cursor), &page); err != nil {
			return 0, err
		}
		for _, r := range page.Results {
			if seen[r.Job] {
				a.doubled[id]++
			}
			seen[r.Job] = true
			if r.Verdict != "up" && r.Verdict != "degraded" {
				a.alarms[r.Verdict]++
			}
		}
		if cursor = page.Next; cursor == "" {
			return len(seen), nil
		}
	}
}

// failed counts the failed jobs by asset.
func (l *load) failed() (map[string]int, error) {
	failed := map[string]int{}
	for cursor := ""; ; {
		var page struct {
			Jobs []struct{ Asset, Reason string }
			Next string
		}
		if err := l.get("/v1/jobs?state=failed&limit=1000&cursor="+url.QueryEscape(cursor), &page); err != nil {
			return nil, err
		}
		for _, j := range page.Jobs {
			if j.Reason == "" {
				return nil, fmt.Errorf("a job of %s failed without a reason", j.Asset)
			}
			failed[j.Asset]++
		}
		if cursor = page.Next; cursor == "" {
			return failed, nil
		}
	}
}

// timetable is the reckoning of the schedule.
type timetable struct{ slots, checked, skipped, failed int }

// schedule reckons the scheduled assets: each slot that came has a result, or a
// failed job, or was skipped and counted. The slots of the moment may be in none.
func (l *load) schedule(scheduled []string, interval time.Duration, a *account) (timetable, error) {
	const now = 3 // slots
	failed, err := l.failed()
	if err != nil {
		return timetable{}, err
	}
	var sum timetable
	for _, id := range scheduled {
		var got asset
		if err := l.get("/v1/assets/"+id, &got); err != nil {
			return sum, err
		}
		checked, err := l.results(id, a)
		if err != nil {
			return sum, err
		}
		slots := int(got.NextCheck.Sub(got.Created) / interval)
		if off := slots - checked - got.Skipped - failed[id]; off < -now || off > now {
			return sum, fmt.Errorf("asset %s: %d slots, but %d results, %d skipped and %d failed", id, slots, checked, got.Skipped, failed[id])
		}
		sum.slots += slots
		sum.checked += checked
		sum.skipped += got.Skipped
		sum.failed += failed[id]
	}
	return sum, nil
}

// table says what was done and what came of it, by kind of fault: the jobs that were
// on their way to be accepted while it lasted, and those of them that were lost or doubled.
func (l *load) table(done []injection, a account) string {
	var text strings.Builder
	t := tabwriter.NewWriter(&text, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "fault\ttimes\taccepted meanwhile\tlost\tdoubled\t")
	for _, f := range faults {
		times, accepted, lost, doubled := 0, 0, 0, 0
		touched := map[string]bool{}
		for _, i := range done {
			if i.name != f.name {
				continue
			}
			times++
			for _, r := range l.requests {
				if r.accepted.Before(i.began) || r.sent.After(i.ended) {
					continue
				}
				accepted += len(r.assets)
				for _, id := range r.assets {
					touched[id] = true
				}
			}
		}
		for id := range touched {
			lost += a.lost[id]
			doubled += a.doubled[id]
		}
		fmt.Fprintf(t, "%s\t%d\t%d\t%d\t%d\t\n", f.name, times, accepted, lost, doubled)
	}
	total := func(by map[string]int) (n int) {
		for _, some := range by {
			n += some
		}
		return n
	}
	fmt.Fprintf(t, "all\t%d\t%d\t%d\t%d\t\n", len(done), a.accepted, total(a.lost), total(a.doubled))
	t.Flush()
	return text.String()
}
