package api_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"webmon/plugins"
	"webmon/plugins/builtin"
	"webmon/roles/api"
	"webmon/store"
)

// startReal serves an API that knows the plugins there are.
func startReal(t *testing.T) *harness {
	t.Helper()
	return start(t, func(opts *api.Options) { opts.Plugins = builtin.Registry() })
}

func pageOf(body string, status int, at time.Time) *plugins.Page {
	return &plugins.Page{
		URL: "http://a/", FinalURL: "http://a/", Status: status, Body: []byte(body), At: at,
		Header: http.Header{"Content-Type": {"text/html; charset=utf-8"}}, Timing: plugins.Timing{Total: 100 * time.Millisecond},
	}
}

// run checks pages as an executor would, a minute apart and the last one now.
// It gives the outcomes.
func (h *harness) run(id, options string, pages ...*plugins.Page) (outcomes []plugins.Outcome) {
	h.t.Helper()
	var set map[string]json.RawMessage
	if err := json.Unmarshal([]byte(options), &set); err != nil {
		h.t.Fatal(err)
	}
	suite, err := builtin.Registry().Suite(set)
	if err != nil {
		h.t.Fatal(err)
	}
	at := time.Now().Add(-time.Duration(len(pages)) * time.Minute)
	var memory []byte
	for i, page := range pages {
		page.At = at.Add(time.Duration(i+1) * time.Minute)
		o := suite.Inspect(h.t.Context(), page, memory)
		memory = o.Memory
		h.finish(id, store.Outcome{Result: store.Result{At: page.At, Verdict: o.Verdict, Changed: o.Changed, Reports: o.Reports}, Memory: memory})
		outcomes = append(outcomes, o)
	}
	return outcomes
}

func article(paragraphs int) string {
	return "<!doctype html><html lang=en><head><title>Bakery</title></head><body><h1>Fresh bread</h1>" +
		strings.Repeat("<p>We bake bread, rolls and cakes, every day but Sunday.</p>\n", paragraphs) + "</body></html>"
}

// episodes is a page that is calm, grows for a check, is calm, is attacked for
// three, and then answers 404 for two.
func episodes() (pages []*plugins.Page) {
	calm := article(30)
	attacked := strings.Replace(calm, "</body>", "<script src=//evil.example.org/x.js></script></body>", 1)
	for _, body := range slices.Concat(slices.Repeat([]string{calm}, 5), []string{article(90)}, slices.Repeat([]string{calm}, 3), slices.Repeat([]string{attacked}, 3), []string{"", ""}) {
		status := 200
		if body == "" {
			body, status = calm, 404
		}
		pages = append(pages, pageOf(body, status, time.Time{}))
	}
	return pages
}

type backtestAnswer struct {
	From, To       time.Time
	Assets, Checks int
	More           bool
	Stored, Tried  struct{ Alarmed, Opened int }
	Alerts         []struct {
		Asset, URL, Verdict string
		At                  time.Time
		OpenedBefore        bool `json:"opened_before"`
		Findings            []struct{ Plugin, Code, Severity string }
	}
	Estimated, Kept []string
}

func (h *harness) backtest(body string) (a backtestAnswer) {
	h.t.Helper()
	h.do("POST", "/v1/backtest", body).want(http.StatusOK).into(&a)
	return a
}

func TestBacktest(t *testing.T) {
	t.Parallel()
	h := startReal(t)
	id := h.create(`{"url":"http://a/"}`)
	pages := episodes()
	h.run(id, `{}`, pages...)

	same := h.backtest(fmt.Sprintf(`{"asset":%q}`, id))
	if same.Assets != 1 || same.Checks != len(pages) || same.Stored != same.Tried || same.Stored.Alarmed != 5 || same.Stored.Opened != 1 {
		t.Errorf("with the same options: %+v", same)
	}
	if d := same.To.Sub(same.From); d != 30*24*time.Hour || len(same.Estimated) != 0 || !slices.Contains(same.Kept, "seo") || slices.Contains(same.Kept, "htmlstats") {
		t.Errorf("over %v, estimated %v, kept %v", d, same.Estimated, same.Kept)
	}
	alert := same.Alerts[0]
	if len(same.Alerts) != 1 || alert.Asset != id || alert.URL != "http://a/" || alert.Verdict != "changed" || !alert.OpenedBefore ||
		!alert.At.Equal(pages[9].At.Truncate(time.Millisecond)) || len(alert.Findings) == 0 || alert.Findings[0].Plugin != "htmlstats" {
		t.Errorf("alert %+v", same.Alerts)
	}

	// What the attack's plugins no longer object to, only the 404 is an alarm for.
	allowed := h.backtest(fmt.Sprintf(`{"asset":%q,"plugins":{"htmlstats":{"ignore":["scripts_count"]},"thirdparty":{"allow":["evil.example.org"]}}}`, id))
	if allowed.Tried.Alarmed != 2 || allowed.Tried.Opened != 1 || allowed.Alerts[0].Verdict != "down" || !slices.Contains(allowed.Estimated, "thirdparty") {
		t.Errorf("with the site allowed: %+v", allowed)
	}
	expected := h.backtest(fmt.Sprintf(`{"asset":%q,"plugins":{"availability":{"expect_status":[404]}}}`, id))
	if expected.Tried.Alarmed != len(pages)-2 || expected.Tried.Opened != 1 {
		t.Errorf("with only 404 expected: %+v", expected)
	}
	// A window without the attack, but after it.
	late := h.backtest(fmt.Sprintf(`{"asset":%q,"window":"90s"}`, id))
	if late.Checks != 2 && late.Checks != 1 || late.Tried.Alarmed != late.Checks || late.Tried.Opened != 0 {
		t.Errorf("a window within an alarm: %+v", late)
	}
}

// The answer is that of the pages themselves.
func TestBacktestOfAnotherProfile(t *testing.T) {
	t.Parallel()
	h := startReal(t)
	for _, profile := range []string{"strict", "calm"} {
		stored, real := h.create(`{"url":"http://a/"}`), h.create(`{"url":"http://a/","plugins":{"htmlstats":{"profile":"`+profile+`"}}}`)
		h.run(stored, `{}`, episodes()...)
		h.run(real, `{"htmlstats":{"profile":"`+profile+`"}}`, episodes()...)
		tried := h.backtest(fmt.Sprintf(`{"asset":%q,"plugins":{"htmlstats":{"profile":%q}}}`, stored, profile))
		want := h.backtest(fmt.Sprintf(`{"asset":%q,"plugins":{"htmlstats":{"profile":%q}}}`, real, profile))
		if tried.Tried != want.Stored || want.Tried != want.Stored {
			t.Errorf("%s: tried %+v, real %+v and %+v", profile, tried.Tried, want.Stored, want.Tried)
		}
		if profile == "strict" && tried.Tried.Opened <= tried.Stored.Opened {
			t.Errorf("strict opens %d alerts, standard %d", tried.Tried.Opened, tried.Stored.Opened)
		}
	}
}

func TestBacktestByTag(t *testing.T) {
	t.Parallel()
	h := startReal(t)
	for range 2 {
		h.run(h.create(`{"url":"http://a/","tags":["shop"]}`), `{}`, episodes()...)
	}
	got := h.backtest(`{"tag":"shop"}`)
	if got.Assets != 2 || got.Stored.Opened != 2 || len(got.Alerts) != 2 || got.Alerts[0].Asset == got.Alerts[1].Asset || got.More {
		t.Errorf("two assets: %+v", got)
	}
	if got := h.backtest(`{"tag":"nobody"}`); got.Assets != 0 || got.Alerts == nil || got.Kept == nil {
		t.Errorf("no asset: %+v", got)
	}
	var rows strings.Builder
	for i := range 201 {
		fmt.Fprintf(&rows, "http://many/%d,many\n", i)
	}
	h.do("POST", "/v1/assets/import", "url,tags\n"+rows.String(), "Content-Type: text/csv").want(http.StatusOK)
	if got := h.backtest(`{"tag":"many"}`); got.Assets != 200 || !got.More {
		t.Errorf("of 201 assets: %d, more: %t", got.Assets, got.More)
	}
}

func TestBacktestRefuses(t *testing.T) {
	t.Parallel()
	h := startReal(t)
	id := h.create(`{"url":"http://a/","plugins":{"defacement":{"words":["mine"]},"content":{}}}`)
	try := func(plugins string) answer {
		return h.do("POST", "/v1/backtest", fmt.Sprintf(`{"asset":%q,"plugins":%s}`, id, plugins))
	}
	try(`{"none":{}}`).refuses("body.plugins.none", "there is no plugin")
	try(`{"htmlstats":{"profile":"loud"}}`).refuses("body.plugins.htmlstats", "profile")
	try(`{"seo":{}}`).refuses("body.plugins.seo", "availability, defacement, extract, htmlstats, thirdparty, timing, tlscert")
	try(`{"defacement":{"words":["other"]}}`).refuses("body.plugins", "other")
	try(`{"content":{},"defacement":{"words":["mine"]}}`).want(http.StatusOK)
	h.do("POST", "/v1/backtest", `{}`).refuses("body", "exactly one")
	h.do("POST", "/v1/backtest", `{"asset":"a","tag":"b"}`).refuses("body", "exactly one")
	h.do("POST", "/v1/backtest", fmt.Sprintf(`{"asset":%q,"window":"soon"}`, id)).refuses("body.window", "24h")
	h.do("POST", "/v1/backtest", `{"asset":"none"}`).problem(http.StatusNotFound)
}

func TestBacktestIsDescribed(t *testing.T) {
	t.Parallel()
	var got struct {
		Components struct {
			Schemas map[string]struct{ Properties map[string]any }
		}
	}
	startReal(t).do("GET", "/openapi.json", "").want(http.StatusOK).into(&got)
	for _, name := range []string{"plugin", "code", "evidence"} {
		if got.Components.Schemas["BacktestFinding"].Properties[name] == nil {
			t.Errorf("findings of a backtest are described without %q", name)
		}
	}
}

// What a finding expects is the baseline before the check.
func TestStatsShowBaselines(t *testing.T) {
	t.Parallel()
	h := startReal(t)
	id := h.create(`{"url":"http://a/"}`)
	calm := make([]*plugins.Page, 12)
	for i := range calm {
		calm[i] = pageOf(article(30), 200, time.Time{})
	}
	h.run(id, `{}`, calm...)
	var got struct {
		Metrics map[string]struct {
			Baseline *struct {
				Expected, StdDev, Low, High float64
				N                           int
			}
		}
	}
	h.do("GET", "/v1/assets/"+id+"/stats", "").want(http.StatusOK).into(&got)
	b := got.Metrics["htmlstats.page_bytes"].Baseline
	if b == nil || b.Low >= b.Expected || b.High <= b.Expected || b.StdDev <= 0 || b.N != 1 {
		t.Fatalf("baseline %+v", b)
	}
	if total := got.Metrics["timing.total_seconds"].Baseline; total == nil || total.Low != 0 || total.Expected < 0.0999 || total.High < 0.2 || total.N != 12 {
		t.Errorf("of the time: %+v", total)
	}
	if none, ok := got.Metrics["htmlstats.score"]; !ok || none.Baseline != nil {
		t.Errorf("of the score: %+v", none)
	}
	for _, f := range h.run(id, `{}`, append(calm, pageOf(article(200), 200, time.Time{}))...)[12].Reports[7].Findings {
		if f.Metric == "page_bytes" {
			if expected, _ := f.Expected.Number(); expected != b.Expected {
				t.Errorf("a finding expects %v, and the baseline was %+v", expected, b)
			}
			return
		}
	}
	t.Error("nothing was found")
}
