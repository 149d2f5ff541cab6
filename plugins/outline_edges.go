package plugins

import (
	"strings"
	"unicode/utf8"
)

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
			if words++; words == edgeWords {
				return text[:i]
			}
		}
	}
	return text
}

// LastWords is how a text ends: with its last 16 words, and at most 300 bytes.
func LastWords(text string) string {
	at := len(text)
	for range edgeWords {
		if at = strings.LastIndexByte(text[:at], ' '); at < 0 {
			break
		}
	}
	last := text[at+1:]
	if len(last) > maxLine {
		last = last[len(last)-maxLine:]
		for !utf8.RuneStart(last[0]) {
			last = last[1:]
		}
	}
	return last
}
