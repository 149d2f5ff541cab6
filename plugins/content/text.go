package content

import (
	"bytes"
	"encoding/json"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/cespare/xxhash/v2"

	"webmon/plugins"
	"webmon/plugins/selector"
	"webmon/plugins/textscan"
)

// look reads what is to be known of a page, and its text line by line.
func (c *content) look(page *plugins.Page, isHTML bool) (s summary, lines []byte) {
	s = summary{config: c.config, body: page.Hash(), isHTML: isHTML}
	switch {
	case isHTML:
		s.title = page.Outline().Title
		var outline *plugins.Outline
		outline, s.nothing = c.outline(page)
		s.textBytes, s.words, s.simhash = len(outline.Text), outline.Words, outline.Simhash
		s.text = xxhash.Sum64String(outline.Text)
		lines = linesOf(outline)
	case !utf8.Valid(page.Body) || bytes.IndexByte(page.Body, 0) >= 0:
		s.binary, s.text = true, page.Hash()
		return s, nil
	default:
		lines = linesOfText(page.Body, page.Header.Get("Content-Type"))
	}
	if len(c.masks) > 0 {
		lines = c.hide(lines)
	}
	if !isHTML || len(c.masks) > 0 {
		s.simhash = simhash(lines)
		s.text = hashLines(lines)
	}
	split(lines)
	return s, lines
}

// outline returns that of the parts of the page that count, and whether they
// are none.
func (c *content) outline(page *plugins.Page) (outline *plugins.Outline, nothing bool) {
	if c.watch.IsZero() {
		return page.WithBody(c.ignore.Without(page.Body)).Outline(), false
	}
	pieces := selector.Pieces(page.Body, c.watch, c.ignore)
	return page.WithBody(bytes.Join(pieces, []byte("<br>"))).Outline(), len(pieces) == 0
}

// linesOf returns the text of an outline with its lines parted.
func linesOf(outline *plugins.Outline) []byte {
	lines := []byte(outline.Text)
	for _, end := range outline.Lines {
		if end < len(lines) {
			lines[end] = '\n' // in place of the blank that parts it from the next
		}
	}
	return lines
}

// maxLines is the most lines of a text; what follows is one more.
const maxLines = 10_000

// linesOfText returns what is no HTML line by line, white space collapsed.
// Where JSON and XML part lines is of no meaning, so they get lines of their
// own.
func linesOfText(body []byte, kind string) []byte {
	switch {
	case strings.Contains(kind, "json"):
		var indented bytes.Buffer
		if json.Indent(&indented, body, "", "") == nil {
			body = indented.Bytes()
		}
	case strings.Contains(kind, "xml"):
		body = bytes.ReplaceAll(body, []byte("><"), []byte(">\n<"))
	}
	lines := make([]byte, 0, len(body))
	count := 0
	for line := range bytes.FieldsFuncSeq(body, func(c rune) bool { return c == '\n' || c == '\r' }) {
		first := true
		for word := range bytes.FieldsSeq(line) {
			switch {
			case len(lines) == 0:
			case first && count < maxLines:
				lines = append(lines, '\n')
				count++
			default:
				lines = append(lines, ' ')
			}
			lines = append(lines, word...)
			first = false
		}
	}
	return lines
}

// hide masks each line.
func (c *content) hide(lines []byte) []byte {
	masked := make([]byte, 0, len(lines))
	for len(lines) > 0 && len(masked) < maxMasked {
		line, rest, more := bytes.Cut(lines, []byte("\n"))
		if len(line) > maxMasked {
			break
		}
		masked = append(masked, hide(string(line), c.masks)...)
		if more {
			masked = append(masked, '\n')
		}
		lines = rest
	}
	return append(masked, lines...)
}

// hashLines hashes text. Where its lines are parted is of no meaning.
func hashLines(lines []byte) uint64 {
	return xxhash.Sum64(bytes.ReplaceAll(lines, []byte("\n"), []byte(" ")))
}

var readers = sync.Pool{New: func() any { return textscan.NewReader(1, 1) }}

// simhash is as that of an outline.
func simhash(lines []byte) uint64 {
	r := readers.Get().(*textscan.Reader)
	defer readers.Put(r)
	for line := range bytes.SplitSeq(lines, []byte("\n")) {
		r.Block(line)
	}
	_, _, hash := r.Finish()
	return hash
}

// The bytes from which a line is parted again: where a sentence ends, and at
// any blank.
const (
	longSentence = 20
	longLine     = 200
)

// split parts long lines, so that a change within a paragraph is not one of the
// whole paragraph. Where it does depends on what comes before in the line only.
func split(lines []byte) {
	start := 0
	for i, c := range lines {
		switch {
		case c > ' ': // most bytes
		case c == '\n':
			start = i + 1
		case c == ' ' && (i-start >= longLine || i-start >= longSentence && endsSentence(lines[i-1])):
			lines[i] = '\n'
			start = i + 1
		}
	}
}

func endsSentence(c byte) bool { return c == '.' || c == '!' || c == '?' }
