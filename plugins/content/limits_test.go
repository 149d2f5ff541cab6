package content

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"webmon/plugins"
)

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

// Masks have a limit, which falls between two lines.
func TestMaskedBeginning(t *testing.T) {
	t.Parallel()
	a := newAsset(t, `{"mask": ["numbers"]}`)
	head := strings.Repeat("a line without\n", maxMasked/15)
	for _, step := range []struct {
		body    string
		changes bool
	}{
		{"1\n" + head + "1", false}, {"2\n" + head + "1", false}, {"2\n" + head + "end\n2", true},
	} {
		if got := a.check(page("text/plain", step.body)); got.Changed != step.changes {
			t.Errorf("%.10q…%s: changed %t, want %t", step.body, step.body[len(step.body)-5:], got.Changed, step.changes)
		}
	}
	b := newAsset(t, `{"mask": ["numbers"]}`)
	b.check(page("text/plain", head+head+"1"))
	if !b.check(page("text/plain", head+head+"2")).Changed {
		t.Error("a number beyond the limit is masked")
	}
}

// Whatever the body, the report keeps its limits and takes a moment.
func TestHostileBodies(t *testing.T) {
	t.Parallel()
	bodies := map[string]*plugins.Page{
		"many lines":  page("text/html", strings.Repeat("<p>a<p>b", 100_000)),
		"other lines": page("text/html", strings.Repeat("<p>b<p>c<p>a", 100_000)),
		"deep":        page("text/html", strings.Repeat("<div>x", 100_000)),
		"one line":    page("text/plain", strings.Repeat("a. b ", 210_000)),
		"no blanks":   page("text/plain", strings.Repeat("ü", 1<<19)),
		"newlines":    page("text/plain", strings.Repeat("a\n", 1<<19)),
		"deep JSON":   page("application/json", strings.Repeat("[", 9000)+strings.Repeat("]", 9000)),
		"wide JSON":   page("application/json", "["+strings.Repeat("1,", 250_000)+"1]"),
		"numbers":     page("text/html", lines(0, 20_000)),
		"tags":        page("application/xml", strings.Repeat("<a></a>", 100_000)),
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
