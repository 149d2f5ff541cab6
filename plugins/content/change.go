package content

import (
	"fmt"
	"strings"

	"github.com/rogpeppe/go-internal/diff"
)

// change is what became of a text.
type change struct {
	added, removed int    // lines
	distance       int    // of the simhashes, in bits
	partial        bool   // there was more text than was compared
	compared       bool   // the lines are known
	lines          []line // those that changed and the ones next to them
}

// line is one of a change: its kind is '+', '-', ' ' for one that stayed, or
// '@' where lines are left out.
type line struct {
	kind byte
	text string
}

// read compares two texts line by line. Cut says that there was more of old
// than is remembered; then what follows it in text is not new.
func (c *change) read(old, text string, cut bool) {
	part := beginning(text, maxCompared)
	c.compared, c.partial = true, cut || len(part) < len(text)
	a, b := apart(old+"\n", part+"\n")
	lines := parse(string(diff.Diff("before", a, "now", b)))
	if cut {
		lines = dropTail(lines, '+', '-')
	}
	if len(part) < len(text) {
		lines = dropTail(lines, '-', '+')
	}
	c.lines = lines[:0] // no more is kept than was read
	before := line{kind: '@'}
	for i, l := range lines {
		kept := l
		switch l.kind {
		case '+':
			c.added++
		case '-':
			c.removed++
		default: // the library gives three lines that stayed around each change
			if !isChange(before) && (i == len(lines)-1 || !isChange(lines[i+1])) {
				kept = line{kind: '@'}
			}
		}
		before = l
		if kept.kind != '@' || len(c.lines) > 0 && c.lines[len(c.lines)-1].kind != '@' {
			c.lines = append(c.lines, kept)
		}
	}
	if n := len(c.lines); n > 0 && c.lines[n-1].kind == '@' {
		c.lines = c.lines[:n-1]
	}
}

// apart leaves out what two texts begin and end with in common, but for a line
// each. Most changes are at one place, and comparing all lines takes longer.
func apart(old, text string) (a, b []byte) {
	n := 0
	for most := min(len(old), len(text)); n < most && old[n] == text[n]; {
		n++
	}
	n = strings.LastIndexByte(old[:n], '\n') + 1 // where the first line that differs begins
	n = strings.LastIndexByte(old[:max(0, n-1)], '\n') + 1
	old, text = old[n:], text[n:]
	n = 0
	for most := min(len(old), len(text)); n < most && old[len(old)-1-n] == text[len(text)-1-n]; {
		n++
	}
	rest := old[len(old)-n:]
	for range 2 { // the line that differs, and the one that is left
		_, rest, _ = strings.Cut(rest, "\n")
	}
	return lined(old[:len(old)-len(rest)]), lined(text[:len(text)-len(rest)])
}

// lined makes no line of an empty text.
func lined(text string) []byte {
	if text == "\n" {
		return nil
	}
	return []byte(text)
}

// parse reads a unified diff.
func parse(unified string) []line {
	lines := make([]line, 0, strings.Count(unified, "\n"))
	for n := 0; unified != ""; n++ {
		var text string
		text, unified, _ = strings.Cut(unified, "\n")
		if n >= 3 && text != "" { // the first three lines are names
			lines = append(lines, line{text[0], text[1:]})
		}
	}
	return lines
}

func isChange(l line) bool { return l.kind == '+' || l.kind == '-' }

// dropTail drops lines of a kind from the changes at the very end, except for
// as many as there are of the other kind, which they may replace.
func dropTail(lines []line, kind, other byte) []line {
	start, others := len(lines), 0
	for start > 0 && isChange(lines[start-1]) {
		start--
		if lines[start].kind == other {
			others++
		}
	}
	kept := lines[:start:start]
	for _, l := range lines[start:] {
		if l.kind == kind {
			if others == 0 {
				continue
			}
			others--
		}
		kept = append(kept, l)
	}
	return kept
}

// The limits of what is told of a change.
const (
	maxEvidence = 10  // pieces
	maxPiece    = 200 // bytes
	maxQuote    = 80  // bytes
	maxDiff     = 2000
	maxDiffLine = 300
)

// message is the change in one sentence.
func (c *change) message(before, now *summary) string {
	switch {
	case before.isHTML != now.isHTML:
		return "The page changed between HTML and something else."
	case !c.compared && now.isHTML:
		return fmt.Sprintf("The text changed to %s from %d.", count(now.words, "word"), before.words)
	case !c.compared:
		return "The body changed."
	case c.added+c.removed == 0:
		return "The text changed beyond the part of it that is remembered."
	}
	var message strings.Builder
	if c.partial {
		message.WriteString("In the part that is remembered: ")
	}
	switch {
	case c.removed == 0:
		fmt.Fprintf(&message, "%s added", count(c.added, "line"))
	case c.added == 0:
		fmt.Fprintf(&message, "%s removed", count(c.removed, "line"))
	default:
		fmt.Fprintf(&message, "%s added, %d removed", count(c.added, "line"), c.removed)
	}
	fmt.Fprintf(&message, ": “%s”", c.quote())
	if before.title != now.title {
		fmt.Fprintf(&message, "; the title is %q, it was %q", now.title, before.title)
	}
	message.WriteByte('.')
	return message.String()
}

// quote returns the first line that is new, or else the first that is gone.
func (c *change) quote() string {
	for _, kind := range []byte("+-") {
		for _, l := range c.lines {
			if l.kind == kind {
				return shorten(l.text, maxQuote)
			}
		}
	}
	return ""
}

// evidence lists the first lines that are gone and the first that are new, as
// many of each as there is room for.
func (c *change) evidence() (pieces []string) {
	added, removed := max(maxEvidence/2, maxEvidence-c.removed), max(maxEvidence/2, maxEvidence-c.added)
	for _, l := range c.lines {
		room := &removed
		if l.kind == '+' {
			room = &added
		}
		if isChange(l) && *room > 0 {
			*room--
			pieces = append(pieces, string(l.kind)+" "+shorten(l.text, maxPiece-2))
		}
	}
	return pieces
}

// diff is the change as text of at most maxDiff bytes, "" when there is none.
func (c *change) diff() string {
	const reserve = 60 // for the last line
	var text strings.Builder
	for i, l := range c.lines {
		next := string(l.kind) + " " + shorten(l.text, maxDiffLine)
		if l.kind == '@' {
			next = "@@"
		}
		if text.Len()+len(next) > maxDiff-reserve {
			fmt.Fprintf(&text, "… and %s more", count(len(c.lines)-i, "line"))
			return text.String()
		}
		text.WriteString(next + "\n")
	}
	if c.partial && text.Len() > 0 {
		text.WriteString("… only a part of the text is remembered")
	}
	return strings.TrimSuffix(text.String(), "\n")
}

// shorten cuts text to at most limit bytes and shows that it did.
func shorten(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	return clip(text, limit-len("…")) + "…"
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
