package content

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"

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

func TestDamagedText(t *testing.T) {
	t.Parallel()
	a := newAsset(t, "")
	a.finding("<p>" + strings.Repeat("some text ", 50))
	a.past[len(a.past)-8] ^= 0xff
	if got := a.finding("<p>other"); got == nil || got.Message != "The text changed to 1 word from 100." {
		t.Errorf("finding %+v", got)
	}
}
