package output

import (
	"fmt"
	"io"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/width"

	"webmon/app/terminal"
)

// Cell is a place in a table. Its text may come from strangers.
type Cell struct {
	Text  string
	Paint func(string) string // colours it; nil: not at all
	Whole bool                // its column is never cut, because people copy from it
}

// Text is a cell without colour.
func Text(text string) Cell { return Cell{Text: text} }

// Whole is a cell without colour that is never cut.
func Whole(text string) Cell { return Cell{Text: text, Whole: true} }

// minColumn is how narrow a column may become to fit the terminal.
const minColumn = 8

// Print writes a table with a head. On a terminal the widest columns are cut
// until it fits; elsewhere nothing is cut.
func Print(out io.Writer, head []string, rows [][]Cell) error {
	paint := terminal.NewPainter(out)
	titles := make([]Cell, len(head))
	for i, title := range head {
		titles[i] = Cell{Text: title, Paint: paint.Bold}
	}
	return printRows(out, append([][]Cell{titles}, rows...))
}

// PrintFields writes names and what they are, one a line.
func PrintFields(out io.Writer, fields [][2]Cell) error {
	rows := make([][]Cell, len(fields))
	for i, field := range fields {
		rows[i] = field[:]
	}
	return printRows(out, rows)
}

func printRows(out io.Writer, rows [][]Cell) error {
	var widths []int
	var whole []bool
	for _, row := range rows {
		for i := range row {
			row[i].Text = terminal.Printable(row[i].Text)
			if i == len(widths) {
				widths, whole = append(widths, 0), append(whole, false)
			}
			whole[i] = whole[i] || row[i].Whole
			widths[i] = max(widths[i], columns(row[i].Text))
		}
	}
	if limit := terminal.Width(out); limit > 0 {
		shrink(widths, whole, limit-1) // some terminals wrap a line that fills them
	}
	var text strings.Builder
	for _, row := range rows {
		line := 0
		for i, cell := range row {
			shown := cut(cell.Text, widths[i])
			painted := shown
			if cell.Paint != nil {
				painted = cell.Paint(shown)
			}
			if shown == "" && i == len(row)-1 {
				continue
			}
			text.WriteString(strings.Repeat(" ", line))
			text.WriteString(painted)
			line = widths[i] - columns(shown) + 2
		}
		text.WriteByte('\n')
	}
	_, err := io.WriteString(out, text.String())
	return err
}

// shrink makes the widest columns narrower, but for those that stay whole,
// until all fit.
func shrink(widths []int, whole []bool, limit int) {
	for {
		all, widest := -2, -1
		for i, w := range widths {
			all += w + 2
			if !whole[i] && (widest < 0 || w > widths[widest]) {
				widest = i
			}
		}
		if all <= limit || widest < 0 || widths[widest] <= minColumn {
			return
		}
		widths[widest]--
	}
}

// columns is how many columns of a terminal a text takes.
func columns(text string) int {
	n := 0
	for _, r := range text {
		n += columnsOf(r)
	}
	return n
}

func columnsOf(r rune) int {
	if unicode.In(r, unicode.Mn, unicode.Me) {
		return 0
	}
	if kind := width.LookupRune(r).Kind(); kind == width.EastAsianWide || kind == width.EastAsianFullwidth {
		return 2
	}
	return 1
}

// cut shortens a text to a number of columns.
func cut(text string, most int) string {
	if columns(text) <= most {
		return text
	}
	n := 0
	for i, r := range text {
		if n += columnsOf(r); n > most-1 {
			return text[:i] + "…"
		}
	}
	return text
}

// Ago writes a time as people say it, seen from now: "3 min ago", "in 20 s".
// The zero time is "never".
func Ago(at, now time.Time) string {
	if at.IsZero() {
		return "never"
	}
	since := now.Sub(at)
	if since.Abs() < time.Second {
		return "now"
	}
	away := since.Abs()
	unit, one, many := time.Second, "s", "s"
	switch {
	case away >= 365*24*time.Hour:
		unit, one, many = 365*24*time.Hour, "year", "years"
	case away >= 24*time.Hour:
		unit, one, many = 24*time.Hour, "day", "days"
	case away >= time.Hour:
		unit, one, many = time.Hour, "h", "h"
	case away >= time.Minute:
		unit, one, many = time.Minute, "min", "min"
	}
	n, name := away/unit, many
	if n == 1 {
		name = one
	}
	if since < 0 {
		return fmt.Sprintf("in %d %s", n, name)
	}
	return fmt.Sprintf("%d %s ago", n, name)
}
