package store_test

import (
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/redis/rueidis"

	"webmon/plugins"
	"webmon/store"
	"webmon/store/storetest"
)

// lived makes a store in which something of everything has happened.
func lived(t *testing.T, s *store.Store, c *clock) []*store.Asset {
	t.Helper()
	ctx := t.Context()
	plain := create(t, s, newAsset("http://plain/", "x", "y"))
	disabled := newAsset("http://disabled/", "x")
	disabled.Enabled = false
	create(t, s, disabled)
	demand := newAsset("http://demand/")
	demand.Interval, demand.Request.BearerToken = 0, "secret"
	create(t, s, demand)
	never := create(t, s, newAsset("http://never/", "y"))
	var all []*store.Asset
	for i := range 20 {
		all = append(all, create(t, s, newAsset(fmt.Sprintf("http://more/%d", i))))
	}
	storeResults(t, s, c, plain, 150, func(i int) plugins.Verdict { return plugins.Verdicts[1+i/60] })
	checked(t, s, demand.ID, c.now(), plugins.Up, "calm\x00\xff")
	checked(t, s, demand.ID, c.now().Add(time.Second), plugins.Changed, "alarmed")
	for _, action := range []string{store.Accept, store.Never} {
		if err := s.Decide(ctx, remembered(t, s, demand.ID), []byte(action), &store.Decision{Action: action, By: "ada"}); err != nil {
			t.Fatal(err)
		}
	}
	plain.Name, plain.Tags = "renamed", []string{"z"}
	if err := s.ReplaceAsset(ctx, plain, 0); err != nil {
		t.Fatal(err)
	}
	for i, a := range all {
		l := leaseOf(t, s, a.ID)
		o := outcome(l, c.now(), plugins.Up)
		o.Seconds, o.Result.Changed = float64(i)/7, i%3 == 0
		if err := s.Finish(ctx, l, o); err != nil {
			t.Fatal(err)
		}
	}
	c.add(24 * time.Hour)
	checkedChanged(t, s, c, all[0].ID)
	if _, _, err := s.ClaimDue(ctx, store.AllParts); err != nil {
		t.Fatal(err)
	}
	c.add(2 * time.Minute)
	if _, _, err := s.ClaimDue(ctx, store.AllParts); err != nil { // all are pending, and skipped
		t.Fatal(err)
	}
	return append(all, plain, disabled, demand, never)
}

func checkedChanged(t *testing.T, s *store.Store, c *clock, id string) {
	t.Helper()
	l := leaseOf(t, s, id)
	o := outcome(l, c.now(), plugins.Changed)
	o.Result.Changed = true
	if err := s.Finish(t.Context(), l, o); err != nil {
		t.Fatal(err)
	}
}

// copyAll copies what a store holds into another.
func copyAll(t *testing.T, from, to *store.Store, o store.RestoreOptions) {
	t.Helper()
	ctx := t.Context()
	r, err := to.BeginRestore(ctx, o)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if err := from.Copies(ctx, func(c *store.AssetCopy) error { return r.Asset(ctx, c) }); err != nil {
		t.Fatal(err)
	}
	n, err := from.Counters(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Finish(ctx, n); err != nil {
		t.Fatal(err)
	}
}

// portable is what a store holds, but for what a backup leaves out.
func portable(t *testing.T, s *store.Store) map[string]any {
	t.Helper()
	dump, err := s.Dump(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	left := regexp.MustCompile(`:(jobs|queued|leased|pending|ended|done|batches|meta)$|^:\{members\}`)
	for key, value := range dump {
		if left.MatchString(key) {
			delete(dump, key)
		}
		if strings.HasSuffix(key, ":index") {
			kept := slices.DeleteFunc(value.([]rueidis.ZScore), func(m rueidis.ZScore) bool { return m.Member[0] == 'j' || m.Member[0] == 'b' })
			if dump[key] = kept; len(kept) == 0 {
				delete(dump, key)
			}
		}
	}
	return dump
}

func sameDump(t *testing.T, what string, want, got map[string]any) {
	t.Helper()
	for key := range want {
		if !reflect.DeepEqual(want[key], got[key]) {
			t.Errorf("%s: %s is %v, want %v", what, key, got[key], want[key])
		}
	}
	for key := range got {
		if _, known := want[key]; !known {
			t.Errorf("%s: there is %s: %v", what, key, got[key])
		}
	}
}

// Whatever a store holds, but for jobs and processes, is there again: key by
// key, so that a new kind of key that a backup leaves out does not pass.
func TestRestoreEverything(t *testing.T) {
	t.Parallel()
	c := newClock()
	from, to := storetest.Open(t, c.use), storetest.Open(t, c.use)
	lived(t, from, c)
	want := portable(t, from)
	for _, kind := range []string{":a:", ":m:", ":b:", ":d:", ":o:", ":r:", ":index", ":due", ":plan", ":skips", ":slow", ":changed:"} {
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

func keysOf(dump map[string]any) []string {
	var keys []string
	for key := range dump {
		keys = append(keys, key)
	}
	return keys
}

// A restored store works on: no number of a job comes again, and what the
// schedule made is checked.
func TestRestoredStoreGoesOn(t *testing.T) {
	t.Parallel()
	c := newClock()
	from, to := storetest.Open(t, c.use), storetest.Open(t, c.use)
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
	if err != nil || len(jobs) != 22 { // but for the disabled one and the one on demand
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
	from, to, neighbour := storetest.Open(t, c.use), storetest.Open(t, c.use), storetest.Open(t, c.use)
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
