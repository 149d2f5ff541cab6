package api_test

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"webmon/plugins"
	"webmon/plugins/builtin"
	"webmon/roles/api"
	"webmon/store"
)

// svg checks that the answer is a picture that is safe to show, and gives it.
func (a answer) svg() string {
	a.t.Helper()
	a.want(http.StatusOK)
	for name, want := range map[string]string{
		"Content-Type": "image/svg+xml", "Content-Security-Policy": "default-src 'none'; sandbox",
		"X-Content-Type-Options": "nosniff", "Cache-Control": "max-age=30",
	} {
		if got := a.header.Get(name); got != want {
			a.t.Errorf("%s: %s is %q, want %q", a.asked, name, got, want)
		}
	}
	for decoder := xml.NewDecoder(strings.NewReader(string(a.body))); ; {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return string(a.body)
		}
		if err != nil {
			a.t.Fatalf("%s: %v in %s", a.asked, err, a.body)
		}
		element, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		switch element.Name.Local {
		case "svg", "title", "desc", "g", "path", "text":
		default:
			a.t.Errorf("%s: element <%s>", a.asked, element.Name.Local)
		}
		for _, attribute := range element.Attr {
			if name := attribute.Name.Local; name == "href" || name == "style" || strings.HasPrefix(name, "on") {
				a.t.Errorf("%s: attribute %s", a.asked, name)
			}
		}
	}
}

func TestChart(t *testing.T) {
	t.Parallel()
	h := start(t)
	id := h.create(`{"url":"http://a/","name":"Bread & <b>Butter</b>"}`)
	path := "/v1/assets/" + id + "/chart.svg"
	// A documented metric without values yet is an empty chart.
	if got := h.do("GET", path+"?metric=htmlstats.page_bytes", "").svg(); !strings.Contains(got, "No values in this window") {
		t.Errorf("before the first check: %s", got)
	}
	h.checkThrice(id)
	got := h.do("GET", path+"?metric=htmlstats.page_bytes&window=1h&width=600&height=250", "").svg()
	for _, want := range []string{
		`width="600" height="250"`, "<title>Bread &amp; &lt;b&gt;Butter&lt;/b&gt; · htmlstats.page_bytes</title>",
		`<g class="warning">`, `<g class="expected"><path`, "3 checks", "Values from 100 bytes to 600 bytes, the newest 600 bytes",
		"0 critical and 1 warnings", "Available in 100 %", ">bytes</text>", "#ffffff",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing in %s", want, got)
		}
	}
	if strings.Contains(got, `class="critical"`) || strings.Contains(got, `class="normal"`) {
		t.Errorf("what there is not is drawn: %s", got)
	}
	if dark := h.do("GET", path+"?metric=htmlstats.page_bytes&theme=dark", "").svg(); strings.Contains(dark, "#ffffff") || !strings.Contains(dark, "#0d1117") {
		t.Error("the dark theme is light")
	}
	// Of several findings the most serious is marked.
	about := func(severity plugins.Severity, expected float64) plugins.Finding {
		return plugins.Finding{Severity: severity, Code: "size", Metric: "page_bytes", Expected: plugins.Number(expected), StdDev: 100}
	}
	h.check(id, store.Result{At: time.Now(), Verdict: plugins.Changed, Reports: []plugins.Report{{
		Plugin: "htmlstats", Metrics: []plugins.Metric{{Name: "page_bytes", Value: 500}},
		Findings: []plugins.Finding{about(plugins.Info, 1e6), about(plugins.Warning, 1e6), about(plugins.Critical, 2900), about(plugins.Warning, 1e6), about(plugins.Info, 1e6)},
	}}})
	h.check(id, store.Result{At: time.Now(), Verdict: plugins.Changed, Reports: []plugins.Report{{
		Plugin: "htmlstats", Metrics: []plugins.Metric{{Name: "page_bytes", Value: 500}},
		Findings: []plugins.Finding{about(plugins.Warning, 500), about(plugins.Info, 500)},
	}}})
	if got := h.do("GET", path+"?metric=htmlstats.page_bytes", "").svg(); !strings.Contains(got, ">critical: 1</text>") || !strings.Contains(got, ">warning: 2</text>") || !strings.Contains(got, ">3,000</text>") || strings.Contains(got, "00,000</text>") {
		t.Errorf("several findings: %s", got)
	}
	// A metric that no plugin documents but results have.
	if got := h.do("GET", path+"?metric=timing.total_seconds", "").svg(); !strings.Contains(got, `<g class="values"><path`) {
		t.Errorf("timing: %s", got)
	}
	h.do("GET", path, "").refuses("query.metric", "required")
	h.do("GET", path+"?metric=htmlstats.page_byte", "").refuses("query.metric", "near ones are htmlstats.page_bytes")
	h.do("GET", path+"?metric=page_bytes", "").refuses("query.metric", "near ones are htmlstats.page_bytes")
	for query, location := range map[string]string{
		"window=day": "query.window", "width=10000": "query.width", "height=5": "query.height", "theme=pink": "query.theme",
	} {
		h.do("GET", path+"?metric=htmlstats.page_bytes&"+query, "").refuses(location, "")
	}
	if p := h.do("GET", "/v1/assets/none/chart.svg?metric=htmlstats.page_bytes", "").problem(http.StatusNotFound); !strings.Contains(p.Detail, "none") {
		t.Errorf("problem %+v", p)
	}
	startAway(t).do("GET", path+"?metric=htmlstats.page_bytes", "").problem(http.StatusServiceUnavailable)
}

// A family of metrics, such as the counts of tags, makes no name of it known.
func TestChartOfAFamily(t *testing.T) {
	t.Parallel()
	h := start(t, func(o *api.Options) { o.Plugins = builtin.Registry() })
	id := h.create(`{"url":"http://a/"}`)
	path := "/v1/assets/" + id + "/chart.svg?metric=htmlstats.tag_script_count"
	h.check(id, store.Result{At: time.Now(), Verdict: plugins.Up, Reports: []plugins.Report{
		{Plugin: "htmlstats", Metrics: []plugins.Metric{{Name: "tag_script_count", Value: 4}}},
	}})
	if got := h.do("GET", path, "").svg(); !strings.Contains(got, ">count</text>") {
		t.Errorf("the unit of the family is missing: %s", got)
	}
	h.do("GET", strings.ReplaceAll(path, "script", "skript"), "").refuses("query.metric", "htmlstats.tag_script_count")
}

// The band is that of the statistics: what the plugin holds as normal.
func TestChartShowsTheBaseline(t *testing.T) {
	t.Parallel()
	registry := builtin.Registry()
	h := start(t, func(o *api.Options) { o.Plugins = registry })
	id := h.create(`{"url":"http://a/"}`)
	suite, err := registry.Suite(nil)
	if err != nil {
		t.Fatal(err)
	}
	var memory []byte
	at := time.Now().UTC().Add(-time.Hour)
	for i := range 30 {
		page := &plugins.Page{URL: "http://a/", At: at.Add(time.Duration(i) * time.Minute), Status: 200, Body: []byte("<p>Bread</p>")}
		page.Timing.Total = time.Duration(200+i%3) * time.Millisecond
		out := suite.Inspect(t.Context(), page, memory)
		memory = out.Memory
		h.finish(id, store.Outcome{Result: store.Result{At: page.At, Verdict: out.Verdict, Reports: out.Reports}, Memory: memory})
	}
	metric := "timing.total_seconds"
	var stats struct {
		Metrics map[string]struct{ Baseline *struct{ Low, High float64 } }
	}
	h.do("GET", "/v1/assets/"+id+"/stats?metric="+metric, "").want(http.StatusOK).into(&stats)
	band := stats.Metrics[metric].Baseline
	if band == nil {
		t.Fatalf("no baseline in %+v", stats)
	}
	got := h.do("GET", "/v1/assets/"+id+"/chart.svg?metric="+metric, "").svg()
	if want := fmt.Sprintf("Normal now is %.0f ms to %.0f ms", band.Low*1000, band.High*1000); !strings.Contains(got, want) || !strings.Contains(got, `<g class="normal">`) {
		t.Errorf("%q is missing in %s", want, got)
	}
}

func TestImagesAreConditional(t *testing.T) {
	t.Parallel()
	h := start(t)
	id := h.create(`{"url":"http://a/"}`)
	h.checkThrice(id)
	for _, path := range []string{"/badge.svg?window=1h", "/chart.svg?metric=htmlstats.page_bytes&window=3650d"} {
		path = "/v1/assets/" + id + path
		first := h.do("GET", path, "").want(http.StatusOK)
		tag := first.header.Get("ETag")
		again := h.do("GET", path, "", `If-None-Match: "other", W/`+tag).want(http.StatusNotModified)
		if tag == "" || len(again.body) != 0 || again.header.Get("ETag") != tag {
			t.Errorf("%s: tag %s, then %s with %q", path, tag, again.header.Get("ETag"), again.body)
		}
		h.check(id, store.Result{At: time.Now(), Verdict: plugins.Down})
		if now := h.do("GET", path, "", "If-None-Match: "+tag).want(http.StatusOK); now.header.Get("ETag") == tag {
			t.Errorf("%s: a check changes nothing", path)
		}
	}
}

func TestBadge(t *testing.T) {
	t.Parallel()
	h := start(t)
	id := h.create(`{"url":"http://user.example/secret?token=1"}`)
	path := "/v1/assets/" + id + "/badge.svg"
	if got := h.do("GET", path, "").svg(); !strings.Contains(got, "<title>user.example: unknown</title>") || strings.Contains(got, "secret") || strings.Contains(got, "token") {
		t.Errorf("before the first check: %s", got)
	}
	h.checkThrice(id)
	h.check(id, store.Result{At: time.Now(), Verdict: plugins.Down})
	if got := h.do("GET", path+"?window=1h", "").svg(); !strings.Contains(got, "<title>user.example: down · 75 %</title>") || !strings.Contains(got, ">down · 75 %</text>") {
		t.Errorf("down: %s", got)
	}
	long := h.create(`{"url":"http://a/","name":"` + strings.Repeat("W<&\\\"", 40) + `"}`)
	got := h.do("GET", "/v1/assets/"+long+"/badge.svg", "").svg()
	var width int
	if _, err := fmt.Sscanf(got, `<svg xmlns="http://www.w3.org/2000/svg" role="img" width="%d"`, &width); err != nil || width > 320 {
		t.Errorf("a long name makes a badge of %d px: %v", width, err)
	}
	h.do("GET", path+"?window=0s", "").refuses("query.window", "24h")
	h.do("GET", "/v1/assets/none/badge.svg", "").problem(http.StatusNotFound)
	startAway(t).do("GET", path, "").problem(http.StatusServiceUnavailable)
}
