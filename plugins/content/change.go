package content

import (
	"fmt"
	"strings"
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
func (c *change) read(old string, text []byte, cut bool) {
	part := beginning(text, maxCompared)
	c.compared, c.partial = true, cut || len(part) < len(text)
	before, now := linesIn(old), linesIn(string(part))
	hunks := differences(before, now)
	if n := len(hunks); n > 0 && hunks[n-1].oldTo == len(before) && hunks[n-1].nowTo == len(now) {
		hunks[n-1].dropCut(cut, len(part) < len(text))
	}
	count := 0
	for _, h := range hunks {
		count += h.oldTo - h.oldFrom + h.nowTo - h.nowFrom + 3 // what stayed before it, at most
	}
	c.lines = make([]line, 0, count+1)
	done := 0
	for _, h := range hunks {
		if h.oldFrom == h.oldTo && h.nowFrom == h.nowTo {
			break // nothing is left of it
		}
		c.stay(before[done:h.oldFrom])
		c.add('-', before[h.oldFrom:h.oldTo])
		c.add('+', now[h.nowFrom:h.nowTo])
		c.removed += h.oldTo - h.oldFrom
		c.added += h.nowTo - h.nowFrom
		done = h.oldTo
	}
	if len(c.lines) > 0 && done < len(before) {
		c.add(' ', before[done:done+1])
	}
}

// stay adds what stayed before a change: the lines next to changes, and '@' for
// those between them.
func (c *change) stay(lines []string) {
	if len(c.lines) > 0 && len(lines) > 0 {
		c.add(' ', lines[:1])
		lines = lines[1:]
	}
	if len(c.lines) > 0 && len(lines) > 1 {
		c.lines = append(c.lines, line{kind: '@'})
	}
	c.add(' ', lines[max(0, len(lines)-1):])
}

func (c *change) add(kind byte, lines []string) {
	for _, text := range lines {
		c.lines = append(c.lines, line{kind, text})
	}
}

func isChange(l line) bool { return l.kind == '+' || l.kind == '-' }

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
