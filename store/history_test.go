package store_test

import (
	"errors"
	"reflect"
	"testing"
	"time"

	"webmon/plugins"
	"webmon/store"
	"webmon/store/storetest"
)

func read(t *testing.T, s *store.Store, id string) (h *store.History, results []store.Result) {
	t.Helper()
	h, err := s.History(t.Context(), id)
	if err == nil {
		err = h.Each(func(r *store.Result) error { results = append(results, *r); return nil })
	}
	if err != nil {
		t.Fatal(err)
	}
	return h, results
}

func TestHistoryIsInOrder(t *testing.T) {
	t.Parallel()
	c := newClock()
	s := storetest.Open(t, c.use)
	a := create(t, s, newAsset("http://a/"))
	if h, results := read(t, s, a.ID); !h.Whole || len(results) != 0 {
		t.Errorf("before the first check: %d results, whole: %t", len(results), h.Whole)
	}
	stored := storeResults(t, s, c, a, 200, allUp)
	h, results := read(t, s, a.ID)
	if !h.Whole || h.Asset.URL != "http://a/" || !reflect.DeepEqual(results, stored) {
		t.Errorf("whole: %t, %d results of %d", h.Whole, len(results), len(stored))
	}
	seen, stop := 0, errors.New("stop")
	if err := h.Each(func(*store.Result) error { seen++; return stop }); !errors.Is(err, stop) || seen != 1 {
		t.Errorf("error %v after %d results", err, seen)
	}
	if err := s.Damage(t.Context(), a.ID); err != nil {
		t.Fatal(err)
	}
	if _, results := read(t, s, a.ID); len(results) == 0 || len(results) >= len(stored) {
		t.Errorf("%d results are left of a damaged history", len(results))
	}
	if _, err := s.History(t.Context(), "none"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("error %v", err)
	}
}

// Whoever judges anew must know whether the beginning is there.
func TestHistoryThatIsNotWhole(t *testing.T) {
	t.Parallel()
	for name, retention := range map[string]store.Retention{
		"by age": {Age: store.Duration(30 * time.Minute)}, "by count": {Count: 128},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newClock()
			s := storetest.Open(t, c.use)
			a := newAsset("http://a/")
			a.Retention = retention
			create(t, s, a)
			storeResults(t, s, c, a, 20, allUp)
			if h, results := read(t, s, a.ID); !h.Whole || len(results) != 20 {
				t.Errorf("whole: %t, %d results", h.Whole, len(results))
			}
			storeResults(t, s, c, a, 400, allUp)
			h, results := read(t, s, a.ID)
			if h.Whole || len(results) == 0 || len(results) >= 400 {
				t.Errorf("whole: %t, %d results", h.Whole, len(results))
			}
			if retention.Age > 0 && results[0].At.Before(c.now().Add(-30*time.Minute)) {
				t.Errorf("the first result is of %v, and it is %v", results[0].At, c.now())
			}
		})
	}
}

func TestMemory(t *testing.T) {
	t.Parallel()
	c := newClock()
	s := storetest.Open(t, c.use)
	a := create(t, s, newAsset("http://a/"))
	if memory, err := s.Memory(t.Context(), a.ID); err != nil || memory != nil {
		t.Errorf("before the first check: %q, %v", memory, err)
	}
	_, jobs := enqueue(t, s, store.Selection{Assets: []string{a.ID}})
	l, err := s.Lease(t.Context(), jobs[0], "worker", time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	o := outcome(l, c.now(), plugins.Up)
	o.Memory = []byte("remembered")
	if err := s.Finish(t.Context(), l, o); err != nil {
		t.Fatal(err)
	}
	if memory, err := s.Memory(t.Context(), a.ID); err != nil || string(memory) != "remembered" {
		t.Errorf("got %q, %v", memory, err)
	}
}
