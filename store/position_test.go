package store_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"webmon/plugins"
	"webmon/store"
	"webmon/store/storetest"
)

// FuzzPosition proves that whatever a client hands back is read or refused.
func FuzzPosition(f *testing.F) {
	f.Add("AQA" + strings.Repeat("A", 85))
	f.Add("Ad6gwLuiNAAAAAAAAAAAAAAAAAAAAAAAAAAAAAEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
	f.Add("AQ")
	f.Add("!")
	f.Fuzz(func(t *testing.T, text string) {
		at := store.Position(text)
		if err := at.Check(); err != nil {
			if !errors.Is(err, store.ErrPosition) {
				t.Errorf("%q: %v", text, err)
			}
			return
		}
		if again, err := at.Again(); text != "" && (err != nil || again.Check() != nil) {
			t.Errorf("%q comes back as %q, %v", text, again, err)
		}
	})
}

// FuzzIncidentID proves that an id that is read is written in one way only.
func FuzzIncidentID(f *testing.F) {
	f.Add("dc62elpksduf3t1jj4bg!1f")
	f.Add("dc62elpksduf3t1jj4bg!01")
	f.Add("!")
	f.Fuzz(func(t *testing.T, id string) {
		asset, number, ok := store.SplitIncidentID(id)
		if ok && (asset+"!"+number != id || strings.ContainsAny(number, "/|!") || len(asset) != 20) {
			t.Errorf("%q is %q and %q", id, asset, number)
		}
	})
}

// Who comes too late gets what is left of the stream, and goes on from there.
func TestEventsOfLongAgo(t *testing.T) {
	t.Parallel()
	c := newClock()
	s := storetest.Open(t, c.use)
	a := create(t, s, newAsset("http://a/"))
	begin := from(t, s)
	for i := range 20 {
		found(t, s, a.ID, c.now(), []plugins.Verdict{plugins.Degraded, plugins.Up, plugins.Up, plugins.Up}[i%4])
		c.add(time.Minute)
	}
	if got := happened(t, s, begin, store.EventVerdict); len(got) != 10 {
		t.Errorf("%v", got)
	}
	for _, args := range [][]string{{"XTRIM", "events", "MAXLEN", "3"}, {"XADD", "events", "*", "nonsense", "x"}} {
		if err := s.Meddle(t.Context(), a.ID, args[0], args[1], args[2:]...); err != nil {
			t.Fatal(err)
		}
	}
	left, _, err := s.Events(t.Context(), begin)
	if err != nil || len(left) != 3 {
		t.Fatalf("%v, %v", left, err)
	}
	last := left[2]
	for i := range left {
		if at := store.Position(left[1].ID); at.Includes(&left[i]) != (i <= 1) || begin.Includes(&left[i]) {
			t.Errorf("event %d: %t", i, at.Includes(&left[i]))
		}
	}
	if events, _, err := s.Events(t.Context(), store.Position(last.ID)); err != nil || len(events) != 0 {
		t.Errorf("after the last: %v, %v", events, err)
	}
	if _, _, err := s.Events(t.Context(), "nonsense"); !errors.Is(err, store.ErrPosition) {
		t.Errorf("%v", err)
	}
}
