// Package lexicon finds telling words in the text of a page: what intruders
// write on a page they deface, what hidden spam praises, and what a server says
// in place of the page. The lists are short on purpose: a word belongs here
// only if it is rare on pages that nothing is wrong with.
package lexicon

import (
	"strings"
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
	Signature                // what intruders sign with; it counts where it is prominent
	Boast                    // what stands around a signature, and elsewhere, too
	numClasses
)

// Term is a phrase of a lexicon.
type Term struct {
	Class Class
	Text  string // see [Valid]
}

// Valid tells whether a text can be that of a term: it has at least three
// bytes, begins with a letter or digit, and is in lower case.
func Valid(text string) bool {
	first, _ := utf8.DecodeRuneInString(text)
	return len(text) >= 3 && utf8.ValidString(text) && isWord(first) && strings.ToLower(text) == text
}

// Sighting is a term in a text.
type Sighting struct {
	Term
	First, Last int // where it begins for the first and for the last time, in bytes
}

// Found are the terms in a text, each once, in the order of the text.
type Found []Sighting

// Of returns the terms of a class.
func (f Found) Of(class Class) (terms []string) {
	for _, s := range f {
		if s.Class == class {
			terms = append(terms, s.Text)
		}
	}
	return terms
}

// Scan finds the terms of webmon's own lists in a text.
func Scan(text string) Found { return own.Scan(text) }

var own = func() *Lexicon {
	var terms []Term
	for class, list := range phrases {
		terms = appendTerms(terms, Class(class), list)
	}
	for class, list := range intruders {
		terms = appendTerms(terms, class, list)
	}
	return New(terms)
}()

// appendTerms takes a list with one term a line.
func appendTerms(terms []Term, class Class, list string) []Term {
	for text := range strings.SplitSeq(list, "\n") {
		if text = strings.TrimSpace(text); text != "" {
			terms = append(terms, Term{class, text})
		}
	}
	return terms
}
