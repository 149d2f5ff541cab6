package htmlstats

import (
	"strings"

	"webmon/plugins"
)

// reach is how many new words may stand before those that a page used to begin
// with, or after those that it used to end with.
const reach = 256

// compareEdges notes what was put before or after the text as it used to begin
// and end: a banner, or the message of an intruder whose words nobody listed.
func (m *memory) compareEdges(v *version) {
	text := v.outline.Text
	before, after := m.before(text), m.after(text)
	v.addText(putBefore, strings.TrimSuffix(text[:before], " "))
	v.addText(putAfter, strings.TrimPrefix(text[after:], " "))
	if normal := m.normal(); normal != nil {
		put := int64(before + len(text) - after)
		v.onlyPut = put > 0 && v.numbers[textBytes]-normal.numbers[textBytes] == put
	}
}

// before is where in text those words begin that the page used to begin with; 0
// when they are at the beginning, or nowhere.
func (m *memory) before(text string) int {
	known := m.sets[firstWords]
	if known.has(hashOf(steady(plugins.FirstWords(text)))) {
		return 0
	}
	at := 0
	for range reach {
		next := strings.IndexByte(text[at:], ' ')
		if next < 0 {
			break
		}
		at += next + 1
		if known.has(hashOf(steady(plugins.FirstWords(text[at:])))) {
			return at
		}
	}
	return 0
}

// after is where in text those words end that the page used to end with; the
// length of text when they are at the end, or nowhere.
func (m *memory) after(text string) int {
	known := m.sets[lastWords]
	if known.has(hashOf(steady(plugins.LastWords(text)))) {
		return len(text)
	}
	at := len(text)
	for range reach {
		if at = strings.LastIndexByte(text[:at], ' '); at < 0 {
			break
		}
		if known.has(hashOf(steady(plugins.LastWords(text[:at])))) {
			return at
		}
	}
	return len(text)
}
