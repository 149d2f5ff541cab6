package store_test

import (
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
)

// once lets a job fail at its first lost lease.
func once(o *store.Options) { o.MaxAttempts = 1 }

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
	var bad []*store.Asset
	for i, steps := range []string{"down", "degraded degraded", "down down ack up up", "down down close", "down down up up down down up"} {
		a := create(t, s, newAsset(fmt.Sprintf("http://bad/%d", i), "bad"))
		bad = append(bad, a)
		for step := range strings.FieldsSeq(steps) {
			liveThrough(t, s, c, a, step)
		}
	}
	l := leaseOf(t, s, never.ID)
	c.add(2 * time.Minute)
	if _, _, err := s.ExpireLeases(ctx, store.AllParts); err != nil { // its only attempt
		t.Fatal(err)
	}
	if a, err := s.Asset(ctx, l.Asset.ID); err != nil || a.Status.Failed != 1 {
		t.Fatalf("%+v, %v", a.Status, err)
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
	return append(append(all, plain, disabled, demand, never), bad...)
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
	if err := from.IncidentCopies(ctx, func(c *store.IncidentCopy) error { return r.Incident(ctx, c) }); err != nil {
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
	left := regexp.MustCompile(`:(jobs|queued|leased|pending|ended|done|batches|meta|events|notices)$|^:\{members\}`)
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

func keysOf(dump map[string]any) []string {
	var keys []string
	for key := range dump {
		keys = append(keys, key)
	}
	return keys
}
