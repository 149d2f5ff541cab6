package demo

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"webmon/app/terminal"
	"webmon/plugins"
)

// maxName is the widest column of names; URLs are longer.
const maxName = 30

// table shows all pages, one a line.
func (w *watch) table() []string {
	name, verdict := w.nameWidth(), len("degraded")
	for _, page := range w.pages {
		verdict = max(verdict, len(page.verdict))
	}
	paint := w.screen.paint
	// One column stays free: some terminals wrap a line that fills them.
	left := max(w.screen.width()-name-verdict-24, 10)
	lines := []string{"", paint.Bold(fmt.Sprintf("%-*s  %-*s  %6s  %7s  %s", name, "PAGE", verdict, "VERDICT", "CHECKS", "TIME", "LAST FINDING"))}
	for _, page := range w.pages {
		line := fmt.Sprintf("%s  %s%s  %6d  %7s  %s",
			pad(cut(terminal.Printable(page.name), name), name),
			paint.Verdict(page.verdict), strings.Repeat(" ", verdict-len(page.verdict)),
			page.checks, page.took(), page.remark(paint, left))
		lines = append(lines, strings.TrimRight(line, " "))
	}
	return lines
}

// nameWidth is the width of the column of names.
func (w *watch) nameWidth() int {
	width := len("PAGE")
	for _, page := range w.pages {
		width = max(width, min(utf8.RuneCountInString(page.name), maxName))
	}
	return width
}

// footer is the last line of the table while it is live.
func (w *watch) footer() string {
	checks := 0
	for _, page := range w.pages {
		checks += page.checks
	}
	text := fmt.Sprintf("%d checks in %v. API: %s. Ctrl-C ends it.", checks, time.Since(w.began).Round(time.Second), w.base)
	return w.screen.paint.Faint(cut(text, w.screen.width()-1))
}

func (p *page) took() string {
	switch {
	case p.seconds == 0:
		return "-"
	case p.seconds < 0.01:
		return strconv.FormatFloat(p.seconds*1000, 'f', 1, 64) + " ms"
	case p.seconds < 1:
		return strconv.FormatFloat(p.seconds*1000, 'f', 0, 64) + " ms"
	}
	return strconv.FormatFloat(p.seconds, 'f', 1, 64) + " s"
}

// remark is the page's last finding, or what to expect of the page before
// there is one.
func (p *page) remark(paint terminal.Painter, width int) string {
	if p.finding == nil {
		return paint.Faint(cut(terminal.Printable(p.description), width))
	}
	text := terminal.Printable(p.finding.Message)
	if p.verdict == plugins.Up && p.finding.Severity != plugins.Info {
		text = fmt.Sprintf("%v ago: %s", time.Since(p.since).Round(time.Second), text)
		return cut(text, width)
	}
	if p.finding.Severity == plugins.Info {
		return cut(text, width)
	}
	return paint.Severity(p.finding.Severity, cut(text, width))
}

// cut shortens text to a number of characters.
func cut(text string, width int) string {
	if utf8.RuneCountInString(text) <= width {
		return text
	}
	return string([]rune(text)[:width-1]) + "…"
}

func pad(text string, width int) string {
	return text + strings.Repeat(" ", max(width-utf8.RuneCountInString(text), 0))
}
