package store_test

import (
	"testing"
	"time"

	"webmon/store"
	"webmon/store/storetest"
)

func TestMembers(t *testing.T) {
	t.Parallel()
	c := newClock()
	s := storetest.Open(t, c.use)
	ctx := t.Context()
	want := func(names ...string) {
		t.Helper()
		members, err := s.Members(ctx)
		if err != nil || len(members) != len(names) {
			t.Fatalf("%d members, not %d: %v", len(members), len(names), err)
		}
		for i, name := range names {
			if members[i].Name != name {
				t.Errorf("member %d is %s, not %s", i, members[i].Name, name)
			}
		}
	}
	want()
	old := store.Member{Role: "executor", Name: "old", Counters: map[string]float64{"checks_total": 7}}
	if err := s.Beat(ctx, old); err != nil {
		t.Fatal(err)
	}
	c.add(2 * store.BeatEvery)
	for _, m := range []store.Member{{Role: "executor", Name: "new"}, {Role: "api", Name: "first"}} {
		if err := s.Beat(ctx, m); err != nil {
			t.Fatal(err)
		}
	}
	want("first", "new", "old")
	members, err := s.Members(ctx)
	if err != nil || members[2].Counters["checks_total"] != 7 || !members[0].Seen.Equal(c.now()) {
		t.Errorf("%+v, %v", members, err)
	}
	c.add(store.BeatEvery + time.Second)
	want("first", "new") // the old one has been silent for more than three beats
	if err := s.Leave(ctx, store.Member{Role: "api", Name: "first"}); err != nil {
		t.Fatal(err)
	}
	want("new")
}
