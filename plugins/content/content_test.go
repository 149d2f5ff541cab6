package content

import (
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

// Each step is a check of the same asset, with what the one before remembered.
func TestSequence(t *testing.T) {
	t.Parallel()
	failed := page("text/html", "<p>error</p>")
	failed.Err = errors.New("reset")
	unavailable := page("text/html", "<p>error</p>")
	unavailable.Status = 503
	plugin, err := New(nil)
	if err != nil {
		t.Fatal(err)
	}
	var past []byte
	for _, step := range []struct {
		name    string
		page    *plugins.Page
		metrics []plugins.Metric
		title   string
		changed string // the finding's message; empty: not changed
	}{
		{"an error first", failed, nil, "", ""},
		{"first", page("text/html", "<title>T</title><p>two words"), text(9, 2), "T", ""},
		{"same", page("text/html", "<title>T</title><p>two words"), text(9, 2), "T", ""},
		{"other markup", page("text/html", "<title>T</title>\n<div class=x>two <b>words</b></div><script>x</script>"), text(9, 2), "T", ""},
		{"an error", failed, nil, "", ""},
		{"unavailable", unavailable, nil, "", ""},
		{"other text", page("text/html", "<title>T</title><p>three more words"), text(16, 3), "T", "The text changed to 3 words from 2."},
		{"same again", page("text/html", "<title>T</title><p>three more words"), text(16, 3), "T", ""},
		{"other title", page("text/html", "<title>U</title><p>x"), text(1, 1), "U", `The text changed to 1 word from 3; the title to "U" from "T".`},
		{"blank", page("text/html", ""), text(0, 0), "", `The text changed to 0 words from 1; the title to "" from "U".`},
		{"no HTML", page("application/json", "{}"), nil, "", "The page changed between HTML and something else."},
		{"same JSON", page("application/json", "{}"), nil, "", ""},
		{"other JSON", page("application/json", "{ }"), nil, "", "The body changed."},
	} {
		report, err := plugin.Inspect(t.Context(), step.page, past)
		if err != nil {
			t.Fatal(err)
		}
		past = report.Past
		if !slices.Equal(report.Metrics, step.metrics) || report.Facts["title"] != step.title {
			t.Errorf("%s: metrics %v, title %q; want %v, %q", step.name, report.Metrics, report.Facts["title"], step.metrics, step.title)
		}
		if report.Changed != (step.changed != "") || len(report.Findings) > 1 {
			t.Errorf("%s: changed %t, findings %+v", step.name, report.Changed, report.Findings)
		}
		for _, finding := range report.Findings {
			if finding.Message != step.changed || finding.Severity != plugins.Info || finding.Code != "content_changed" || finding.Verdict != "" {
				t.Errorf("%s: finding %+v, want message %q", step.name, finding, step.changed)
			}
		}
	}
}

func text(bytes, words float64) []plugins.Metric {
	return []plugins.Metric{{Name: "text_bytes", Value: bytes}, {Name: "words_count", Value: words}}
}

func FuzzSummary(f *testing.F) {
	f.Add([]byte(nil))
	f.Add(summary{body: 1, text: 2, isHTML: true, textBytes: 300, words: 40, title: "Title"}.encode())
	f.Fuzz(func(t *testing.T, b []byte) {
		s, ok := decode(b)
		if !ok {
			return
		}
		if again, ok := decode(s.encode()); !ok || again != s {
			t.Errorf("%+v became %+v", s, again)
		}
	})
}

func BenchmarkInspectUnchanged(b *testing.B) {
	plugin, err := New(nil)
	if err != nil {
		b.Fatal(err)
	}
	unchanged := page("text/html", strings.Repeat("<p>some text</p>", 2000))
	report, err := plugin.Inspect(b.Context(), unchanged, nil)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		page := &plugins.Page{Status: 200, Header: unchanged.Header, Body: unchanged.Body}
		if _, err := plugin.Inspect(b.Context(), page, report.Past); err != nil {
			b.Fatal(err)
		}
	}
}
