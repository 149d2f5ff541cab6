package store_test

import (
	"errors"
	"testing"
	"time"

	"webmon/plugins"
	"webmon/store"
	"webmon/store/storetest"
)

// What the last checks are in short is what the results say, wherever chunks
// end.
func TestRecentIsWhatResultsSay(t *testing.T) {
	t.Parallel()
	c := newClock()
	s := storetest.Open(t, c.use)
	a, never := create(t, s, newAsset("http://a/")), create(t, s, newAsset("http://b/"))
	for i := range 140 {
		storeResults(t, s, c, a, 1, func(int) plugins.Verdict { return plugins.Verdicts[1+i%5] })
		if i%16 != 0 && i != 70 && i != 139 {
			continue
		}
		page, err := s.Results(t.Context(), store.ResultQuery{Asset: a.ID, Limit: 20})
		if err != nil {
			t.Fatal(err)
		}
		found, err := s.Recent(t.Context(), []string{a.ID, never.ID, "nothing"}, 20, "p.n_count")
		if err != nil {
			t.Fatal(err)
		}
		if len(found) != 3 || len(found[1]) != 0 || len(found[2]) != 0 || len(found[0]) != len(page.Results) {
			t.Fatalf("after %d: %d, %d and %d checks, there are %d results", i+1, len(found[0]), len(found[1]), len(found[2]), len(page.Results))
		}
		for j, check := range found[0] {
			r := page.Results[len(page.Results)-1-j]
			if !check.At.Equal(r.At) || check.Verdict != r.Verdict || check.Measured != measured(&r, "p", "n_count") {
				t.Fatalf("after %d: check %d is %+v, the result %+v", i+1, j, check, r)
			}
		}
	}
}

func measured(r *store.Result, plugin, name string) bool {
	for _, report := range r.Reports {
		for _, m := range report.Metrics {
			if report.Plugin == plugin && m.Name == name {
				return true
			}
		}
	}
	return false
}

func TestTimeline(t *testing.T) {
	t.Parallel()
	c := newClock()
	s := storetest.Open(t, c.use)
	a := create(t, s, newAsset("http://a/"))
	c.add(time.Hour - time.Duration(c.now().UnixMilli()%3_600_000)*time.Millisecond) // to the full hour
	begin := c.now()
	// A check a minute: an hour up, one in which the middle is down, one that is
	// not checked, and half of one that is changed and then inconclusive.
	c.add(-time.Minute) // storeResults adds one
	storeResults(t, s, c, a, 60, allUp)
	storeResults(t, s, c, a, 60, func(i int) plugins.Verdict {
		if i >= 20 && i < 35 {
			return plugins.Down
		}
		return plugins.Up
	})
	c.add(time.Hour)
	storeResults(t, s, c, a, 30, func(i int) plugins.Verdict {
		if i < 20 {
			return plugins.Changed
		}
		return plugins.Inconclusive
	})
	line, err := s.Timeline(t.Context(), a.ID, begin.Add(4*time.Hour), time.Hour, 5)
	if err != nil {
		t.Fatal(err)
	}
	if line.Checks != 150 || line.Downtime != 15*time.Minute || line.Availability == nil || *line.Availability != 100*float64(125)/140 {
		t.Errorf("%d checks, down for %v, availability %v", line.Checks, line.Downtime, line.Availability)
	}
	hundred, most := 100.0, 75.0
	for i, want := range []store.Span{
		{Worst: plugins.Unknown}, {Checks: 60, Availability: &hundred, Worst: plugins.Up}, {Checks: 60, Down: 15, Availability: &most, Worst: plugins.Down},
		{Worst: plugins.Unknown}, {Checks: 30, Availability: &hundred, Worst: plugins.Inconclusive},
	} {
		got := line.Spans[i]
		want.From = begin.Add(time.Duration(i-1) * time.Hour)
		if !got.From.Equal(want.From) || got.Checks != want.Checks || got.Down != want.Down || got.Worst != want.Worst ||
			(got.Availability == nil) != (want.Availability == nil) || got.Availability != nil && *got.Availability != *want.Availability {
			t.Errorf("span %d is %+v, want %+v", i, got, want)
		}
	}
	if _, err := s.Timeline(t.Context(), "d0000000000000000000", c.now(), time.Hour, 5); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("of no asset: %v", err)
	}
}

func TestBatchesAreListedNewestFirst(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t)
	var assets []string
	for range 5 {
		assets = append(assets, create(t, s, newAsset("http://a/")).ID)
	}
	var made []string
	for i := range 23 {
		// Some are in one partition and some in many.
		batch, _ := enqueue(t, s, store.Selection{Assets: assets[:1+i%5]})
		made = append(made, batch)
	}
	var listed []string
	for cursor, pages := "", 0; ; pages++ {
		page, err := s.Batches(t.Context(), 10, cursor)
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range page.Batches {
			whole, err := s.Batch(t.Context(), b.ID)
			if err != nil || whole.State != b.State || whole.Counts[store.Queued] != b.Counts[store.Queued] || b.Counts[store.Queued] == 0 {
				t.Errorf("%+v is %+v by itself, %v", b, whole, err)
			}
			listed = append(listed, b.ID)
		}
		if cursor = page.Next; cursor == "" {
			if pages != 2 {
				t.Errorf("%d pages", pages+1)
			}
			break
		}
	}
	if len(listed) != len(made) {
		t.Fatalf("%d batches of %d", len(listed), len(made))
	}
	for i := range listed {
		if listed[i] != made[len(made)-1-i] {
			t.Errorf("batch %d is %s, want %s", i, listed[i], made[len(made)-1-i])
		}
	}
	if _, err := s.Batches(t.Context(), 10, "nonsense"); !errors.Is(err, store.ErrCursor) {
		t.Errorf("a cursor of nobody: %v", err)
	}
}
