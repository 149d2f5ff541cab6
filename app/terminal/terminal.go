// Package terminal writes for people: in colour where that can be seen, and
// without what a stranger's text could do to the terminal.
package terminal

import (
	"io"
	"os"
	"strings"
	"unicode"

	"github.com/mattn/go-isatty"
	"golang.org/x/sys/unix"

	"webmon/plugins"
)

// Painter colours words, or leaves them as they are. The zero value colours
// nothing; make others with [NewPainter].
type Painter struct{ on bool }

// NewPainter colours only what goes to a terminal, and not when NO_COLOR is
// set (no-color.org).
func NewPainter(out io.Writer) Painter {
	return Painter{on: Is(out) && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"}
}

// Is tells whether a reader or writer is a terminal.
func Is(stream any) bool {
	file, isFile := stream.(*os.File)
	return isFile && isatty.IsTerminal(file.Fd())
}

// Live tells whether out is a terminal on which the cursor can be moved.
func Live(out io.Writer) bool { return Is(out) && os.Getenv("TERM") != "dumb" }

// Size is how many columns and rows a terminal has: 80 and 24 when it hides
// that, 0 and 0 when out is none.
func Size(out io.Writer) (columns, rows int) {
	if !Is(out) {
		return 0, 0
	}
	size, err := unix.IoctlGetWinsize(int(out.(*os.File).Fd()), unix.TIOCGWINSZ)
	if err != nil || size.Col == 0 || size.Row == 0 {
		return 80, 24
	}
	return int(size.Col), int(size.Row)
}

// Width is how many columns a terminal has, 0 when out is none.
func Width(out io.Writer) int {
	columns, _ := Size(out)
	return columns
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
func (p Painter) Verdict(v plugins.Verdict) string { return p.Of(v, string(v)) }

// Of writes text in the colour of a verdict.
func (p Painter) Of(v plugins.Verdict, text string) string {
	switch v {
	case plugins.Up:
		return p.with(green, text)
	case plugins.Down:
		return p.with(red, text)
	case plugins.Unknown:
		return p.with(faint, text)
	}
	return p.with(yellow, text)
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
