package store_test

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"testing"
	"time"

	"webmon/plugins"
	"webmon/store"
	"webmon/store/storetest"
)

// storeResults stores n results, a minute apart, ending at the clock's now.
// The metric "p.n_count" of result i is i.
func storeResults(t *testing.T, s *store.Store, c *clock, a *store.Asset, n int, verdict func(i int) plugins.Verdict) []store.Result {
	t.Helper()
	var all []store.Result
	for i := range n {
		c.add(time.Minute)
		_, jobs := enqueue(t, s, store.Selection{Assets: []string{a.ID}})
		l, err := s.Lease(t.Context(), jobs[0], "worker", time.Minute)
		if err != nil {
			t.Fatal(err)
		}
		r := store.Result{Job: l.Job, At: c.now(), Verdict: verdict(i), Reports: []plugins.Report{{
			Plugin: "p", Metrics: []plugins.Metric{{Name: "n_count", Value: float64(i)}, {Name: "same_seconds", Value: 0.125}},
		}}}
		if err := s.Finish(t.Context(), l, store.Outcome{Result: r}); err != nil {
			t.Fatal(err)
		}
		all = append(all, r)
	}
	return all
}

func allUp(int) plugins.Verdict { return plugins.Up }

func TestResultsPageNewestFirst(t *testing.T) {
	t.Parallel()
	c := newClock()
	s := storetest.Open(t, c.use)
	a := create(t, s, newAsset("http://a/"))
	stored := storeResults(t, s, c, a, 400, allUp)
	for _, limit := range []int{1, 63, 64, 65, 400, 1000} {
		var got []store.Result
		q := store.ResultQuery{Asset: a.ID, Limit: limit}
		for {
			page, err := s.Results(t.Context(), q)
			if err != nil {
				t.Fatal(err)
			}
			if len(page.Results) > limit {
				t.Fatalf("%d results in a page of %d", len(page.Results), limit)
			}
			got = append(got, page.Results...)
			if page.Next == "" {
				break
			}
			q.Cursor = page.Next
		}
		if len(got) != len(stored) {
			t.Fatalf("pages of %d: %d results", limit, len(got))
		}
		for i, r := range got {
			if want := stored[len(stored)-1-i]; !reflect.DeepEqual(r, want) {
				t.Fatalf("pages of %d: result %d is %+v, not %+v", limit, i, r, want)
			}
		}
	}
	from, to := stored[100].At, stored[200].At
	page, err := s.Results(t.Context(), store.ResultQuery{Asset: a.ID, From: from, To: to, Limit: 1000})
	if err != nil || len(page.Results) != 100 || !page.Results[99].At.Equal(from) || !page.Results[0].At.Equal(stored[199].At) {
		t.Errorf("time range: %d results, %v", len(page.Results), err)
	}
	if _, err := s.Results(t.Context(), store.ResultQuery{Asset: a.ID, Limit: 1, Cursor: "nonsense"}); !errors.Is(err, store.ErrCursor) {
		t.Errorf("a wrong cursor: %v", err)
	}
	if _, err := s.Results(t.Context(), store.ResultQuery{Asset: "nope", Limit: 1}); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("an unknown asset: %v", err)
	}
	for _, i := range []int{0, 63, 64, 399} {
		if j, err := s.Job(t.Context(), stored[i].Job); err != nil || j.State != store.Done || !j.Ended.Equal(stored[i].At) {
			t.Errorf("job of result %d: %+v, %v", i, j, err)
		}
	}
}

func TestRetention(t *testing.T) {
	t.Parallel()
	c := newClock()
	s := storetest.Open(t, c.use)
	byCount := newAsset("http://a/")
	byCount.Retention = store.Retention{Count: 100}
	byAge := newAsset("http://b/")
	byAge.Retention = store.Retention{Age: store.Duration(90 * time.Minute)}
	create(t, s, byCount)
	create(t, s, byAge)
	storeResults(t, s, c, byCount, 300, allUp)
	storeResults(t, s, c, byAge, 300, allUp)
	for _, test := range []struct {
		asset *store.Asset
		want  int
	}{{byCount, 100}, {byAge, 91}} { // the one exactly 90 minutes old still counts
		page, err := s.Results(t.Context(), store.ResultQuery{Asset: test.asset.ID, Limit: 1000})
		if err != nil || len(page.Results) != test.want {
			t.Errorf("%s: %d results shown, not %d: %v", test.asset.URL, len(page.Results), test.want, err)
		}
		// What is no longer shown is freed too, a chunk at a time.
		if n := s.StoredChunks(t.Context(), test.asset.ID); n < 1 || n > test.want/64+2 {
			t.Errorf("%s: %d chunks in Redis", test.asset.URL, n)
		}
	}
}

func TestStats(t *testing.T) {
	t.Parallel()
	c := newClock()
	s := storetest.Open(t, c.use)
	a := create(t, s, newAsset("http://a/"))
	// Down from the 21st to the 30th of 100 checks, inconclusive for the next 10.
	storeResults(t, s, c, a, 100, func(i int) plugins.Verdict {
		switch {
		case i >= 20 && i < 30:
			return plugins.Down
		case i >= 30 && i < 40:
			return plugins.Inconclusive
		}
		return plugins.Degraded
	})
	st, err := s.Stats(t.Context(), a.ID, 24*time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	if st.Checks != 100 || st.Availability == nil || math.Abs(*st.Availability-100*80.0/90) > 1e-9 {
		t.Errorf("%d checks, availability %v", st.Checks, *st.Availability)
	}
	// From the first check that was down to the first that was up again.
	if st.Downtime != 20*time.Minute {
		t.Errorf("downtime %v", st.Downtime)
	}
	m := st.Metrics["p.n_count"]
	// The numbers 0 to 99: mean 49.5, sample variance n(n+1)/12 = 841.666…
	sigma := math.Sqrt(100 * 101 / 12.0)
	near := func(name string, got, want float64) {
		t.Helper()
		if math.Abs(got-want) > 1e-9 {
			t.Errorf("%s is %v, not %v", name, got, want)
		}
	}
	near("n", float64(m.N), 100)
	near("mean", m.Mean, 49.5)
	near("stddev", *m.StdDev, sigma)
	near("min", m.Min, 0)
	near("max", m.Max, 99)
	near("last", m.Last, 99)
	near("zscore", *m.ZScore, 49.5/sigma)
	near("median", m.Median, 49.5)
	near("p95", m.P95, 0.95*99)
	near("p99", m.P99, 0.99*99)
	same := st.Metrics["p.same_seconds"]
	if same.ZScore != nil || same.StdDev == nil || *same.StdDev != 0 {
		t.Errorf("a value that never changes: %+v", same)
	}

	// A window that holds the last ten only.
	if st, err = s.Stats(t.Context(), a.ID, 10*time.Minute-time.Second); err != nil || st.Checks != 10 || st.Metrics["p.n_count"].Min != 90 {
		t.Errorf("ten minutes: %+v, %v", st, err)
	}
	// A window that holds none.
	c.add(time.Hour)
	if st, err = s.Stats(t.Context(), a.ID, time.Minute); err != nil || st.Checks != 0 || st.Availability != nil || len(st.Metrics) != 0 {
		t.Errorf("an empty window: %+v, %v", st, err)
	}
	// Down at the end: the downtime runs on.
	storeResults(t, s, c, a, 1, func(int) plugins.Verdict { return plugins.Down })
	c.add(7 * time.Minute)
	if st, err = s.Stats(t.Context(), a.ID, 30*time.Minute); err != nil || st.Downtime != 7*time.Minute {
		t.Errorf("down until now: %v, %v", st.Downtime, err)
	}
}

func TestSummary(t *testing.T) {
	t.Parallel()
	c := newClock()
	s := storetest.Open(t, c.use)
	var assets []*store.Asset
	for i := range 30 {
		assets = append(assets, create(t, s, newAsset(fmt.Sprintf("http://%d/", i))))
	}
	verdicts := []plugins.Verdict{plugins.Up, plugins.Down, plugins.Changed}
	for round := range 2 {
		for i, a := range assets[:20] {
			_, jobs := enqueue(t, s, store.Selection{Assets: []string{a.ID}})
			l, err := s.Lease(t.Context(), jobs[0], "worker", time.Minute)
			if err != nil {
				t.Fatal(err)
			}
			o := outcome(l, c.now(), verdicts[i%3])
			o.Seconds, o.Result.Changed = float64(i), i < 3 && round < i
			if err := s.Finish(t.Context(), l, o); err != nil {
				t.Fatal(err)
			}
		}
		c.add(30 * time.Second)
	}
	sum, err := s.Summary(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if sum.Assets != 30 || sum.Verdicts[plugins.Unknown] != 10 || sum.Verdicts[plugins.Up] != 7 || sum.Verdicts[plugins.Down] != 7 || sum.Verdicts[plugins.Changed] != 6 {
		t.Errorf("verdicts: %+v", sum.Verdicts)
	}
	if len(sum.Slowest) != 10 || sum.Slowest[0].URL != "http://19/" || sum.Slowest[0].Seconds != 19 || sum.Slowest[9].Seconds != 10 {
		t.Errorf("slowest: %+v", sum.Slowest)
	}
	if len(sum.MostChanged) != 2 || sum.MostChanged[0].URL != "http://2/" || sum.MostChanged[0].Changes != 2 {
		t.Errorf("most changed: %+v", sum.MostChanged)
	}
	if sum.Checks != 40 || sum.ChecksPerMinute < 20 || sum.ChecksPerMinute > 40 {
		t.Errorf("%d checks, %v a minute", sum.Checks, sum.ChecksPerMinute)
	}
	c.add(10 * time.Minute)
	if sum, err = s.Summary(t.Context()); err != nil || sum.ChecksPerMinute != 0 {
		t.Errorf("ten minutes later: %v checks a minute, %v", sum.ChecksPerMinute, err)
	}
}

// What is damaged is left out; the rest can still be read, and added to.
func TestDamagedResultsAreLeftOut(t *testing.T) {
	t.Parallel()
	c := newClock()
	s := storetest.Open(t, c.use)
	a := create(t, s, newAsset("http://a/"))
	storeResults(t, s, c, a, 150, allUp)
	if err := s.Damage(t.Context(), a.ID); err != nil {
		t.Fatal(err)
	}
	storeResults(t, s, c, a, 10, allUp)
	page, err := s.Results(t.Context(), store.ResultQuery{Asset: a.ID, Limit: 1000})
	// One of two sealed chunks of 64 and the open one with 22 are gone.
	if err != nil || len(page.Results) != 64+10 {
		t.Errorf("%d results, %v", len(page.Results), err)
	}
	if st, err := s.Stats(t.Context(), a.ID, 24*time.Hour); err != nil || st.Checks != 64+10 {
		t.Errorf("%d checks, %v", st.Checks, err)
	}
}
