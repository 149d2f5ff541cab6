package terminal

import (
	"strings"
	"testing"

	"webmon/plugins"
)

func TestPainter(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		paint func(Painter) string
		plain string
		code  string // when colours are on
	}{
		{"bold", func(p Painter) string { return p.Bold("a") }, "a", bold},
		{"faint", func(p Painter) string { return p.Faint("a") }, "a", faint},
		{"up", func(p Painter) string { return p.Verdict(plugins.Up) }, "up", green},
		{"down", func(p Painter) string { return p.Verdict(plugins.Down) }, "down", red},
		{"changed", func(p Painter) string { return p.Verdict(plugins.Changed) }, "changed", yellow},
		{"info", func(p Painter) string { return p.Severity(plugins.Info, "a") }, "a", cyan},
		{"warning", func(p Painter) string { return p.Severity(plugins.Warning, "a") }, "a", yellow},
		{"critical", func(p Painter) string { return p.Severity(plugins.Critical, "a") }, "a", red},
	}
	for _, test := range tests {
		// What is no file is no terminal.
		if got := test.paint(NewPainter(&strings.Builder{})); got != test.plain {
			t.Errorf("%s without colours: %q, want %q", test.name, got, test.plain)
		}
		want := "\x1b[" + test.code + "m" + test.plain + "\x1b[0m"
		if got := test.paint(Painter{on: true}); got != want {
			t.Errorf("%s: %q, want %q", test.name, got, want)
		}
	}
}

func TestPrintable(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"Grüße, 世界":       "Grüße, 世界",
		"\x1b[2Jgone":     "�[2Jgone",
		"two\nlines\x7f":  "two�lines�",
		"right\u202eleft": "right�left",
	} {
		if got := Printable(text); got != want {
			t.Errorf("Printable(%q) = %q, want %q", text, got, want)
		}
	}
}
