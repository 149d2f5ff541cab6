package store_test

import (
	"errors"
	"math"
	"reflect"
	"slices"
	"testing"
	"time"

	"webmon/plugins"
	"webmon/store"
	"webmon/store/storetest"
)

// What a series says is what the results say, over several chunks.
func TestMetricSeriesIsWhatResultsSay(t *testing.T) {
	t.Parallel()
	c := newClock()
	s := storetest.Open(t, c.use)
	a := create(t, s, newAsset("http://a/"))
	for i := range 200 {
		c.add(time.Minute)
		_, jobs := enqueue(t, s, store.Selection{Assets: []string{a.ID}})
		l, err := s.Lease(t.Context(), jobs[0], "worker", time.Minute)
		if err != nil {
			t.Fatal(err)
		}
		r := store.Result{Job: l.Job, At: c.now(), Verdict: plugins.Up}
		q := plugins.Report{Plugin: "q", Metrics: []plugins.Metric{{Name: "n_count", Value: -1}}}
		p := plugins.Report{Plugin: "p", Metrics: []plugins.Metric{{Name: "other_count", Value: 7}}}
		if i%3 != 0 {
			p.Metrics = append(p.Metrics, plugins.Metric{Name: "n_count", Value: float64(i)})
		}
		if i%10 > 6 { // the same for three checks
			p.Findings = []plugins.Finding{
				{Severity: plugins.Info, Code: "other", Metric: "other_count"},
				{Severity: plugins.Critical, Code: "many", Metric: "n_count", Expected: plugins.Number(float64(i / 10)), StdDev: 2, Verdict: plugins.Down},
			}
			q.Findings = p.Findings // of another plugin's metric
			r.Verdict = plugins.Down
		}
		if i%7 != 0 { // reported nothing
			r.Reports = append(r.Reports, p)
		}
		r.Reports = append(r.Reports, q)
		if err := s.Finish(t.Context(), l, store.Outcome{Result: r}); err != nil {
			t.Fatal(err)
		}
	}
	_, results := read(t, s, a.ID)
	var want []store.MetricPoint
	for _, r := range results {
		point := store.MetricPoint{At: r.At, Verdict: r.Verdict}
		for _, report := range r.Reports {
			if report.Plugin != "p" {
				continue
			}
			for _, m := range report.Metrics {
				if m.Name == "n_count" {
					point.Measured, point.Value = true, m.Value
				}
			}
			for _, f := range report.Findings {
				if f.Metric == "n_count" {
					point.Findings = append(point.Findings, f)
				}
			}
		}
		want = append(want, point)
	}
	got, err := s.MetricSeries(t.Context(), a.ID, "p.n_count", time.Time{})
	if err != nil || got.Asset.ID != a.ID || len(want) != 200 || !reflect.DeepEqual(got.Points, want) {
		t.Errorf("%d points of %d, %v", len(got.Points), len(want), err)
	}
	if names := []string{"p.n_count", "p.other_count", "q.n_count"}; !slices.Equal(got.Metrics, names) {
		t.Errorf("metrics %v", got.Metrics)
	}
	if got.Availability == nil || math.Abs(*got.Availability-70) > 1e-9 {
		t.Errorf("availability %v", got.Availability)
	}
	late, err := s.MetricSeries(t.Context(), a.ID, "p.n_count", c.now().Add(-9*time.Minute))
	if err != nil || !reflect.DeepEqual(late.Points, want[190:]) {
		t.Errorf("the last ten: %+v, %v", late.Points, err)
	}
	for _, name := range []string{"", "p", "p.", "none.n_count"} {
		got, err := s.MetricSeries(t.Context(), a.ID, name, time.Time{})
		if err != nil || len(got.Points) != 200 || slices.ContainsFunc(got.Points, func(p store.MetricPoint) bool { return p.Measured || p.Findings != nil }) {
			t.Errorf("%q: %d points, %v", name, len(got.Points), err)
		}
	}
	if err := s.Damage(t.Context(), a.ID); err != nil {
		t.Fatal(err)
	}
	if left, err := s.MetricSeries(t.Context(), a.ID, "p.n_count", time.Time{}); err != nil || len(left.Points) == 0 || len(left.Points) >= 200 {
		t.Errorf("%d points are left of a damaged history, %v", len(left.Points), err)
	}
	if _, err := s.MetricSeries(t.Context(), "none", "p.n_count", time.Time{}); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("error %v", err)
	}
}
