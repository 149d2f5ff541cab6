package executor_test

import (
	"context"
	"testing"
	"time"

	"webmon/plugins/builtin"
	"webmon/roles/executor"
	"webmon/roles/executor/fetch"
	"webmon/roles/rolestest"
	"webmon/store"
	"webmon/store/storetest"
)

// Whenever it is stopped, an executor hands back what it has not done: no job keeps
// a lease, and none has failed. Not parallel: it counts the goroutines and files of
// the process.
func TestStartStopStress(t *testing.T) {
	s := storetest.Open(t)
	g := newGate(t)
	close(g.open)
	for range 20 {
		a := &store.Asset{URL: g.URL, Timeout: store.Duration(20 * time.Second), Enabled: true}
		if err := s.CreateAsset(t.Context(), a); err != nil {
			t.Fatal(err)
		}
	}
	rolestest.Stress(t, func() rolestest.Service {
		fetcher, err := fetch.New(fetch.Options{UserAgent: "test"})
		if err != nil {
			t.Fatal(err)
		}
		ids := make(chan string)
		e, err := executor.New(executor.Options{
			Name: "worker", Store: s, IDs: ids, Plugins: builtin.Registry(), Fetcher: fetcher,
			InFlight: 4, PerHost: 2, Lease: time.Minute, StopTimeout: time.Millisecond,
		})
		if err != nil {
			t.Fatal(err)
		}
		return rolestest.Service{
			Run: func(ctx context.Context) error {
				defer g.CloseClientConnections()
				defer fetcher.Close()
				return e.Run(ctx)
			},
			Work: func(ctx context.Context) {
				for ctx.Err() == nil {
					_, _, _ = s.Enqueue(ctx, store.Selection{All: true}, func(jobs []string) { // fails when the stop comes first
						for _, job := range jobs {
							select {
							case ids <- job:
							case <-ctx.Done():
							}
						}
					})
				}
			},
		}
	})
	depths, err := s.QueueDepths(t.Context())
	if err != nil || depths[store.Leased] != 0 {
		t.Errorf("jobs: %v, %v", depths, err)
	}
	for _, state := range []store.JobState{store.Failed, store.Queued} {
		page, err := s.Jobs(t.Context(), store.JobQuery{State: state, Limit: 1000})
		if err != nil {
			t.Fatal(err)
		}
		for _, j := range page.Jobs {
			if state == store.Failed || j.Attempts != 0 {
				t.Errorf("a stop is no attempt: %+v", j)
			}
		}
	}
}
