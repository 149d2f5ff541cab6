package demo

import (
	"fmt"
	"io"
	"strings"

	"webmon/app/terminal"
	"webmon/plugins"
)

// screen writes lines, and on a terminal also a table below them that is
// drawn again in place. Anywhere else it writes the lines alone.
type screen struct {
	out     io.Writer
	paint   terminal.Painter
	columns func() (width, height int) // of the terminal; nil: none
	pending []string                   // lines not yet written
	drawn   int                        // lines of the table on the terminal
}

func newScreen(out io.Writer) *screen {
	s := &screen{out: out, paint: terminal.NewPainter(out)}
	if terminal.Live(out) {
		s.columns = func() (int, int) { return terminal.Size(out) }
	}
	return s
}

// defaultWidth is the width of what is no terminal.
const defaultWidth = 80

func (s *screen) width() int {
	if s.columns == nil {
		return defaultWidth
	}
	width, _ := s.columns()
	return width
}

// say puts a line before the table. It is written at the next flush.
func (s *screen) say(format string, args ...any) {
	s.pending = append(s.pending, fmt.Sprintf(format, args...))
}

// shownFindings is how many findings of one check are printed.
const shownFindings = 3

// findings prints the first of a check's findings.
func (s *screen) findings(findings []plugins.Told) {
	for _, f := range findings[:min(len(findings), shownFindings)] {
		s.say("        %s %s", s.paint.Severity(f.Severity, string(f.Severity)), terminal.Printable(f.Message))
	}
	if more := len(findings) - shownFindings; more > 0 {
		s.say("        and %d more", more)
	}
}

// flush writes the lines that wait, and the table when there is a terminal
// that is high enough.
func (s *screen) flush(table []string) {
	if s.columns == nil {
		table = nil
	} else if _, height := s.columns(); len(table) >= height {
		table = nil
	}
	s.write(table)
	s.drawn = len(table)
}

// close writes the table for the last time, terminal or not.
func (s *screen) close(table []string) {
	s.write(table)
	s.drawn = 0
}

// write replaces the table on the terminal, in one piece so that it does not
// flicker.
func (s *screen) write(table []string) {
	var frame strings.Builder
	if s.drawn > 0 {
		fmt.Fprintf(&frame, "\r\x1b[%dA", s.drawn)
	}
	clear := ""
	if s.columns != nil {
		clear = "\x1b[K"
	}
	for _, line := range append(s.pending, table...) {
		frame.WriteString(line + clear + "\n")
	}
	if s.drawn > 0 {
		frame.WriteString("\x1b[J")
	}
	s.pending = nil
	// A terminal that is gone sends SIGHUP; there is nobody to tell.
	_, _ = io.WriteString(s.out, frame.String())
}
