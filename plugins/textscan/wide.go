package textscan

import (
	"unicode"
	"unicode/utf8"
)

// readWide reads a stretch of text that is not all ASCII and holds no ASCII
// separators.
func (r *Reader) readWide(text []byte) {
	r.lower, r.ideograph = r.lower[:0], r.ideograph[:0]
	digits := false
	for i := 0; i < len(text); {
		c, size := rune(text[i]), 1
		if c >= utf8.RuneSelf {
			c, size = utf8.DecodeRune(text[i:])
		}
		lower := lowerCase(c)
		ideograph := isIdeograph(c)
		if lower == 0 || ideograph {
			r.endWide(digits)
			digits = false
		}
		switch {
		case ideograph:
			r.ideograph = append(r.ideograph, text[i:i+size]...)
			r.add(hashWord(r.ideograph))
			r.ideograph = append(r.ideograph[:0], text[i:i+size]...)
		case lower != 0:
			r.ideograph = r.ideograph[:0]
			digits = digits || '0' <= c && c <= '9'
			r.lower = utf8.AppendRune(r.lower, lower)
		default:
			r.ideograph = r.ideograph[:0]
		}
		i += size
	}
	r.endWide(digits)
}

func (r *Reader) endWide(digits bool) {
	if len(r.lower) > 0 && !digits {
		r.add(hashWord(r.lower))
	}
	r.lower = r.lower[:0]
}

// lowerCase returns a letter or digit in lower case, and 0 for what is neither.
func lowerCase(c rune) rune {
	switch {
	case c < rune(len(lowerCases)):
		return rune(lowerCases[c])
	case isIdeograph(c) || 0xAC00 <= c && c <= 0xD7A3: // Hangul
		return c
	case unicode.IsLetter(c) || unicode.IsMark(c):
		return unicode.ToLower(c)
	}
	return 0
}

// lowerCases answers lowerCase for the alphabets of Europe and the near East,
// which have two bytes in UTF-8.
var lowerCases = func() (lower [0x800]uint16) {
	for c := range rune(len(lower)) {
		if unicode.IsLetter(c) || unicode.IsMark(c) {
			lower[c] = uint16(unicode.ToLower(c))
		} else if '0' <= c && c <= '9' {
			lower[c] = uint16(c)
		}
	}
	return lower
}()

// isIdeograph tells whether c is of a script that does not part its words:
// Chinese and Japanese.
func isIdeograph(c rune) bool {
	return 0x3040 <= c && c <= 0x30FF || 0x3400 <= c && c <= 0x9FFF || 0xF900 <= c && c <= 0xFAFF || 0x20000 <= c && c <= 0x3FFFF
}
