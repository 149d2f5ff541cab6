package app

import (
	"io"
	"os"
	"strings"
	"unicode"

	"github.com/mattn/go-isatty"

	"webmon/plugins"
)

// painter colours words, or does not.
type painter struct{ on bool }

// newPainter colours only what goes to a terminal, and not when NO_COLOR is
// set (no-color.org).
func newPainter(out io.Writer) painter {
	file, isFile := out.(*os.File)
	return painter{on: isFile && isatty.IsTerminal(file.Fd()) &&
		os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"}
}

const (
	bold   = "1"
	red    = "31"
	green  = "32"
	yellow = "33"
	cyan   = "36"
	faint  = "2"
)

func (p painter) with(colour, text string) string {
	if !p.on {
		return text
	}
	return "\x1b[" + colour + "m" + text + "\x1b[0m"
}

func (p painter) bold(text string) string { return p.with(bold, text) }

func (p painter) verdict(v plugins.Verdict) string {
	switch v {
	case plugins.Up:
		return p.with(green, string(v))
	case plugins.Down:
		return p.with(red, string(v))
	}
	return p.with(yellow, string(v))
}

func (p painter) severity(s plugins.Severity, text string) string {
	switch s {
	case plugins.Critical:
		return p.with(red, text)
	case plugins.Warning:
		return p.with(yellow, text)
	}
	return p.with(cyan, text)
}

// printable replaces control characters: a page's title must not be able to
// steer the terminal it is printed on.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
			return '�'
		}
		return r
	}, text)
}
