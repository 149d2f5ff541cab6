package store_test

import (
	"fmt"
	"testing"
	"time"

	"webmon/store"
	"webmon/store/storetest"
)

func TestOldestQueued(t *testing.T) {
	t.Parallel()
	c := newClock()
	s := storetest.Open(t, c.use)
	ctx := t.Context()
	oldest := func(want time.Duration) {
		t.Helper()
		if got, err := s.OldestQueued(ctx); err != nil || got != want {
			t.Errorf("the oldest has waited %s, want %s, %v", got, want, err)
		}
	}
	oldest(0)
	create(t, s, newAsset("http://a/"))
	_, first := enqueue(t, s, store.Selection{All: true})
	c.add(40 * time.Second)
	if _, _, err := s.Redeliver(ctx, store.AllParts); err != nil { // its place in the queue is another now
		t.Fatal(err)
	}
	for i := range 10 {
		create(t, s, newAsset(fmt.Sprintf("http://b/%d", i)))
	}
	enqueue(t, s, store.Selection{All: true})
	c.add(20 * time.Second)
	oldest(time.Minute)
	if _, err := s.Lease(ctx, first[0], "one", time.Minute); err != nil {
		t.Fatal(err)
	}
	oldest(20 * time.Second)
}
