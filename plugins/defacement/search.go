package defacement

import "strings"

// lexicon finds many words in one pass over a text. The words are numbered:
// the strong ones, the weak ones, then the asset's own.
type lexicon struct {
	words   []string
	byStart map[[startSize]byte][]int // the numbers of the words that start so
	first   [256]bool                 // bytes that words start with
}

// startSize is what a word is looked up by; each has at least that many bytes.
const startSize = 3

// newLexicon makes a lexicon of all words, with more and without those allowed.
func newLexicon(more []string, allowed map[string]bool) *lexicon {
	l := &lexicon{byStart: make(map[[startSize]byte][]int)}
	for _, list := range [][]string{strong, weak, more} {
		l.words = append(l.words, list...)
	}
	for i, word := range l.words {
		if !allowed[word] {
			start := [startSize]byte([]byte(word))
			l.byStart[start] = append(l.byStart[start], i)
			l.first[word[0]] = true
		}
	}
	return l
}

// find calls found with each word's number and place, wherever no letter goes
// before it: "unhacked by" is another word. What follows may be an ending.
// Scripts beyond ASCII need no such gap.
func (l *lexicon) find(text string, found func(i, at int)) {
	for at := 0; at+startSize <= len(text); at++ {
		if !l.first[text[at]] || at > 0 && text[at] < 0x80 && 'a' <= text[at-1] && text[at-1] <= 'z' {
			continue
		}
		for _, i := range l.byStart[[startSize]byte([]byte(text[at:at+startSize]))] {
			if strings.HasPrefix(text[at:], l.words[i]) {
				found(i, at)
			}
		}
	}
}
