// Package terminal writes for people: in colour where that can be seen, and
// without what a stranger's text could do to the terminal.
package terminal

import (
	"io"
	"os"
	"strings"
	"unicode"

	"github.com/mattn/go-isatty"

	"webmon/plugins"
)

// Painter colours words, or leaves them as they are. The zero value colours
// nothing; make others with [NewPainter].
type Painter struct{ on bool }

// NewPainter colours only what goes to a terminal, and not when NO_COLOR is
// set (no-color.org).
func NewPainter(out io.Writer) Painter {
	return Painter{on: Is(out) && os.Getenv("NO_COLOR") == ""}
}

// Is tells whether out is a terminal that can do more than print lines.
func Is(out io.Writer) bool {
	file, isFile := out.(*os.File)
	return isFile && isatty.IsTerminal(file.Fd()) && os.Getenv("TERM") != "dumb"
}

const (
	bold   = "1"
	red    = "31"
	green  = "32"
	yellow = "33"
	cyan   = "36"
	faint  = "2"
)

func (p Painter) with(colour, text string) string {
	if !p.on {
		return text
	}
	return "\x1b[" + colour + "m" + text + "\x1b[0m"
}

// Bold makes text stand out.
func (p Painter) Bold(text string) string { return p.with(bold, text) }

// Faint makes text step back.
func (p Painter) Faint(text string) string { return p.with(faint, text) }

// Verdict writes a verdict in its colour.
func (p Painter) Verdict(v plugins.Verdict) string {
	switch v {
	case plugins.Up:
		return p.with(green, string(v))
	case plugins.Down:
		return p.with(red, string(v))
	}
	return p.with(yellow, string(v))
}

// Severity writes text in the colour of a severity.
func (p Painter) Severity(s plugins.Severity, text string) string {
	switch s {
	case plugins.Critical:
		return p.with(red, text)
	case plugins.Warning:
		return p.with(yellow, text)
	}
	return p.with(cyan, text)
}

// Printable replaces control characters: a page's title must not be able to
// steer the terminal it is printed on.
func Printable(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
			return '�'
		}
		return r
	}, text)
}
