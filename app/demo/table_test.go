package demo

import (
	"strings"
	"testing"
	"unicode/utf8"

	"webmon/plugins"
)

// longWatch is a watch with rows that are too long for their columns.
func longWatch(screen *screen) *watch {
	finding := plugins.Told{Finding: plugins.Finding{Severity: plugins.Critical, Message: strings.Repeat("Größe ", 40) + "\x1b[31m"}}
	return &watch{screen: screen, base: "http://127.0.0.1:7700", pages: []*page{
		{name: strings.Repeat("ü", 100), verdict: plugins.Inconclusive, checks: 123456, seconds: 299.9, finding: &finding},
		{name: "short", verdict: plugins.Up, checks: 1, seconds: 0.0123, finding: &finding},
		{name: "calm", verdict: plugins.Unknown, target: target{description: strings.Repeat("long ", 30)}},
	}}
}

func TestTableFits(t *testing.T) {
	t.Parallel()
	w := longWatch(newScreen(&strings.Builder{}))
	for _, line := range append(w.table(), w.footer()) {
		if n := utf8.RuneCountInString(line); n >= defaultWidth {
			t.Errorf("%d characters: %q", n, line)
		}
		if strings.Contains(line, "\x1b") {
			t.Errorf("a page can steer the terminal: %q", line)
		}
	}
}
