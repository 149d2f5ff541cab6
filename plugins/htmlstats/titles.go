package htmlstats

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// addWords adds the words of a title or heading.
func (v *version) addWords(k kind, text string) {
	for _, word := range tellingWords(text) {
		v.add(k, word)
	}
}

// tellingWords are the words of a line that say what it is about: those of four
// letters or more, or all when there are none. Numbers are not. Where a script
// does not part words, each letter counts as one.
func tellingWords(line string) []string {
	var words []string
	letter := func(c rune) bool { return unicode.IsLetter(c) || unicode.IsMark(c) }
	start := -1 // of the word that goes on
	line = strings.ToLower(line)
	for i, c := range line {
		if start >= 0 && (!letter(c) || unspaced(c)) {
			words = append(words, line[start:i])
			start = -1
		}
		switch {
		case letter(c) && unspaced(c):
			words = append(words, string(c))
		case letter(c) && start < 0:
			start = i
		}
	}
	if start >= 0 {
		words = append(words, line[start:])
	}
	short := func(word string) bool {
		return utf8.RuneCountInString(word) < 4 && !strings.ContainsFunc(word, unspaced)
	}
	if telling := slices.DeleteFunc(slices.Clone(words), short); len(telling) > 0 {
		return telling
	}
	return words
}

// unspaced tells whether c is of a script that does not part words by blanks.
func unspaced(c rune) bool { return c >= 0x2e80 }

// isOther tells whether a line has no word of the titles and headings before.
// One without words is not judged.
func (m *memory) isOther(line string) bool {
	words := tellingWords(line)
	return len(words) > 0 && !slices.ContainsFunc(words, func(w string) bool { return m.sets[titleWords].has(hashOf(w)) })
}

// compareTitles notes a title, and a first heading, that have nothing to do
// with those before.
func (m *memory) compareTitles(v *version) {
	if m.isOther(v.outline.Title) {
		v.add(otherTitles, v.outline.Title)
	}
	if len(v.outline.H1) > 0 && m.isOther(v.outline.H1[0]) {
		v.add(otherHeadings, v.outline.H1[0])
	}
}
