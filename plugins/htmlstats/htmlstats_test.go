package htmlstats

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"
	"time"

	"webmon/plugins"
)

// watch plays a sequence of pages through the plugin, as the checks of one
// asset.
type watch struct {
	t      *testing.T
	plugin plugins.Plugin
	past   []byte
	most   int // bytes remembered at most
}

func newWatch(t *testing.T, options string) *watch {
	t.Helper()
	plugin, err := New(json.RawMessage(options))
	if err != nil {
		t.Fatal(err)
	}
	return &watch{t: t, plugin: plugin}
}

func (w *watch) check(page *plugins.Page) plugins.Report {
	w.t.Helper()
	report, err := w.plugin.Inspect(w.t.Context(), page, w.past)
	if err != nil {
		w.t.Fatal(err)
	}
	w.past = report.Past
	w.most = max(w.most, len(w.past))
	if report.Changed != (len(report.Findings) > 0) {
		w.t.Errorf("changed is %t with %d findings", report.Changed, len(report.Findings))
	}
	return report
}

// calm checks a page that must not be unusual.
func (w *watch) calm(body string) {
	w.t.Helper()
	for _, finding := range w.check(htmlPage(body)).Findings {
		w.t.Errorf("unexpected: %s", finding.Message)
	}
}

// alarmed checks a page that must be.
func (w *watch) alarmed(body string) plugins.Report {
	w.t.Helper()
	report := w.check(htmlPage(body))
	if len(report.Findings) == 0 {
		w.t.Errorf("no finding on a page of %d bytes", len(body))
	}
	return report
}

func htmlPage(body string) *plugins.Page {
	return &plugins.Page{
		URL: "http://site.example/", Status: 200, Header: http.Header{"Content-Type": {"text/html; charset=utf-8"}},
		Body: []byte(body), At: time.Unix(1_800_000_000, 0),
	}
}

// site writes a page of news with that many items, each of another length.
func site(items int, random *rand.Rand) string {
	var b strings.Builder
	b.WriteString(`<!doctype html><html><head><title>News</title><meta charset=utf-8><link rel=stylesheet href=a.css>
<script src=a.js></script><script src=b.js></script><script>start()</script></head><body><nav><a href=/>Home</a><a href=/new>New</a></nav><main>`)
	for i := range items {
		fmt.Fprintf(&b, `<article class=item><h2><a href="/item/%d">Item %d</a></h2><img src="/%d.jpg">`, i, i, i)
		fmt.Fprintf(&b, "<p>%s</p></article>\n", strings.Repeat("some words ", 5+random.IntN(10)))
	}
	b.WriteString("</main><footer><form action=/search><input name=q></form><p>The end</p></footer></body></html>")
	return b.String()
}

func seeded(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 7)) }

// lively varies the number of items by ten percent either way.
func lively(items int, random *rand.Rand) string {
	spread := items / 10
	return site(items-spread+random.IntN(2*spread+1), random)
}

const hacked = "<html><head><title>Hacked</title></head><body bgcolor=black><center><h1>Owned by us</h1></center></body></html>"

// The promise of the plugin: lively pages stay calm, and what is done to them
// is seen nevertheless.
func TestLivelyPages(t *testing.T) {
	t.Parallel()
	for _, items := range []int{10, 30, 100} {
		for seed := range uint64(3) {
			t.Run(fmt.Sprintf("%d items, seed %d", items, seed), func(t *testing.T) {
				t.Parallel()
				random := seeded(seed)
				w := newWatch(t, "")
				for range defaultWarmup {
					w.calm(lively(items, random))
				}
				const checks = 500
				alarms := 0
				for range checks {
					if w.check(htmlPage(lively(items, random))).Changed {
						alarms++
					}
				}
				if alarms > checks/100 {
					t.Errorf("%d of %d checks of a lively page are unusual", alarms, checks)
				}
				for name, body := range map[string]string{
					"defaced":            hacked,
					"blank":              "",
					"ten scripts":        strings.Replace(lively(items, random), "</body>", strings.Repeat("<script src=//evil.example/x.js></script>", 10)+"</body>", 1),
					"one script":         strings.Replace(lively(items, random), "</body>", "<script src=//evil.example/x.js></script></body>", 1),
					"a frame":            strings.Replace(lively(items, random), "</body>", "<iframe src=//evil.example></iframe></body>", 1),
					"no items":           site(0, random),
					"template not run":   strings.Repeat("{{ item }} ", 40),
					"another login form": strings.Replace(lively(items, random), "</main>", "<form action=//evil.example><input type=password></form></main>", 1),
				} {
					alone := *w
					report := alone.alarmed(body)
					if (name == "defaced" || name == "blank") && report.Findings[0].Severity != plugins.Critical {
						t.Errorf("%s: severity %s, want critical", name, report.Findings[0].Severity)
					}
				}
				t.Logf("%d of %d checks unusual; at most %d bytes remembered", alarms, checks, w.most)
			})
		}
	}
}

// Right after the warm-up little is known of a lively page, but a defacement
// is seen then too.
func TestCaughtAfterWarmup(t *testing.T) {
	t.Parallel()
	for seed := range uint64(20) {
		random := seeded(seed)
		w := newWatch(t, "")
		for range defaultWarmup {
			w.calm(lively(30, random))
		}
		for _, body := range []string{hacked, "", strings.Repeat("<script src=x></script>", 10) + lively(30, random)} {
			alone := *w
			alone.alarmed(body)
		}
	}
}

func TestFinding(t *testing.T) {
	t.Parallel()
	w := newWatch(t, "")
	steady := site(20, seeded(1))
	for range 20 {
		w.calm(steady)
	}
	report := w.alarmed(strings.Replace(steady, "<nav>", "<nav>"+strings.Repeat("<script></script>", 9), 1))
	want := plugins.Finding{
		Severity: plugins.Warning, Code: "unusual_value", Message: "12 script tags, usually 3.0 ± 0.2.", Metric: "tag_script_count",
		Observed: plugins.Number(12), Expected: plugins.Number(3), StdDev: 0.2, ZScore: 45, Verdict: plugins.Changed,
	}
	if got := report.Findings[0]; got.ZScore < 44.99 || got.ZScore > 45.01 {
		t.Errorf("z-score %v, want 45", got.ZScore)
	} else if got.ZScore = 45; got != want {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	if len(report.Findings) != 1 {
		t.Errorf("%d findings, want one", len(report.Findings))
	}
}

func TestManyFindingsAreSummedUp(t *testing.T) {
	t.Parallel()
	w := newWatch(t, "")
	for range 10 {
		w.calm(site(50, seeded(1)))
	}
	report := w.alarmed(hacked)
	if len(report.Findings) != maxFindings+1 {
		t.Fatalf("%d findings, want %d and a summary", len(report.Findings), maxFindings)
	}
	for i, finding := range report.Findings[:maxFindings] {
		if finding.Severity != plugins.Critical || finding.Verdict != plugins.Changed {
			t.Errorf("finding %d is %s, %s", i, finding.Severity, finding.Verdict)
		}
	}
	if summary := report.Findings[maxFindings]; summary.Code != "more_unusual_values" || !strings.Contains(summary.Message, "in all") {
		t.Errorf("the summary is %+v", summary)
	}
}

// An alarmed page is kept out of the windows, and adopted when it stays.
func TestNewLevelIsAdopted(t *testing.T) {
	t.Parallel()
	w := newWatch(t, "")
	for range 30 {
		w.calm(site(20, seeded(1)))
	}
	for range adoptAfter {
		w.alarmed(hacked)
	}
	w.calm(hacked)
	// The old page is a change now, and the new level is watched as closely.
	alone := *w
	alone.alarmed(site(20, seeded(1)))
	w.alarmed(hacked + "<script></script>")
}

func TestOutlierLeavesNoTrace(t *testing.T) {
	t.Parallel()
	steady := site(20, seeded(1))
	w := newWatch(t, "")
	for range 10 {
		w.calm(steady)
	}
	w.alarmed(hacked)
	w.calm(steady)
	report := w.alarmed(strings.Replace(steady, "<nav>", "<nav><script></script>", 1))
	if mean, _ := report.Findings[0].Expected.Number(); mean != 3 {
		t.Errorf("usual are %v scripts after one defaced check, want 3", mean)
	}
}

// A page that shows a rarer face now and then is understood at its third
// showing, and then stays calm.
func TestPageWithTwoFaces(t *testing.T) {
	t.Parallel()
	usual := site(20, seeded(1))
	other := strings.Replace(usual, "<nav>", "<nav><iframe src=//ads.example></iframe><script></script>", 1)
	w := newWatch(t, "")
	for range 30 {
		w.calm(usual)
	}
	for range adoptAfter {
		w.alarmed(other)
		for range 9 {
			w.calm(usual)
		}
	}
	for range 20 {
		w.calm(other)
		for range 9 {
			w.calm(usual)
		}
	}
	w.alarmed(hacked)
}

// A page that becomes restless for good is learned anew.
func TestRestlessPageIsLearnedAnew(t *testing.T) {
	t.Parallel()
	w := newWatch(t, "")
	for range 30 {
		w.calm(site(20, seeded(1)))
	}
	random := seeded(2)
	restless := func() *plugins.Page { return htmlPage(site(20+random.IntN(180), random)) }
	for range relearnAfter + defaultWarmup {
		w.check(restless())
	}
	alarms := 0
	for range 200 {
		if w.check(restless()).Changed {
			alarms++
		}
	}
	if alarms > 2 {
		t.Errorf("%d of 200 checks are unusual, although the page is always restless", alarms)
	}
}

func TestTagsThatComeAndGo(t *testing.T) {
	t.Parallel()
	values := func(report plugins.Report) map[string]float64 {
		values := make(map[string]float64)
		for _, metric := range report.Metrics {
			values[metric.Name] = metric.Value
		}
		return values
	}
	w := newWatch(t, "")
	for range 10 {
		w.calm("<p>text</p><b>bold</b>")
	}
	got := values(w.check(htmlPage("<p>text</p><object></object>")))
	if _, there := got["tag_i_count"]; there {
		t.Error("an element that never was there is reported")
	}
	for name, want := range map[string]float64{"tag_p_count": 1, "tag_b_count": 0, "tag_object_count": 1, "tags_count": 2, "page_bytes": 28, "text_bytes": 4} {
		if value, there := got[name]; !there || value != want {
			t.Errorf("%s is %v (reported: %t), want %v", name, value, there, want)
		}
	}
	if finding := w.check(htmlPage("<p>text</p><object></object>")).Findings[0]; finding.Message != "1 object tag, usually none." {
		t.Errorf("got %q", finding.Message)
	}
}

// What is no complete, good page is not looked at, and changes nothing.
func TestPagesThatTeachNothing(t *testing.T) {
	t.Parallel()
	w := newWatch(t, "")
	for range 10 {
		w.calm(site(20, seeded(1)))
	}
	before := string(w.past)
	for name, spoil := range map[string]func(*plugins.Page){
		"failed":         func(p *plugins.Page) { p.Status, p.Err, p.ErrClass = 0, errors.New("refused"), plugins.ErrRefused },
		"failed midway":  func(p *plugins.Page) { p.Err, p.ErrClass = errors.New("reset"), plugins.ErrReset },
		"not found":      func(p *plugins.Page) { p.Status = 404 },
		"server error":   func(p *plugins.Page) { p.Status = 503 },
		"truncated":      func(p *plugins.Page) { p.Truncated = true },
		"without status": func(p *plugins.Page) { p.Status = 0 },
	} {
		page := htmlPage(hacked)
		spoil(page)
		report := w.check(page)
		if len(report.Metrics)+len(report.Findings) > 0 || string(report.Past) != before {
			t.Errorf("%s: %d metrics, %d findings, memory changed: %t", name, len(report.Metrics), len(report.Findings), string(report.Past) != before)
		}
	}
}

// Of what is not HTML only the size is known; it is compared all the same.
func TestNotHTML(t *testing.T) {
	t.Parallel()
	other := func(body string) *plugins.Page {
		page := htmlPage(body)
		page.Header = http.Header{"Content-Type": {"application/json"}}
		return page
	}
	w := newWatch(t, "")
	for range 10 {
		report := w.check(other(strings.Repeat("[1,2]", 400)))
		if len(report.Metrics) != 1 || report.Metrics[0] != (plugins.Metric{Name: "page_bytes", Value: 2000}) || report.Changed {
			t.Fatalf("got %+v", report)
		}
	}
	if !w.check(other("[]")).Changed {
		t.Error("an emptied answer is not unusual")
	}

	w = newWatch(t, "")
	for range 10 {
		w.calm(site(20, seeded(1)))
	}
	if !w.check(&plugins.Page{Status: 200}).Changed {
		t.Error("a page that became blank and lost its content type is not unusual")
	}
	w.calm(site(20, seeded(1)))
}

func TestOptions(t *testing.T) {
	t.Parallel()
	for options, want := range map[string]string{
		`{"k": 0}`:                    `"k"`,
		`{"k": "4"}`:                  `"k"`,
		`{"warmup": 1}`:               `"warmup"`,
		`{"warmup": 70}`:              `"warmup"`,
		`{"window": 2}`:               `"window"`,
		`{"window": 1000}`:            `"window"`,
		`{"ignore": ["tag_x_count"]}`: `tag_x_count`,
		`{"ignored": []}`:             `"ignored"`,
		`[]`:                          `JSON object`,
	} {
		if _, err := New(json.RawMessage(options)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want one that says %s", options, err, want)
		}
	}

	steady := site(20, seeded(1))
	more := strings.Replace(steady, "<nav>", "<nav><script></script>", 1)
	for options, alarm := range map[string]bool{
		``:                                 true,
		`{"k": 6}`:                         false,
		`{"ignore": ["tag_script_count"]}`: false,
		`{"warmup": 20}`:                   false,
		`{"warmup": 2, "window": 5}`:       true,
	} {
		w := newWatch(t, options)
		for range 12 {
			w.calm(steady)
		}
		if w.check(htmlPage(more)).Changed != alarm {
			t.Errorf("options %s: one more script is unusual: %t, want %t", options, !alarm, alarm)
		}
	}
}
