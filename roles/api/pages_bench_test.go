package api_test

import (
	"bytes"
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

// BenchmarkPages measures whole requests for each page, one after the other,
// with many assets, and tells the median and the 99th percentile. One asset has
// 1,440 results of 100 metrics, a day of one a minute, and every hundredth asset
// some.
func BenchmarkPages(b *testing.B) {
	for _, n := range []int{10_000, 100_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) { benchmarkPages(b, n) })
	}
}

func benchmarkPages(b *testing.B, n int) {
	h := start(b, public("public"), func(o *api.Options) {
		o.Plugins, o.RateLimit = builtin.Registry(), 0
	})
	var rows bytes.Buffer
	rows.WriteString("url,name,tags\n")
	for i := range n {
		tag := "all"
		if i < 50 {
			tag = "all;public"
		}
		fmt.Fprintf(&rows, "http://host%d.example/page,Asset %d,%s\n", i, i, tag)
	}
	h.do("POST", "/v1/assets/import", rows.String(), "Content-Type: text/csv").want(http.StatusOK)
	var first struct {
		Assets []struct{ ID string }
	}
	h.do("GET", "/v1/assets?limit=200", "").want(http.StatusOK).into(&first)
	id := first.Assets[0].ID
	at := time.Now().UTC().Add(-1440 * time.Minute)
	for i := range 1440 {
		h.check(id, benchResult(at.Add(time.Duration(i)*time.Minute), i))
	}
	for i, a := range first.Assets[1:] {
		for j := range 5 {
			h.check(a.ID, benchResult(time.Now().UTC().Add(time.Duration(j-5)*time.Minute), i*5+j))
		}
	}
	batch, _ := h.do("POST", "/v1/jobs", `{"tag":"public"}`).want(http.StatusAccepted).object()["batch"].(string)
	pages := []string{
		"/", "/?verdict=up", "/?tag=public", "/?q=host9999.example", "/?q=nothing+has+this", "/assets/" + id, "/assets/" + id + "/results", "/assets/" + id + "/metrics",
		"/assets/" + id + "/edit", "/incidents", "/batches", "/batches/" + batch, "/processes", "/plugins", "/status", "/status.json",
		"/assets/" + id + "/chart.svg?metric=htmlstats.tag_x9_count", "/v1/assets?limit=100&recent=24", "/v1/assets/" + id + "/timeline?window=30d&spans=720",
	}
	for _, path := range pages {
		b.Run(path, func(b *testing.B) {
			var took []time.Duration
			size := 0
			for b.Loop() {
				began := time.Now()
				size = len(h.do("GET", path, "").want(http.StatusOK).body)
				took = append(took, time.Since(began))
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
			b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
			b.ReportMetric(float64(size), "bytes")
		})
	}
}

// benchResult is a result of 100 metrics, of which some differ each time.
func benchResult(at time.Time, i int) store.Result {
	page := plugins.Report{Plugin: "htmlstats"}
	for m := range 100 {
		page.Metrics = append(page.Metrics, plugins.Metric{Name: fmt.Sprintf("tag_x%d_count", m), Value: float64(m + i*m%7)})
	}
	r := store.Result{At: at, Verdict: plugins.Up, Reports: []plugins.Report{page, {Plugin: "timing", Metrics: []plugins.Metric{
		{Name: "connect_seconds", Value: 0.01}, {Name: "first_byte_seconds", Value: float64(i%50) / 1000}, {Name: "total_seconds", Value: 0.1},
	}}}}
	if i%100 == 99 {
		r.Verdict = plugins.Degraded
		r.Reports[1].Findings = []plugins.Finding{{Severity: plugins.Warning, Code: "slow", Message: "Slow.", Metric: "total_seconds", Observed: plugins.Number(9), Expected: plugins.Number(0.1), StdDev: 0.01, ZScore: 890, Verdict: plugins.Degraded}}
	}
	return r
}
