package protocol

import (
	"errors"
	"maps"
	"net/http"
	"slices"
	"testing"

	"webmon/plugins"
	"webmon/plugins/plugintest"
)

func page(proto string, wire int64, size int, lines ...string) *plugins.Page {
	header := make(http.Header)
	for i := 0; i < len(lines); i += 2 {
		header.Add(lines[i], lines[i+1])
	}
	return &plugins.Page{Status: 200, Proto: proto, Header: header, WireBytes: wire, Body: make([]byte, size)}
}

func inspect(t testing.TB, page *plugins.Page, past []byte) plugins.Report {
	t.Helper()
	report, err := protocol{}.Inspect(t.Context(), page, past)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func TestMetricsAndFacts(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		page    *plugins.Page
		metrics []plugins.Metric
		facts   map[string]string
	}{
		{"plain", page("HTTP/1.1", 10, 10), []plugins.Metric{
			{Name: "body_bytes", Value: 10}, {Name: "compression_ratio", Value: 1}, {Name: "wire_bytes", Value: 10},
		}, map[string]string{"http_version": "HTTP/1.1"}},
		{"cached", page("HTTP/2.0", 100, 300, "Age", "60", "X-Cache", "MISS, HIT"), []plugins.Metric{
			{Name: "age_seconds", Value: 60}, {Name: "body_bytes", Value: 300}, {Name: "cache_hit", Value: 1},
			{Name: "compression_ratio", Value: 0.333333}, {Name: "wire_bytes", Value: 100},
		}, map[string]string{"http_version": "HTTP/2.0", "cache": "hit"}},
		{"not cached", page("", 0, 0, "Age", "-5", "Cache-Status", "edge; fwd=uri-miss"), []plugins.Metric{
			{Name: "body_bytes"}, {Name: "cache_hit"}, {Name: "wire_bytes"},
		}, map[string]string{"cache": "miss"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			report := inspect(t, test.page, nil)
			if !slices.Equal(report.Metrics, test.metrics) || !maps.Equal(report.Facts, test.facts) {
				t.Errorf("got %v %v\nwant %v %v", report.Metrics, report.Facts, test.metrics, test.facts)
			}
		})
	}
}

// Each step is a check of the same asset.
func TestLosses(t *testing.T) {
	t.Parallel()
	good, failed := page("HTTP/2.0", 1000, 3000), page("HTTP/1.1", 3000, 3000)
	failed.Err = errors.New("reset")
	var past []byte
	for i, step := range []struct {
		page *plugins.Page
		want string
	}{
		{good, ""}, {good, ""}, {good, ""}, {failed, ""}, {page("HTTP/1.1", 1000, 3000), "http_downgraded"},
		{page("HTTP/1.1", 3000, 3000), "compression_lost"}, {page("HTTP/1.1", 3000, 3000), ""}, {good, ""},
		{page("HTTP/2.0", 100, 100), ""}, {page("HTTP/3.0", 3000, 3000), "compression_lost"},
	} {
		report := inspect(t, step.page, past)
		past = report.Past
		got := ""
		for _, f := range report.Findings {
			got += f.Code
			if f.Severity != plugins.Info || f.Verdict != "" {
				t.Errorf("step %d: %+v", i, f)
			}
		}
		if got != step.want || report.Changed != (got != "") {
			t.Errorf("step %d: %q, want %q", i, got, step.want)
		}
	}
}

func FuzzInspect(f *testing.F) {
	f.Add("HTTP/1.1", "HIT", "5", int64(5), []byte{pastVersion})
	f.Fuzz(func(t *testing.T, proto, cache, age string, wire int64, past []byte) {
		report := inspect(t, page(proto, wire, 10, "X-Cache", cache, "Age", age), past)
		for _, metric := range report.Metrics {
			if metric.Value < 0 {
				t.Errorf("%+v", metric)
			}
		}
	})
}

func BenchmarkInspect(b *testing.B) {
	cached := page("HTTP/2.0", 100, 300, "Age", "60", "X-Cache", "HIT")
	past := inspect(b, cached, nil).Past
	b.ReportAllocs()
	for b.Loop() {
		inspect(b, cached, past)
	}
	b.ReportMetric(float64(len(past)), "memory-bytes")
}

func FuzzReport(f *testing.F) { plugintest.Fuzz(f, Definition(), "") }
