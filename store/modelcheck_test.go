package store_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"webmon/store"
)

type leaseCall = func(ctx context.Context, job, executor string, ttl time.Duration) (*store.Lease, error)

func assetOf(job string) string {
	asset, _, _ := strings.Cut(job, ".")
	return asset
}

func say(err error) string {
	if err != nil {
		return err.Error()
	}
	return ""
}

func same(got, want []string, err error) string {
	slices.Sort(got)
	slices.Sort(want)
	if err != nil || !slices.Equal(got, want) {
		return fmt.Sprintf("%v, not %v: %v", got, want, err)
	}
	return ""
}

// end is every way into a state that is the last.
func (m *model) end(job string, state store.JobState) {
	j := m.jobs[job]
	j.state = state
	a := m.assets[j.asset]
	if a.pending == job {
		a.pending = ""
	}
	if state == store.Failed {
		a.failed++
	}
}

// requeue is the way from leased back to queued; it tells whether the job went it.
func (m *model) requeue(job string, after time.Duration) bool {
	j := m.jobs[job]
	if b := m.batches[j.batch]; b != nil && b.cancelled {
		m.end(job, store.Cancelled)
		return false
	}
	j.state, j.until = store.Queued, m.clock.now().Add(after)
	return true
}

// invariants compares Redis with the model: after each step how many jobs there are
// in which state, and that no entry contradicts another; now and then everything.
func (m *model) invariants(all bool) string {
	ctx := m.t.Context()
	for over := false; !over; {
		jobs, mended, last, err := m.rescue.Step(ctx)
		if err != nil || mended != 0 || len(jobs) != 0 {
			return fmt.Sprintf("entries contradict each other: %d mended, %v pushed, %v", mended, jobs, err)
		}
		over = last
	}
	depths, err := m.s.QueueDepths(ctx)
	if err != nil {
		return err.Error()
	}
	count := map[string]map[store.JobState]int{} // batch → states
	total := map[store.JobState]int{}
	for _, j := range m.jobs {
		if count[j.batch] == nil {
			count[j.batch] = map[store.JobState]int{}
		}
		count[j.batch][j.state]++
		total[j.state]++
	}
	if depths[store.Queued] != total[store.Queued] || depths[store.Leased] != total[store.Leased] {
		return fmt.Sprintf("depths %v, and the model %v", depths, total)
	}
	if !all {
		return ""
	}
	for id := range m.batches {
		b, err := m.s.Batch(ctx, id)
		if err != nil {
			return err.Error()
		}
		for _, state := range store.JobStates {
			if b.Counts[state] != count[id][state] {
				return fmt.Sprintf("batch %s: %v, not %v", id, b.Counts, count[id])
			}
		}
	}
	for id, j := range m.jobs {
		got, err := m.s.Job(ctx, id)
		if errors.Is(err, store.ErrNotFound) && j.state == store.Done && m.assets[j.asset].deleted {
			continue // its result went with the asset
		}
		if err != nil || got.State != j.state || j.state != store.Done && got.Attempts != j.attempts {
			return fmt.Sprintf("job %s: %+v, not %+v: %v", id, got, *j, err)
		}
	}
	for id, a := range m.assets {
		if wrong := m.incidents(id, a); wrong != "" {
			return wrong
		}
		if a.deleted {
			continue
		}
		got, err := m.s.Asset(ctx, id)
		if err != nil || got.Status.Skipped != a.skipped || got.Status.Failed != a.failed || !got.Status.Next.Equal(a.due) ||
			(got.Status.Incident != "") != a.watch.open {
			return fmt.Sprintf("asset %s: %+v, not %+v: %v", id, got.Status, *a, err)
		}
		page, err := m.s.Results(ctx, store.ResultQuery{Asset: id, Limit: 1000})
		if err != nil || len(page.Results) != a.results {
			return fmt.Sprintf("asset %s: %d results, not %d: %v", id, len(page.Results), a.results, err)
		}
	}
	return ""
}
