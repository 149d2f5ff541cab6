package api_test

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"webmon/plugins"
	"webmon/store"
)

// check stores a result of the asset, as an executor would.
func (h *harness) check(asset string, result store.Result) {
	h.t.Helper()
	h.finish(asset, store.Outcome{Result: result, Seconds: 0.25})
}

// finish stores an outcome of the asset, of a job that it makes.
func (h *harness) finish(asset string, o store.Outcome) {
	h.t.Helper()
	var job string
	_, _, err := h.store.Enqueue(h.t.Context(), store.Selection{Assets: []string{asset}}, func(ids []string) { job = ids[0] })
	if err != nil {
		h.t.Fatal(err)
	}
	lease, err := h.store.Lease(h.t.Context(), job, "test", time.Minute)
	if err != nil {
		h.t.Fatal(err)
	}
	o.Result.Job = job
	if err := h.store.Finish(h.t.Context(), lease, o); err != nil {
		h.t.Fatal(err)
	}
}

// checkThrice stores three results, a minute apart, and gives the time of the
// newest.
func (h *harness) checkThrice(asset string) time.Time {
	h.t.Helper()
	at := time.Now().UTC().Truncate(time.Second)
	for i, bytes := range []float64{100, 200, 600} {
		r := store.Result{
			At: at.Add(time.Duration(i-2) * time.Minute), Verdict: plugins.Up,
			Reports: []plugins.Report{{
				Plugin: "htmlstats", Metrics: []plugins.Metric{{Name: "page_bytes", Value: bytes}}, Facts: map[string]string{"title": "T"},
			}, {Plugin: "timing", Metrics: []plugins.Metric{{Name: "total_seconds", Value: 0.25}}}},
		}
		if i == 2 {
			r.Verdict, r.Changed = plugins.Changed, true
			r.Reports[0].Findings = []plugins.Finding{
				{Severity: plugins.Warning, Code: "size", Message: "Larger.", Metric: "page_bytes", Observed: plugins.Number(600), Expected: plugins.Number(150), StdDev: 50, ZScore: 9, Verdict: plugins.Changed},
				{Severity: plugins.Info, Code: "title", Message: "Other.", Observed: plugins.Text("T")},
			}
		}
		h.check(asset, r)
	}
	return at
}

func TestResults(t *testing.T) {
	t.Parallel()
	h := start(t)
	id := h.create(`{"url":"http://a/"}`)
	path := "/v1/assets/" + id + "/results"
	if got := h.do("GET", path, "").want(http.StatusOK).object()["results"].([]any); len(got) != 0 {
		t.Errorf("results before the first check: %v", got)
	}
	at := h.checkThrice(id)
	var list struct {
		Results []struct {
			Job, Verdict string
			At           time.Time
			Changed      bool
			Reports      []struct {
				Plugin   string
				Metrics  map[string]float64
				Facts    map[string]string
				Findings []map[string]any
			}
		}
		Next string
	}
	h.do("GET", path, "").want(http.StatusOK).into(&list)
	if len(list.Results) != 3 || list.Next != "" {
		t.Fatalf("results %+v", list)
	}
	newest := list.Results[0]
	if !newest.At.Equal(at) || newest.Verdict != "changed" || !newest.Changed || newest.Job == "" || len(newest.Reports) != 2 {
		t.Fatalf("newest %+v", newest)
	}
	report := newest.Reports[0]
	if report.Plugin != "htmlstats" || report.Metrics["page_bytes"] != 600 || report.Facts["title"] != "T" || len(report.Findings) != 2 {
		t.Errorf("report %+v", report)
	}
	f := report.Findings[0]
	for name, want := range map[string]any{
		"severity": "warning", "code": "size", "message": "Larger.", "metric": "page_bytes", "observed": 600.0, "expected": 150.0,
		"stddev": 50.0, "zscore": 9.0, "verdict": "changed",
	} {
		if f[name] != want {
			t.Errorf("finding: %s is %v, want %v", name, f[name], want)
		}
	}
	if f := report.Findings[1]; f["observed"] != "T" || f["expected"] != nil {
		t.Errorf("finding %v", f)
	}
	if newest.Reports[1].Findings == nil || newest.Reports[1].Facts == nil {
		t.Error("empty findings or facts are null")
	}

	minute := func(n int) string {
		return url.QueryEscape(at.Add(time.Duration(n) * time.Minute).Format(time.RFC3339))
	}
	for query, want := range map[string]int{
		"from=" + minute(-1): 2, "to=" + minute(-1): 1, "from=" + minute(-2) + "&to=" + minute(0): 2, "from=" + minute(1): 0, "limit=1": 1,
	} {
		if got := h.do("GET", path+"?"+query, "").want(http.StatusOK).object()["results"].([]any); len(got) != want {
			t.Errorf("%s gives %d results, want %d", query, len(got), want)
		}
	}
	next := h.do("GET", path+"?limit=2", "").object()["next"].(string)
	if rest := h.do("GET", path+"?limit=2&cursor="+next, "").want(http.StatusOK).object(); len(rest["results"].([]any)) != 1 || rest["next"] != nil {
		t.Errorf("second page %v", rest)
	}
	h.do("GET", path+"?from=yesterday", "").refuses("query.from", "such as 2026-11-22T15:04:05Z")
	h.do("GET", path+"?from="+minute(0)+"&to="+minute(-1), "").refuses("query.to", "before")
	h.do("GET", path+"?cursor=nonsense", "").refuses("query.cursor", "cursor")
}

func TestStats(t *testing.T) {
	t.Parallel()
	h := start(t)
	id := h.create(`{"url":"http://a/"}`)
	path := "/v1/assets/" + id + "/stats"
	empty := h.do("GET", path, "").want(http.StatusOK).object()
	if empty["availability"] != nil || len(empty["metrics"].(map[string]any)) != 0 || empty["downtime"] != "0s" {
		t.Errorf("before the first check: %v", empty)
	}
	h.checkThrice(id)
	got := h.do("GET", path+"?window=1h", "").want(http.StatusOK).object()
	if got["availability"] != 100.0 || got["checks"] != 3.0 {
		t.Errorf("stats %v", got)
	}
	size := got["metrics"].(map[string]any)["htmlstats.page_bytes"].(map[string]any)
	for name, want := range map[string]float64{"n": 3, "mean": 300, "min": 100, "max": 600, "last": 600} {
		if size[name] != want {
			t.Errorf("%s is %v, want %v", name, size[name], want)
		}
	}
	for _, name := range []string{"stddev", "median", "p95", "p99", "zscore"} {
		if v, ok := size[name].(float64); !ok || v == 0 {
			t.Errorf("%s is %v", name, size[name])
		}
	}
	if only := h.do("GET", path+"?metric=timing.", "").object()["metrics"].(map[string]any); len(only) != 1 || only["timing.total_seconds"] == nil {
		t.Errorf("filtered: %v", only)
	}
	for _, window := range []string{"0s", "-1h", "day", "1ms", "1000000h"} {
		h.do("GET", path+"?window="+window, "").refuses("query.window", "24h")
	}
}

func TestSummary(t *testing.T) {
	t.Parallel()
	h := start(t)
	h.create(`{"url":"http://b/"}`)
	id := h.create(`{"url":"http://a/","name":"A"}`)
	h.checkThrice(id)
	var got struct {
		Assets, Checks int
		Verdicts       map[string]int
		Slowest        []struct {
			ID, URL, Name string
			Seconds       float64
		}
		MostChanged []struct {
			ID      string
			Changes int
		} `json:"most_changed"`
	}
	h.do("GET", "/v1/summary", "").want(http.StatusOK).into(&got)
	if got.Assets != 2 || got.Checks != 3 || got.Verdicts["unknown"] != 1 || got.Verdicts["changed"] != 1 || len(got.Verdicts) != 6 {
		t.Errorf("summary %+v", got)
	}
	if len(got.Slowest) != 1 || got.Slowest[0].ID != id || got.Slowest[0].Name != "A" || got.Slowest[0].Seconds != 0.25 {
		t.Errorf("slowest %+v", got.Slowest)
	}
	if len(got.MostChanged) != 1 || got.MostChanged[0].Changes != 1 {
		t.Errorf("most changed %+v", got.MostChanged)
	}
	read := h.do("GET", "/v1/assets/"+id, "").want(http.StatusOK).object()
	if read["verdict"] != "changed" || read["checked"] == nil || read["verdict_since"] == nil {
		t.Errorf("asset after its checks: %v", read)
	}
}
