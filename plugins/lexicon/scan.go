package lexicon

import (
	"cmp"
	"slices"
	"unicode"
	"unicode/utf8"
)

// Lexicon finds many terms in one pass over a text. It is safe for use by many
// goroutines at once. Make it with [New].
type Lexicon struct {
	terms  []Term              // by bucket
	starts [buckets + 1]uint16 // of each bucket among the terms
}

// buckets is how many places terms are sorted into by their beginning, so that
// nearly all words of a text are passed over at once.
const buckets = 4096

// New makes a lexicon of at most 65535 terms. One that is not [Valid] may never
// be found.
func New(terms []Term) *Lexicon {
	l := &Lexicon{terms: slices.Clone(terms)}
	slices.SortStableFunc(l.terms, func(a, b Term) int { return cmp.Compare(bucketOf(a.Text), bucketOf(b.Text)) })
	for _, term := range l.terms {
		l.starts[bucketOf(term.Text)+1]++
	}
	for i := range buckets {
		l.starts[i+1] += l.starts[i]
	}
	return l
}

// Scan finds the terms in a text, whatever their case, in one pass. A term is
// found only as whole words, except in scripts that do not part words.
func (l *Lexicon) Scan(text string) Found {
	s := search{lexicon: l, text: text}
	atStart := true
	for i := 0; i < len(text); {
		c := text[i]
		if c < utf8.RuneSelf {
			word := wordBytes[c]
			if word && atStart && i+2 < len(text) {
				if b := bucketASCII(c, text[i+1], text[i+2]); l.starts[b] != l.starts[b+1] {
					s.match(i, b)
				}
			}
			atStart = !word
			i++
			continue
		}
		wide, size := utf8.DecodeRuneInString(text[i:])
		alone := unspaced(wide)
		word := alone || isWord(wide)
		if alone || word && atStart {
			s.match(i, bucketWide(wide))
		}
		atStart = alone || !word
		i += size
	}
	return s.found
}

// search is a pass over a text.
type search struct {
	lexicon *Lexicon
	text    string
	found   Found
	places  []uint16 // in found, from 1 on, by the number of the term; 0 when it is not there
}

// match notes the terms of a bucket that the text from i on begins with.
func (s *search) match(i, bucket int) {
	for n := s.lexicon.starts[bucket]; n < s.lexicon.starts[bucket+1]; n++ {
		term := &s.lexicon.terms[n]
		length, ok := prefixLength(s.text[i:], term.Text)
		if !ok || !endsAt(s.text, i+length) {
			continue
		}
		if s.places == nil {
			s.places = make([]uint16, len(s.lexicon.terms))
		}
		if place := s.places[n]; place > 0 {
			s.found[place-1].Last = i
			continue
		}
		s.found = append(s.found, Sighting{*term, i, i})
		s.places[n] = uint16(len(s.found))
	}
}

// bucketOf tells where terms are that begin as text does: by its first three
// bytes, or its first character beyond ASCII.
func bucketOf(text string) int {
	if len(text) < 3 {
		return 0
	}
	if text[0] < utf8.RuneSelf {
		return bucketASCII(text[0], text[1], text[2])
	}
	first, _ := utf8.DecodeRuneInString(text)
	return bucketWide(first)
}

func bucketASCII(a, b, c byte) int {
	return scatter(uint32(lower[a])<<16 | uint32(lower[b])<<8 | uint32(lower[c]))
}

func bucketWide(first rune) int { return scatter(uint32(unicode.ToLower(first))) }

func scatter(x uint32) int { return int(x * 0x9E3779B1 >> 20) }

// prefixLength returns how many bytes of text are the term, if it begins with
// it. The term is in lower case and with straight apostrophes.
func prefixLength(text, term string) (length int, ok bool) {
	i := 0
	for j := 0; j < len(term); {
		if i >= len(text) {
			return 0, false
		}
		if text[i] < utf8.RuneSelf && term[j] < utf8.RuneSelf {
			if lower[text[i]] != lower[term[j]] {
				return 0, false
			}
			i, j = i+1, j+1
			continue
		}
		c, size := utf8.DecodeRuneInString(text[i:])
		want, wantSize := utf8.DecodeRuneInString(term[j:])
		if unicode.ToLower(c) != want && (c != '’' || want != '\'') {
			return 0, false
		}
		i, j = i+size, j+wantSize
	}
	return i, true
}

// endsAt tells whether a word that reaches up to i ends there.
func endsAt(text string, i int) bool {
	if i >= len(text) {
		return true
	}
	before, _ := utf8.DecodeLastRuneInString(text[:i])
	after, _ := utf8.DecodeRuneInString(text[i:])
	return unspaced(before) || unspaced(after) || !isWord(after)
}

// unspaced tells whether c is of a script that does not part words by blanks.
func unspaced(c rune) bool { return c >= 0x2e80 && c != utf8.RuneError }

// isWord tells whether c can be part of a word.
func isWord(c rune) bool {
	switch {
	case c < utf8.RuneSelf:
		return wordBytes[c]
	case c < 0x800:
		return alphabets[c/64]>>(c%64)&1 == 1
	}
	return isLetter(c)
}

func isLetter(c rune) bool { return unicode.IsLetter(c) || unicode.IsMark(c) || unicode.IsNumber(c) }

// alphabets are the letters below U+0800, a bit each: looking into the tables
// of package unicode takes ten times as long.
var alphabets = func() (set [0x800 / 64]uint64) {
	for c := range rune(0x800) {
		if isLetter(c) {
			set[c/64] |= 1 << (c % 64)
		}
	}
	return set
}()

// wordBytes are the bytes of ASCII that can be part of a word.
var wordBytes = func() (set [utf8.RuneSelf]bool) {
	for c := range set {
		set[c] = isLetter(rune(c))
	}
	return set
}()

// lower puts ASCII into lower case. All that is beyond it is alike, because
// there the lower case may have other bytes; so is the apostrophe, which has a
// form there.
var lower = func() (table [256]byte) {
	for c := range table {
		table[c] = byte(c)
		switch {
		case c >= utf8.RuneSelf, c == '\'':
			table[c] = utf8.RuneSelf
		case 'A' <= c && c <= 'Z':
			table[c] += 'a' - 'A'
		}
	}
	return table
}()
