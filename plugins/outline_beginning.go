package plugins

import "unicode/utf8"

// FirstWords is how a text begins, as [Outline].FirstWords has it: with the first
// 16 words of text, which are parted by single blanks, and at most 300 bytes.
func FirstWords(text string) string {
	words := 0
	for i := range len(text) {
		if i == maxLine {
			for !utf8.RuneStart(text[i]) {
				i--
			}
			return text[:i]
		}
		if text[i] == ' ' {
			if words++; words == firstWords {
				return text[:i]
			}
		}
	}
	return text
}
