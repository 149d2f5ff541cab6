package api_test

import (
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"webmon/plugins"
	"webmon/plugins/builtin"
	"webmon/roles/api"
	"webmon/store"
)

// BenchmarkImages measures whole requests of an asset with 10,000 results of
// 100 metrics each, every hundredth with a finding, and tells the 99th percentile.
func BenchmarkImages(b *testing.B) {
	h := start(b, func(o *api.Options) { o.Plugins = builtin.Registry() })
	id := h.create(`{"url":"http://a/","name":"Bakery"}`)
	const n = 10_000
	at := time.Now().UTC().Add(-n * time.Minute)
	for i := range n {
		page := plugins.Report{Plugin: "htmlstats"}
		for m := range 100 {
			page.Metrics = append(page.Metrics, plugins.Metric{Name: fmt.Sprintf("tag_x%d_count", m), Value: float64(m + i*m%7)})
		}
		if i%100 == 0 {
			page.Findings = []plugins.Finding{{
				Severity: plugins.Warning, Code: "count_unusual", Message: "More.", Metric: "tag_x99_count",
				Observed: plugins.Number(float64(i)), Expected: plugins.Number(100), StdDev: 2, ZScore: float64(i), Verdict: plugins.Changed,
			}}
		}
		h.check(id, store.Result{At: at.Add(time.Duration(i) * time.Minute), Verdict: plugins.Up, Reports: []plugins.Report{page}})
	}
	for _, path := range []string{"/chart.svg?metric=htmlstats.tag_x99_count&window=30d", "/badge.svg?window=30d"} {
		b.Run(path[1:6], func(b *testing.B) {
			var took []time.Duration
			size := 0
			for b.Loop() {
				began := time.Now()
				size = len(h.do("GET", "/v1/assets/"+id+path, "").want(http.StatusOK).body)
				took = append(took, time.Since(began))
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
			b.ReportMetric(float64(size), "bytes")
		})
	}
}
