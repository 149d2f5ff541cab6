package htmlstats

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"webmon/plugins"
)

// watch plays a sequence of pages through the plugin, as the checks of one
// asset, an hour apart.
type watch struct {
	t      *testing.T
	plugin plugins.Plugin
	past   []byte
	most   int // bytes remembered at most
	every  time.Duration
	next   time.Duration // when the next check is
}

func newWatch(t *testing.T, options string) *watch {
	t.Helper()
	plugin, err := New(json.RawMessage(options))
	if err != nil {
		t.Fatal(err)
	}
	return &watch{t: t, plugin: plugin, every: time.Hour}
}

func (w *watch) check(page *plugins.Page) plugins.Report {
	w.t.Helper()
	page.At = firstCheck.Add(w.next)
	w.next += w.every
	report, err := w.plugin.Inspect(w.t.Context(), page, w.past)
	if err != nil {
		w.t.Fatal(err)
	}
	w.past = report.Past
	w.most = max(w.most, len(w.past))
	alarming := slices.ContainsFunc(report.Findings, func(f plugins.Finding) bool { return f.Verdict != "" })
	if report.Changed != alarming {
		w.t.Errorf("changed is %t with findings %+v", report.Changed, report.Findings)
	}
	return report
}

// calm checks a page that must not alarm.
func (w *watch) calm(body string) {
	w.t.Helper()
	if report := w.check(htmlPage(body)); report.Changed {
		w.t.Errorf("an alarm: %s", messages(report))
	}
}

// alarmed checks a page that must.
func (w *watch) alarmed(body string) plugins.Report {
	w.t.Helper()
	report := w.check(htmlPage(body))
	if !report.Changed {
		w.t.Errorf("no alarm on a page of %d bytes; score %v", len(body), metricOf(report, scoreName))
	}
	return report
}

// probe checks a page and forgets it.
func (w *watch) probe(body string) plugins.Report {
	w.t.Helper()
	alone := *w
	return alone.check(htmlPage(body))
}

func messages(report plugins.Report) string {
	var all []string
	for _, f := range report.Findings {
		all = append(all, f.Code+": "+f.Message)
	}
	return strings.Join(all, "\n")
}

func metricOf(report plugins.Report, name string) float64 {
	for _, m := range report.Metrics {
		if m.Name == name {
			return m.Value
		}
	}
	return -1
}

func codes(report plugins.Report) (codes []string) {
	for _, f := range report.Findings {
		codes = append(codes, f.Code)
	}
	return codes
}

var firstCheck = time.Unix(1_800_000_000, 0)

func htmlPage(body string) *plugins.Page {
	return &plugins.Page{
		URL: "http://site.example/", Status: 200, Header: http.Header{"Content-Type": {"text/html; charset=utf-8"}},
		Body: []byte(body), At: firstCheck,
	}
}

var vocabulary = strings.Fields(`garden kitchen village mountain river recipe bicycle workshop orchestra teacher painter
	farmer market festival winter summer evening morning council library harbour bridge museum school weather
	report budget meeting station traffic holiday concert theatre forest castle valley meadow island coast`)

// site writes a page of news with that many items, each of other words.
func site(items int, random *rand.Rand) string {
	var b strings.Builder
	b.WriteString(`<!doctype html><html lang=en><head><title>News</title><meta charset=utf-8><link rel=stylesheet href=a.css>
<script src=a.js></script><script src=https://cdn.example.net/b.js></script><script>start()</script></head>
<body><nav><a href=/>Home</a><a href=/new>New</a></nav><h1>All the news</h1><main>`)
	for i := range items {
		fmt.Fprintf(&b, `<article class=item><h2><a href="/item/%d">Item %d</a></h2><img src="/%d.jpg"><p>`, i, i, i)
		for range 5 + random.IntN(10) {
			b.WriteString(vocabulary[random.IntN(len(vocabulary))] + " ")
		}
		b.WriteString("</p></article>\n")
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

const hacked = "<html><head><title>Hacked</title></head><body bgcolor=black><center><h1>Hacked by nobody</h1></center></body></html>"

func before(body, end, more string) string { return strings.Replace(body, end, more+end, 1) }
