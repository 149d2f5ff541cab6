package content

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"webmon/plugins"
)

func page(kind, body string) *plugins.Page {
	return &plugins.Page{Status: 200, Header: http.Header{"Content-Type": {kind}}, Body: []byte(body)}
}

// asset is checked again and again.
type asset struct {
	t      testing.TB
	plugin plugins.Plugin
	past   []byte
}

func newAsset(t testing.TB, options string) *asset {
	t.Helper()
	plugin, err := New(json.RawMessage(options))
	if err != nil {
		t.Fatal(err)
	}
	return &asset{t: t, plugin: plugin}
}

func (a *asset) check(page *plugins.Page) plugins.Report {
	a.t.Helper()
	report, err := a.plugin.Inspect(a.t.Context(), page, a.past)
	if err != nil {
		a.t.Fatal(err)
	}
	a.past = report.Past
	return report
}

// finding checks an HTML page and returns the finding that its text changed.
func (a *asset) finding(body string) *plugins.Finding {
	a.t.Helper()
	report := a.check(page("text/html", body))
	for _, finding := range report.Findings {
		if finding.Code == "content_changed" {
			return &finding
		}
	}
	if report.Changed {
		a.t.Errorf("changed, but no finding says so")
	}
	return nil
}

func metric(report plugins.Report, name string) float64 {
	for _, m := range report.Metrics {
		if m.Name == name {
			return m.Value
		}
	}
	return -1
}

// Each step is a check of the same asset, with what the one before remembered.
func TestSequence(t *testing.T) {
	t.Parallel()
	failed := page("text/html", "<p>error</p>")
	failed.Err = errors.New("reset")
	unavailable := page("text/html", "<p>error</p>")
	unavailable.Status = 503
	a := newAsset(t, "")
	for _, step := range []struct {
		name         string
		page         *plugins.Page
		bytes, words float64
		lines        [2]float64 // added, removed; -1: nothing to compare with
		title        string
		changed      string // the finding's message; empty: not changed
	}{
		{"an error first", failed, -1, -1, [2]float64{-1, -1}, "", ""},
		{"first", page("text/html", "<title>T</title><p>two words"), 9, 2, [2]float64{-1, -1}, "T", ""},
		{"same", page("text/html", "<title>T</title><p>two words"), 9, 2, [2]float64{}, "T", ""},
		{"other markup", page("text/html", "<title>T</title>\n<div class=x>two <b>words</b></div><script>x</script>"), 9, 2, [2]float64{}, "T", ""},
		{"other lines", page("text/html", "<title>T</title><p>two<p>words"), 9, 2, [2]float64{}, "T", ""},
		{"an error", failed, -1, -1, [2]float64{-1, -1}, "", ""},
		{"unavailable", unavailable, -1, -1, [2]float64{-1, -1}, "", ""},
		{"other text", page("text/html", "<title>T</title><p>three more words"), 16, 3, [2]float64{1, 1}, "T", "1 line added, 1 removed: “three more words”."},
		{"same again", page("text/html", "<title>T</title><p>three more words"), 16, 3, [2]float64{}, "T", ""},
		{"other title", page("text/html", "<title>U</title><p>x<p>y"), 3, 2, [2]float64{2, 1}, "U", `2 lines added, 1 removed: “x”; the title is "U", it was "T".`},
		{"one line less", page("text/html", "<title>U</title><p>x"), 1, 1, [2]float64{0, 1}, "U", `1 line removed: “y”.`},
		{"blank", page("text/html", ""), 0, 0, [2]float64{0, 1}, "", `1 line removed: “x”; the title is "", it was "U".`},
		{"no longer blank", page("text/html", "<p>x"), 1, 1, [2]float64{1, 0}, "", "1 line added: “x”."},
		{"no HTML", page("application/json", `{"a":1}`), -1, -1, [2]float64{}, "", "The page changed between HTML and something else."},
		{"same JSON", page("application/json", ` {"a": 1} `), -1, -1, [2]float64{}, "", ""},
		{"other JSON", page("application/json", `{"a":1,"b":[2,3]}`), -1, -1, [2]float64{5, 1}, "", "5 lines added, 1 removed: “\"a\": 1,”."},
		{"text", page("text/plain", "a\r\n\r\n  b  c"), -1, -1, [2]float64{2, 7}, "", "2 lines added, 7 removed: “a”."},
		{"other white space", page("text/plain", "a\n b c\n"), -1, -1, [2]float64{}, "", ""},
		{"XML", page("application/rss+xml", "<a><b>1</b><b>2</b></a>"), -1, -1, [2]float64{4, 2}, "", "4 lines added, 2 removed: “<a>”."},
		{"other XML", page("application/rss+xml", "<a><b>1</b><b>3</b></a>"), -1, -1, [2]float64{1, 1}, "", "1 line added, 1 removed: “<b>3</b>”."},
		{"binary", page("image/png", "\x89PNG\xff"), -1, -1, [2]float64{}, "", "The body changed."},
		{"other binary", page("image/png", "\x89PNG\xfe"), -1, -1, [2]float64{}, "", "The body changed."},
		{"nothing", page("image/png", ""), -1, -1, [2]float64{}, "", "The body changed."},
		{"something", page("image/png", "a"), -1, -1, [2]float64{1, 0}, "", "1 line added: “a”."},
	} {
		before := a.past
		report := a.check(step.page)
		for i, name := range []string{"text_bytes", "words_count", "added_lines_count", "removed_lines_count"} {
			if got, want := metric(report, name), []float64{step.bytes, step.words, step.lines[0], step.lines[1]}[i]; got != want {
				t.Errorf("%s: %s is %v, want %v", step.name, name, got, want)
			}
		}
		if report.Facts["title"] != step.title {
			t.Errorf("%s: title %q, want %q", step.name, report.Facts["title"], step.title)
		}
		if report.Changed != (step.changed != "") || len(report.Findings) > 1 {
			t.Errorf("%s: changed %t, findings %+v", step.name, report.Changed, report.Findings)
		}
		if strings.HasPrefix(step.name, "same") && !strings.Contains(step.name, "JSON") && !bytes.Equal(report.Past, before) {
			t.Errorf("%s: another past, though the body is the same", step.name)
		}
		if (metric(report, "added_lines_count")+metric(report, "removed_lines_count") > 0) != (report.Facts["diff"] != "") {
			t.Errorf("%s: diff %q", step.name, report.Facts["diff"])
		}
		for _, finding := range report.Findings {
			if finding.Message != step.changed || finding.Severity != plugins.Info || finding.Code != "content_changed" || finding.Verdict != "" {
				t.Errorf("%s: finding %+v, want message %q", step.name, finding, step.changed)
			}
		}
	}
}

const news = `<title>News</title><nav><a href=/>Home</a></nav><main><h1>All the news</h1><p>The bridge is open again. It had been closed for repairs since the spring of last year. Cars may pass.</p>
<table><tr><td>Bread<td>2.40<tr><td>Milk<td>1.10</table></main><footer>Sunday, 22 November 2026, 14:03 <span id=count>Visitors: 10,482</span> updated 5 minutes ago</footer>`

func TestDiff(t *testing.T) {
	t.Parallel()
	a := newAsset(t, "")
	a.finding(news)
	changed := strings.NewReplacer("since the spring", "for all", "1.10", "1.25", "</nav>", " <a href=/x>Shop</a></nav>").Replace(news)
	report := a.check(page("text/html", changed))
	finding := report.Findings[0]
	if want := "3 lines added, 3 removed: “Home Shop”."; finding.Message != want {
		t.Errorf("message %q, want %q", finding.Message, want)
	}
	want := []string{"- Home", "+ Home Shop", "- It had been closed for repairs since the spring of last year.", "+ It had been closed for repairs for all of last year.", "- Milk 1.10", "+ Milk 1.25"}
	if !slices.Equal(finding.Evidence, want) {
		t.Errorf("evidence %q, want %q", finding.Evidence, want)
	}
	const diff = `- Home
+ Home Shop
  All the news
  The bridge is open again.
- It had been closed for repairs since the spring of last year.
+ It had been closed for repairs for all of last year.
  Cars may pass.
  Bread 2.40
- Milk 1.10
+ Milk 1.25
  Sunday, 22 November 2026, 14:03 Visitors: 10,482 updated 5 minutes ago`
	if got := report.Facts["diff"]; got != diff {
		t.Errorf("diff\n%s\nwant\n%s", got, diff)
	}
	if d := metric(report, "simhash_distance_count"); d < 1 || d > 25 {
		t.Errorf("the text is %v bits away, want a few", d)
	}
}

// Whatever two texts are, taking away what is gone and adding what is new makes
// the one out of the other.
func TestDiffIsTrue(t *testing.T) {
	t.Parallel()
	for seed := range uint64(2000) {
		random := rand.New(rand.NewPCG(seed, 1))
		old := make([]string, random.IntN(12))
		for i := range old {
			old[i] = string(rune('a' + random.IntN(6)))
		}
		now := slices.Clone(old)
		for range random.IntN(4) {
			if i := random.IntN(len(now) + 1); i < len(now) && random.IntN(2) == 0 {
				now = slices.Delete(now, i, i+1)
			} else {
				now = slices.Insert(now, i, string(rune('a'+random.IntN(6))))
			}
		}
		var c change
		c.read(strings.Join(old, "\n"), strings.Join(now, "\n"), false)
		left := make(map[string]int)
		for _, l := range old {
			left[l]++
		}
		for _, l := range c.lines {
			switch l.kind {
			case '+':
				left[l.text]++
			case '-':
				left[l.text]--
			}
		}
		for _, l := range now {
			left[l]--
		}
		for l, n := range left {
			if n != 0 {
				t.Errorf("%q to %q: %d of %q are not accounted for in %q", old, now, n, l, c.lines)
			}
		}
		if c.added-c.removed != len(now)-len(old) {
			t.Errorf("%q to %q: %d added, %d removed", old, now, c.added, c.removed)
		}
	}
}

// A page that shows the date, the time, or a counter does not change all the
// time when that is masked, and still changes when something else does.
func TestMasks(t *testing.T) {
	t.Parallel()
	later := strings.NewReplacer("Sunday, 22 November", "Monday, 23 November", "14:03", "9:15", "10,482", "11,001", "5 minutes ago", "an hour ago").Replace(news)
	for _, test := range []struct {
		options string
		changes bool
	}{
		{"", true},
		{`{"mask": ["dates"]}`, true},
		{`{"mask": ["dates", "times", "ages"]}`, true},
		{`{"mask": ["numbers", "dates", "times", "ages"]}`, false},
		{`{"mask": ["dates", "times", "ages"], "mask_expressions": ["Visitors: [\\d,]+"]}`, false},
		{`{"ignore": ["footer"]}`, false},
		{`{"ignore": ["footer > *"]}`, true},
		{`{"watch": ["main"]}`, false},
		{`{"watch": ["main", "#count"]}`, true},
		{`{"watch": ["main", "footer"], "ignore": ["footer:nth-child(3)"]}`, false},
	} {
		a := newAsset(t, test.options)
		a.finding(news)
		if got := a.finding(later); (got != nil) != test.changes {
			t.Errorf("options %s: finding %+v, want one: %t", test.options, got, test.changes)
		}
		if got := a.finding(strings.Replace(later, "bridge", "tunnel", 1)); got == nil {
			t.Errorf("options %s: a change of the text is not seen", test.options)
		}
	}
}

func TestMaskedWords(t *testing.T) {
	t.Parallel()
	masks, err := compileMasks([]string{`ticket-\w+`}, []string{"numbers", "dates", "times", "ages"})
	if err != nil {
		t.Fatal(err)
	}
	for line, want := range map[string]string{
		"2026-11-22":                                "[date]",
		"2026-11-22T14:03:22Z":                      "[date]",
		"am 22.11.2026 um 14:03 Uhr":                "am [date] um [time]",
		"11/22/2026 and 1/2/26":                     "[date] and [date]",
		"Sonntag, den 22. November 2026":            "[date]",
		"November 22nd, 2026 at 2:03 PM UTC":        "[date] at [time]",
		"22 août 2026, le 1er mars":                 "[date], le [date]",
		"15 de março de 2026":                       "[date]",
		"Nov 22":                                    "[date]",
		"2026年11月22日":                               "[date]",
		"just now, 3 hours ago, vor 5 Minuten":      "[age], [age], [age]",
		"hace 3 días, il y a 2 heures":              "[age], [age]",
		"1,234 of 5.6 %, H2O":                       "[number] of [number] %, H[number]O",
		"see ticket-a7":                             "see [masked]",
		"12 decisions, 5 markets, version 1.2":      "[number] decisions, [number] markets, version [number]",
		"march on, no dates here, a maybe, ten ago": "march on, no dates here, a maybe, ten ago",
	} {
		if got := hide(line, masks); got != want {
			t.Errorf("%q becomes %q, want %q", line, got, want)
		}
	}
}

func TestAlert(t *testing.T) {
	t.Parallel()
	a := newAsset(t, `{"alert": true}`)
	a.finding("<p>one")
	got := a.finding("<p>two")
	if got == nil || got.Verdict != plugins.Changed || got.Severity != plugins.Warning || !got.Alarming() {
		t.Errorf("finding %+v", got)
	}
	if got := a.finding("<p>two"); got != nil {
		t.Errorf("it alarms again: %+v", got)
	}
}

func TestWatchFindsNothing(t *testing.T) {
	t.Parallel()
	a := newAsset(t, `{"watch": ["#price"]}`)
	for _, body := range []string{"<p>1", "<p>1", "<p id=price>2", "<p>3"} {
		var codes []string
		for _, finding := range a.check(page("text/html", body)).Findings {
			codes = append(codes, finding.Code)
		}
		if slices.Contains(codes, "watch_found_nothing") == strings.Contains(body, "price") {
			t.Errorf("%s: findings %q", body, codes)
		}
	}
}

// Other options are another text: what is remembered of the old one is nothing
// to them. An alert is no other text.
func TestOtherOptions(t *testing.T) {
	t.Parallel()
	a := newAsset(t, "")
	a.finding("<p>one<p id=x>two")
	for options, changes := range map[string]bool{`{"watch": ["#x"]}`: false, `{"mask": ["dates"]}`: false, `{"alert": true, "watch": []}`: true, `{"watch": null}`: true} {
		b := newAsset(t, options)
		b.past = a.past
		if got := b.finding("<p>three"); (got != nil) != changes {
			t.Errorf("options %s: %+v", options, got)
		}
	}
}

func TestBadOptions(t *testing.T) {
	t.Parallel()
	for options, want := range map[string]string{
		`{"watch": ["p["]}`:                                             `option "watch": the selector "p["`,
		`{"ignore": ["a:hover"]}`:                                       `option "ignore": the selector "a:hover"`,
		`{"mask": ["weather"]}`:                                         `no mask "weather"; the masks are dates, times, ages, numbers`,
		`{"mask_expressions": ["("]}`:                                   `the expression "("`,
		`{"mask_expressions": [""]}`:                                    "1 to 200",
		`{"mask_expressions": ["((a{1,9}){1,9}){1,9}"]}`:                "too large",
		`{"mask_expressions": [` + strings.Repeat(`"a",`, 10) + `"a"]}`: "limit is 10",
		`{"alert": "yes"}`:                                              "alert",
	} {
		if _, err := New(json.RawMessage(options)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want one with %q", options, err, want)
		}
	}
}

// lines writes a page of numbered lines that do not compress well.
func lines(from, to int) string {
	var b strings.Builder
	for i := from; i < to; i++ {
		fmt.Fprintf(&b, "<p>%d %x %x", i, uint64(i)*0x9E3779B97F4A7C15, uint64(i)*0xA0761D6478BD642F)
	}
	return b.String()
}

// Of a long text only the beginning is remembered. What follows it is not taken
// for new.
func TestLongText(t *testing.T) {
	t.Parallel()
	a := newAsset(t, "")
	long := lines(0, 3000)
	a.finding(long)
	if len(a.past) > 12<<10 || len(a.past) < 8<<10 {
		t.Errorf("%d bytes are remembered, want nearly 12 KiB", len(a.past))
	}
	for _, step := range []struct{ body, message string }{
		{"<p>new one" + long, "In the part that is remembered: 1 line added: “new one”."},
		{long, "In the part that is remembered: 1 line removed: “new one”."},
		{long + "<p>at the end", "The text changed beyond the part of it that is remembered."},
		{lines(1, 3000), "In the part that is remembered: 1 line removed: “0 0 0”."},
		{lines(0, 3000), "In the part that is remembered: 1 line added: “0 0 0”."},
	} {
		got := a.finding(step.body)
		if got == nil || got.Message != step.message {
			t.Errorf("finding %+v, want message %q", got, step.message)
		}
	}
}

// Whatever the body, the report keeps its limits and takes a moment.
func TestHostileBodies(t *testing.T) {
	t.Parallel()
	bodies := map[string]*plugins.Page{
		"many lines":  page("text/html", strings.Repeat("<p>a<p>b", 200_000)),
		"other lines": page("text/html", strings.Repeat("<p>b<p>c<p>a", 200_000)),
		"deep":        page("text/html", strings.Repeat("<div>x", 100_000)),
		"one line":    page("text/plain", strings.Repeat("a. b ", 400_000)),
		"no blanks":   page("text/plain", strings.Repeat("ü", 1<<20)),
		"newlines":    page("text/plain", strings.Repeat("a\n", 1<<20)),
		"deep JSON":   page("application/json", strings.Repeat("[", 9000)+strings.Repeat("]", 9000)),
		"wide JSON":   page("application/json", "["+strings.Repeat("1,", 500_000)+"1]"),
		"numbers":     page("text/html", lines(0, 20_000)),
		"tags":        page("application/xml", strings.Repeat("<a></a>", 200_000)),
	}
	for _, options := range []string{"", `{"mask": ["dates", "times", "ages", "numbers"], "ignore": ["i"], "mask_expressions": ["(a|b|c){1,40}$"]}`} {
		a := newAsset(t, options)
		for range 2 {
			for name, page := range bodies {
				report := a.check(&plugins.Page{Status: 200, Header: page.Header, Body: page.Body})
				if len(report.Past) > 12<<10 || len(report.Facts["diff"]) > 2000 || !utf8.ValidString(report.Facts["diff"]) {
					t.Errorf("%s: past of %d bytes, diff of %d", name, len(report.Past), len(report.Facts["diff"]))
				}
				for _, finding := range report.Findings {
					if len(finding.Message) > 1000 || len(finding.Evidence) > 10 {
						t.Errorf("%s: message of %d bytes, %d pieces", name, len(finding.Message), len(finding.Evidence))
					}
				}
			}
		}
	}
}

func TestDamagedText(t *testing.T) {
	t.Parallel()
	a := newAsset(t, "")
	a.finding("<p>" + strings.Repeat("some text ", 50))
	a.past[len(a.past)-8] ^= 0xff
	if got := a.finding("<p>other"); got == nil || got.Message != "The text changed to 1 word from 100." {
		t.Errorf("finding %+v", got)
	}
}

func FuzzSummary(f *testing.F) {
	f.Add([]byte(nil))
	f.Add((&summary{body: 1, text: 2, isHTML: true, textBytes: 300, words: 40, title: "Title", kept: keep("text")}).encode())
	f.Fuzz(func(t *testing.T, b []byte) {
		s, ok := decode(b)
		if !ok {
			return
		}
		if again, ok := decode(s.encode()); !ok || !reflect.DeepEqual(again, s) {
			t.Errorf("%+v became %+v", s, again)
		}
		s.remembered()
	})
}

func FuzzInspect(f *testing.F) {
	f.Add("text/html", "<p>a. b<td>c", "<p>a. c<td class=ad>c")
	f.Add("text/plain", "a\nb 2026-11-22", "b\na\x00")
	f.Add("application/json", `{"a": 1}`, `{"a": [1, "2"]}`)
	f.Add("application/xml", `<a><b/></a>`, ``)
	f.Fuzz(func(t *testing.T, kind, before, after string) {
		for _, options := range []string{"", `{"watch": ["p", "td"], "ignore": [".ad"], "mask": ["dates", "numbers"]}`} {
			a := newAsset(t, options)
			a.check(page(kind, before))
			report := a.check(page(kind, after))
			for _, finding := range report.Findings {
				if finding.Message == "" || !utf8.ValidString(finding.Message) || len(finding.Evidence) > 10 {
					t.Errorf("finding %+v", finding)
				}
				for _, piece := range finding.Evidence {
					if len(piece) > 200 || len(piece) < 3 || !utf8.ValidString(piece) {
						t.Errorf("evidence %q", piece)
					}
				}
			}
			if diff := report.Facts["diff"]; len(diff) > 2000 || !utf8.ValidString(diff) || len(a.past) > 12<<10 {
				t.Errorf("diff %q, past of %d bytes", diff, len(a.past))
			}
			if again := a.check(page(kind, after)); again.Changed {
				t.Errorf("unchanged, and yet %+v", again.Findings)
			}
		}
	})
}

func BenchmarkInspectUnchanged(b *testing.B) {
	a := newAsset(b, "")
	unchanged := page("text/html", strings.Repeat("<p>some text</p>", 2000))
	a.check(unchanged)
	b.ReportAllocs()
	for b.Loop() {
		a.check(&plugins.Page{Status: 200, Header: unchanged.Header, Body: unchanged.Body})
	}
}

// BenchmarkInspectChanged reads a page of 30 KB with 300 lines, of which one is
// another each time. What the page alone costs is shared with other plugins.
func BenchmarkInspectChanged(b *testing.B) {
	words := strings.Fields(news)
	var bodies [2]string
	for i := range bodies {
		var body strings.Builder
		for n := range 250 {
			fmt.Fprintf(&body, "<li class=item><a href='/item/%d'>Item %d</a> %s %s %s %s</li>\n", n, n, words[n%13+7], words[n%7+9], words[n%11+8], words[n%5+12])
		}
		fmt.Fprintf(&body, "<p>This is version %d of the page.", i)
		bodies[i] = body.String() + "<script>" + strings.Repeat("code();", (30<<10-body.Len())/7) + "</script>"
	}
	read := func(i int) *plugins.Page {
		page := page("text/html", bodies[i%2])
		page.Outline()
		page.Hash()
		return page
	}
	b.Run("page alone", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			read(0)
		}
	})
	for name, options := range map[string]string{"plain": "", "ignore": `{"ignore": [".ad", "#count"]}`, "masks": `{"mask": ["dates", "times"]}`} {
		b.Run(name, func(b *testing.B) {
			a := newAsset(b, options)
			i := 0
			b.ReportAllocs()
			for b.Loop() {
				a.check(read(i))
				i++
			}
			b.ReportMetric(float64(len(a.past)), "memory-bytes")
		})
	}
}
