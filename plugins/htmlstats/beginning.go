package htmlstats

import "strings"

// reach is how many new words may stand before those that a page used to begin
// with.
const reach = 256

// compareBeginning notes what was put before the words that the page used to
// begin with. Its hash tells whether the rest of the text is as long as before.
func (m *memory) compareBeginning(v *version) {
	text := v.outline.Text
	if !m.sets[lastWords].has(hashOf(steady(lastOf(text)))) {
		for at, n := len(text), 0; n < reach; n++ {
			at = strings.LastIndexByte(text[:at], ' ')
			if at < 0 {
				break
			}
			if m.sets[lastWords].has(hashOf(steady(lastOf(text[:at])))) {
				v.sets[appended] = set{{uint32(m.hash), text[at+1:]}}
				v.pure = v.numbers[textBytes]-m.last[textBytes] == int64(len(text)-at)
				break
			}
		}
	}
	if m.sets[firstWords].has(hashOf(steady(v.outline.FirstWords))) {
		return
	}
	for at, n := 0, 0; n < reach; n++ {
		next := strings.IndexByte(text[at:], ' ')
		if next < 0 {
			return
		}
		at += next + 1
		if m.sets[firstWords].has(hashOf(steady(firstOf(text[at:])))) {
			v.sets[pushedDown] = set{{uint32(m.hash), text[:at-1]}}
			v.pure = v.numbers[textBytes]-m.last[textBytes] == int64(at)
			return
		}
	}
}

// firstOf is what an outline would call the first words of a text.
func firstOf(text string) string {
	words := 0
	for i := range len(text) {
		if text[i] == ' ' {
			if words++; words == 16 {
				text = text[:i]
				break
			}
		}
	}
	if len(text) > 300 {
		end := 300
		for end > 0 && text[end]&0xC0 == 0x80 {
			end--
		}
		text = text[:end]
	}
	return text
}

// lastOf is the last words of a text.
func lastOf(text string) string {
	at := len(text)
	for range 16 {
		at = strings.LastIndexByte(text[:at], ' ')
		if at < 0 {
			return text
		}
	}
	return text[at+1:]
}
