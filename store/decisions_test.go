package store_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"webmon/plugins"
	"webmon/store"
	"webmon/store/storetest"
)

func remembered(t *testing.T, s *store.Store, id string) *store.Remembered {
	t.Helper()
	r, err := s.Remembered(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return &r
}

// leaseOf leases a new job of an asset.
func leaseOf(t *testing.T, s *store.Store, id string) *store.Lease {
	t.Helper()
	_, jobs := enqueue(t, s, store.Selection{Assets: []string{id}})
	l, err := s.Lease(t.Context(), jobs[0], "worker", time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// checked stores a check with a verdict, after which memory is remembered.
func checked(t *testing.T, s *store.Store, id string, at time.Time, v plugins.Verdict, memory string) {
	t.Helper()
	l := leaseOf(t, s, id)
	o := outcome(l, at, v)
	o.Memory = []byte(memory)
	if err := s.Finish(t.Context(), l, o); err != nil {
		t.Fatal(err)
	}
}

func TestDecide(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t)
	ctx := t.Context()
	a := create(t, s, newAsset("http://a/"))
	if got, err := s.Decisions(ctx, a.ID); err != nil || len(got) != 0 {
		t.Errorf("before any: %v, %v", got, err)
	}
	checked(t, s, a.ID, time.Now(), plugins.Up, "one")
	r := remembered(t, s, a.ID)
	if string(r.Memory) != "one" || r.Before != nil || !r.Alarmed.IsZero() {
		t.Fatalf("remembered: %q, before %q, alarmed %v", r.Memory, r.Before, r.Alarmed)
	}
	target := plugins.Target{Plugin: "p", Code: "c", Evidence: "e"}
	first := store.Decision{Action: store.Never, By: "ada", Target: target, Found: []plugins.Target{target}, Restored: []string{"p"}, Note: "seen"}
	if err := s.Decide(ctx, r, []byte("two"), &first); err != nil {
		t.Fatal(err)
	}
	if err := s.Decide(ctx, r, []byte("three"), &store.Decision{Action: store.Reset}); !errors.Is(err, store.ErrMemoryChanged) {
		t.Errorf("made for an old memory: %v", err)
	}
	r = remembered(t, s, a.ID)
	if string(r.Memory) != "two" {
		t.Errorf("remembered: %q", r.Memory)
	}
	for i := range store.MaxDecisions {
		memory := fmt.Sprint(i)
		if err := s.Decide(ctx, r, []byte(memory), &store.Decision{Action: store.Accept, Note: memory}); err != nil {
			t.Fatal(err)
		}
		r.Memory = []byte(memory)
		if i == store.MaxDecisions-2 {
			all, err := s.Decisions(ctx, a.ID)
			if err != nil || len(all) != store.MaxDecisions {
				t.Fatalf("%d decisions, %v", len(all), err)
			}
			oldest := all[len(all)-1]
			if fmt.Sprintf("%+v", oldest) != fmt.Sprintf("%+v", first) || all[0].Note != memory {
				t.Errorf("the oldest is %+v, want %+v; the newest %+v", oldest, first, all[0])
			}
		}
	}
	if all, err := s.Decisions(ctx, a.ID); err != nil || len(all) != store.MaxDecisions || all[len(all)-1].Action != store.Accept {
		t.Errorf("%d decisions are kept, %v", len(all), err)
	}
	if err := s.Decide(ctx, r, nil, &store.Decision{Action: store.Reset}); err != nil {
		t.Error(err)
	}
	if l := leaseOf(t, s, a.ID); len(l.Memory) != 0 {
		t.Errorf("after a reset: %q", l.Memory)
	}
	if err := s.DeleteAsset(ctx, a.ID, 0); err != nil {
		t.Fatal(err)
	}
	if err := s.Decide(ctx, r, nil, &store.Decision{}); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("of a deleted asset: %v", err)
	}
	for _, id := range []string{a.ID, "nosuch"} {
		if _, err := s.Decisions(ctx, id); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("decisions of %s: %v", id, err)
		}
		if _, err := s.Remembered(ctx, id); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("remembered of %s: %v", id, err)
		}
	}
	if keys := s.KeysOf(ctx, a.ID); len(keys) != 0 {
		t.Errorf("of a deleted asset %v is left", keys)
	}
}

// A check that began before a decision does not bring the old memory back: it
// is to be run again.
func TestDecisionDuringCheck(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t)
	ctx := t.Context()
	a := create(t, s, newAsset("http://a/"))
	checked(t, s, a.ID, time.Now(), plugins.Up, "old")
	l := leaseOf(t, s, a.ID)
	if err := s.Decide(ctx, remembered(t, s, a.ID), []byte("decided"), &store.Decision{Action: store.Accept}); err != nil {
		t.Fatal(err)
	}
	late := outcome(l, time.Now(), plugins.Changed)
	late.Memory = []byte("old and more")
	if err := s.Finish(ctx, l, late); !errors.Is(err, store.ErrAssetChanged) {
		t.Fatalf("a late result: %v", err)
	}
	if r := remembered(t, s, a.ID); string(r.Memory) != "decided" || r.Asset.Status.Verdict != plugins.Up {
		t.Errorf("remembered %q, verdict %s", r.Memory, r.Asset.Status.Verdict)
	}
	if err := s.HandBack(ctx, l, 0); err != nil {
		t.Fatal(err)
	}
	again, err := s.Lease(ctx, l.Job, "worker", time.Minute)
	if err != nil || string(again.Memory) != "decided" {
		t.Fatalf("leased again: %+v, %v", again, err)
	}
	if err := s.Finish(ctx, again, outcome(again, time.Now(), plugins.Up)); err != nil {
		t.Error(err)
	}
}

// Whatever the order of checks and decisions, none of the latter is lost.
func TestDecisionsAmongChecks(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t)
	ctx := t.Context()
	a := create(t, s, newAsset("http://a/"))
	const decisions, checkers = 20, 4
	deciding := make(chan struct{})
	var running sync.WaitGroup
	for range checkers {
		running.Go(func() {
			for {
				select {
				case <-deciding:
					return
				default:
				}
				var job string
				if _, _, err := s.Enqueue(ctx, store.Selection{Assets: []string{a.ID}}, func(ids []string) { job = ids[0] }); err != nil {
					t.Error(err)
					return
				}
				l, err := s.Lease(ctx, job, "worker", time.Minute)
				if err != nil {
					t.Error(err)
					return
				}
				o := outcome(l, time.Now(), plugins.Up)
				o.Memory = append(l.Memory, '.')
				if err := s.Finish(ctx, l, o); err != nil && !errors.Is(err, store.ErrAssetChanged) {
					t.Error(err)
					return
				}
			}
		})
	}
	for i := range decisions {
		for {
			r, err := s.Remembered(ctx, a.ID)
			if err != nil {
				t.Fatal(err)
			}
			err = s.Decide(ctx, &r, fmt.Appendf(r.Memory, "<%d>", i), &store.Decision{Action: store.Never})
			if err == nil {
				break
			}
			if !errors.Is(err, store.ErrMemoryChanged) {
				t.Fatal(err)
			}
		}
	}
	close(deciding)
	running.Wait()
	memory := string(remembered(t, s, a.ID).Memory)
	for i := range decisions {
		if !strings.Contains(memory, fmt.Sprintf("<%d>", i)) {
			t.Errorf("decision %d is lost: %s", i, memory)
		}
	}
}

// What was remembered before an alarm is kept until something is reset.
func TestMemoryBeforeAlarm(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t)
	ctx := t.Context()
	a := create(t, s, newAsset("http://a/"))
	began := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	at := func(i int) time.Time { return began.Add(time.Duration(i) * time.Minute) }
	for i, step := range []struct {
		verdict plugins.Verdict
		before  string
		alarmed int // the check that raised the alarm; -1: none
	}{
		{plugins.Changed, "", 0}, // nothing was remembered before the first check
		{plugins.Up, "", 0},
		{plugins.Changed, "1", 2},
		{plugins.Changed, "1", 2},
		{plugins.Down, "1", 2},
		{plugins.Changed, "1", 2}, // being down is no calm
		{plugins.Degraded, "1", 2},
		{plugins.Inconclusive, "6", 7},
	} {
		checked(t, s, a.ID, at(i), step.verdict, fmt.Sprint(i))
		r := remembered(t, s, a.ID)
		if string(r.Before) != step.before || !r.Alarmed.Equal(at(step.alarmed)) {
			t.Errorf("after check %d: before %q, alarmed %v", i, r.Before, r.Alarmed)
		}
	}
	for _, test := range []struct{ action, before string }{{store.Never, "6"}, {store.Accept, "6"}, {store.Reset, ""}} {
		r := remembered(t, s, a.ID)
		if err := s.Decide(ctx, r, []byte("new "+test.action), &store.Decision{Action: test.action}); err != nil {
			t.Fatal(err)
		}
		if r = remembered(t, s, a.ID); string(r.Before) != test.before || r.Alarmed.IsZero() != (test.before == "") {
			t.Errorf("after %s: before %q, alarmed %v", test.action, r.Before, r.Alarmed)
		}
	}
	checked(t, s, a.ID, at(10), plugins.Up, "10")
	checked(t, s, a.ID, at(11), plugins.Changed, "11")
	a.URL = "http://b/"
	if err := s.ReplaceAsset(ctx, a, 0); err != nil {
		t.Fatal(err)
	}
	if r := remembered(t, s, a.ID); r.Before != nil || r.Memory != nil {
		t.Errorf("of another page: %q, before %q", r.Memory, r.Before)
	}
}
