package store_test

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"webmon/plugins"
	"webmon/store"
	"webmon/store/storetest"
)

// Whatever a store holds, but for jobs and processes, is there again: key by
// key, so that a new kind of key that a backup leaves out does not pass.
func TestRestoreEverything(t *testing.T) {
	t.Parallel()
	c := newClock()
	from, to := storetest.Open(t, c.use, once), storetest.Open(t, c.use)
	lived(t, from, c)
	want := portable(t, from)
	for _, kind := range []string{":a:", ":m:", ":b:", ":d:", ":o:", ":r:", ":index", ":due", ":plan", ":skips", ":slow", ":changed:", ":incidents", ":warning", ":critical", ":closed"} {
		if !slices.ContainsFunc(keysOf(want), func(key string) bool { return strings.Contains(key, kind) }) {
			t.Errorf("the test has no key %s", kind)
		}
	}
	copyAll(t, from, to, store.RestoreOptions{Name: "test"})
	sameDump(t, "restored", want, portable(t, to))
	sameDump(t, "the copied one", want, portable(t, from))

	before, err := from.Counters(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if after, err := to.Counters(t.Context()); err != nil || before != after || before.Checks == 0 || before.Skipped == 0 {
		t.Errorf("counters %+v, want %+v; %v", after, before, err)
	}
	// What was there is gone, when that was asked for.
	create(t, from, newAsset("http://other/"))
	copyAll(t, to, from, store.RestoreOptions{Name: "test", Replace: true})
	sameDump(t, "replaced", want, portable(t, from))
}

// A restored store works on: no number of a job comes again, and what the
// schedule made is checked.
func TestRestoredStoreGoesOn(t *testing.T) {
	t.Parallel()
	c := newClock()
	from, to := storetest.Open(t, c.use, once), storetest.Open(t, c.use)
	assets := lived(t, from, c)
	copyAll(t, from, to, store.RestoreOptions{Name: "test"})
	old := map[string]bool{}
	for _, a := range assets {
		for _, r := range results(t, to, a.ID) {
			old[r.Job] = true
		}
	}
	c.add(time.Minute)
	jobs, _, err := to.ClaimDue(t.Context(), store.AllParts)
	if err != nil || len(jobs) != 27 { // but for the disabled one and the one on demand
		t.Fatalf("%d jobs, %v", len(jobs), err)
	}
	for _, job := range jobs {
		if old[job] {
			t.Errorf("job %s comes again", job)
		}
		l, err := to.Lease(t.Context(), job, "worker", time.Minute)
		if err != nil {
			t.Fatal(err)
		}
		before := results(t, to, l.Asset.ID)
		if err := to.Finish(t.Context(), l, outcome(l, c.now(), plugins.Up)); err != nil {
			t.Fatal(err)
		}
		if after := results(t, to, l.Asset.ID); !reflect.DeepEqual(after, append(after[:1:1], before...)) {
			t.Errorf("asset %s has %d results after %d", l.Asset.ID, len(after), len(before))
		}
	}
	// Incidents go on where they were: one check of each was good.
	bad := assets[len(assets)-5:]
	for i, want := range []struct{ steps, incident string }{
		{"down", "down critical 2 bad, 0 flaps, open: it is down"},
		{"up", "degraded warning 2 bad, 0 flaps, recovered: it is degraded"},
		{"down down", "down critical 2 bad, 0 flaps, open: it is down"}, // a day later it is no relapse
		{"down down", "down critical 2 bad, 0 flaps, open: it is down"},
		{"up up", "down critical 4 bad, 1 flaps, recovered: it is down"},
	} {
		for step := range strings.FieldsSeq(want.steps) {
			liveThrough(t, to, c, bad[i], step)
		}
		if got := incidents(t, to, store.IncidentQuery{Asset: bad[i].ID}); len(got) == 0 || short(&got[0]) != want.incident {
			t.Errorf("%d: %+v, want %s", i, got, want.incident)
		}
	}
}

func results(t *testing.T, s *store.Store, id string) []store.Result {
	t.Helper()
	page, err := s.Results(t.Context(), store.ResultQuery{Asset: id, Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	return page.Results
}

func TestRestoreRefused(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	s := storetest.Open(t)
	a := create(t, s, newAsset("http://a/"))
	if _, err := s.BeginRestore(ctx, store.RestoreOptions{Name: "test"}); !errors.Is(err, store.ErrHoldsAssets) {
		t.Errorf("into a store with assets: %v", err)
	}
	me := store.Member{Role: "executor", Name: "worker"}
	if err := s.Beat(ctx, me); err != nil {
		t.Fatal(err)
	}
	if _, err := s.BeginRestore(ctx, store.RestoreOptions{Name: "test", Replace: true}); !errors.Is(err, store.ErrInUse) || !strings.Contains(err.Error(), "executor worker") {
		t.Errorf("while an executor lives: %v", err)
	}
	if _, err := s.Asset(ctx, a.ID); err != nil {
		t.Errorf("after refusals: %v", err)
	}
	if err := s.CheckWhole(ctx); err != nil {
		t.Errorf("after refusals: %v", err)
	}
	members, err := s.Members(ctx)
	if err != nil || len(members) != 1 {
		t.Errorf("after refusals: %+v, %v", members, err)
	}
	r, err := s.BeginRestore(ctx, store.RestoreOptions{Name: "test", Replace: true, Alone: true})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Leave(ctx, me); err != nil {
		t.Fatal(err)
	}
	if _, err := s.BeginRestore(ctx, store.RestoreOptions{Name: "another", Replace: true}); !errors.Is(err, store.ErrInUse) {
		t.Errorf("two at once: %v", err)
	}
	r.Close()
}

// A restore that was interrupted is known as such until it was run again.
func TestRestoreInterrupted(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	c := newClock()
	from, to, neighbour := storetest.Open(t, c.use, once), storetest.Open(t, c.use), storetest.Open(t, c.use)
	lived(t, from, c)
	create(t, neighbour, newAsset("http://neighbour/"))
	want, next := portable(t, from), portable(t, neighbour)

	r, err := to.BeginRestore(ctx, store.RestoreOptions{Name: "test"})
	if err != nil {
		t.Fatal(err)
	}
	stop := errors.New("stop")
	err = from.Copies(ctx, func(c *store.AssetCopy) error {
		if err := r.Asset(ctx, c); err != nil {
			return err
		}
		if err := r.Flush(ctx); err != nil {
			return err
		}
		return stop
	})
	if !errors.Is(err, stop) {
		t.Fatal(err)
	}
	r.Close()
	for _, check := range []func() error{func() error { return to.CheckWhole(ctx) }, func() error { return to.Ready(ctx) }} {
		if err := check(); !errors.Is(err, store.ErrHalfRestored) {
			t.Errorf("after an interruption: %v", err)
		}
	}
	copyAll(t, from, to, store.RestoreOptions{Name: "test"})
	if err := to.Ready(ctx); err != nil {
		t.Error(err)
	}
	sameDump(t, "at the second time", want, portable(t, to))
	sameDump(t, "the neighbour", next, portable(t, neighbour))
}
