// Package lexicon finds telling words in the text of a page: what intruders
// write on a page they deface, what hidden spam praises, and what a server says
// in place of the page. The lists are short on purpose: a word belongs here
// only if it is rare on pages that nothing is wrong with.
package lexicon

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Class is what a phrase tells of.
type Class uint8

// The classes.
const (
	Defaced     Class = iota // said by intruders and hardly anybody else
	Suspicious               // said by intruders, and about them
	Spam                     // trades that live on links nobody asked for
	Error                    // a server's or program's error message
	Maintenance              // the page is away for a while
	Parked                   // the domain is for sale
	Challenge                // a captcha or a block
	Login                    // the page is shown to those who log in
	numClasses
)

// Term is a phrase of the lexicon.
type Term struct {
	Class Class
	Text  string
}

// Found are the terms in a text, each once, in the order of the text.
type Found []Term

// Of returns the terms of a class.
func (f Found) Of(class Class) (terms []string) {
	for _, t := range f {
		if t.Class == class {
			terms = append(terms, t.Text)
		}
	}
	return terms
}

// Scan finds the terms in a text, in one pass. A term is found only as whole
// words, except in scripts that do not part words.
func Scan(text string) Found {
	var found Found
	text = strings.ToLower(text)
	atStart := true
	for i := 0; i < len(text); {
		c, size := rune(text[i]), 1
		if c >= utf8.RuneSelf {
			c, size = utf8.DecodeRuneInString(text[i:])
		}
		word := isWord(c)
		if word && (atStart || unspaced(c)) && i+1 < len(text) && begins.has(prefix(text[i:])) {
			for _, t := range table[prefix(text[i:])] {
				if strings.HasPrefix(text[i:], t.Text) && endsAt(text, i+len(t.Text)) && !slices.Contains(found, t) {
					found = append(found, t)
				}
			}
		}
		atStart = !word
		i += size
	}
	return found
}

// isWord tells whether c can be part of a word.
func isWord(c rune) bool {
	if c < utf8.RuneSelf {
		return 'a' <= c && c <= 'z' || '0' <= c && c <= '9'
	}
	return unicode.IsLetter(c) || unicode.IsMark(c) || unicode.IsNumber(c)
}

// unspaced tells whether c is of a script that does not part words by blanks.
func unspaced(c rune) bool { return c >= 0x2e80 }

// endsAt tells whether a word that reaches up to i ends there.
func endsAt(text string, i int) bool {
	if i >= len(text) {
		return true
	}
	before, _ := utf8.DecodeLastRuneInString(text[:i])
	after, _ := utf8.DecodeRuneInString(text[i:])
	return unspaced(before) || !isWord(after)
}

// table holds the terms by their first two bytes, so that nearly all words are
// passed over at once.
var table = func() map[uint16][]Term {
	table := make(map[uint16][]Term)
	for class, list := range phrases {
		for phrase := range strings.SplitSeq(list, "\n") {
			if phrase = strings.TrimSpace(phrase); phrase != "" {
				table[prefix(phrase)] = append(table[prefix(phrase)], Term{Class(class), phrase})
			}
		}
	}
	return table
}()

// prefixes is a set of two bytes: looking into it is much cheaper than into a
// map.
type prefixes [1 << 16 / 64]uint64

func (p *prefixes) has(two uint16) bool { return p[two/64]>>(two%64)&1 == 1 }

// begins are the prefixes of all terms.
var begins = func() *prefixes {
	p := new(prefixes)
	for two := range table {
		p[two/64] |= 1 << (two % 64)
	}
	return p
}()

func prefix(text string) uint16 { return uint16(text[0])<<8 | uint16(text[1]) }
