package htmlstats

import (
	"strings"

	"webmon/plugins"
)

// reach is how many new words may stand before those that a page used to begin
// with.
const reach = 256

// compareBeginning notes what was put before the words that the page used to
// begin with: a banner, or the message of an intruder in words that nobody listed.
func (m *memory) compareBeginning(v *version) {
	known, text := &m.sets[firstWords], v.outline.Text
	if known.has(hashOf(steady(v.outline.FirstWords))) {
		return
	}
	at := 0
	for range reach {
		next := strings.IndexByte(text[at:], ' ')
		if next < 0 {
			return
		}
		at += next + 1
		if known.has(hashOf(steady(plugins.FirstWords(text[at:])))) {
			v.addText(putBefore, text[:at-1])
			normal := m.normal()
			v.onlyPut = normal != nil && v.numbers[textBytes]-normal.numbers[textBytes] == int64(at)
			return
		}
	}
}
