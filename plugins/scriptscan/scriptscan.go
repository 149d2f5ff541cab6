// Package scriptscan reads JavaScript just closely enough to tell code from
// literals and comments. It says which code a script has, whatever data that
// code carries, in one pass and in linear time.
package scriptscan

import (
	"bytes"
	"slices"

	"github.com/cespare/xxhash/v2"
)

// Signs count what is common in code that hides what it does. Names count when
// they are literals too, as in window["eval"].
type Signs struct {
	Eval          int // eval, and the Function constructor with other code than "return this"
	Decode        int // atob, unescape, fromCharCode, fromCodePoint, decodeURIComponent
	Loads         int // names and literals "script", as in createElement("script"), and calls of import
	DocumentWrite int // document.write and document.writeln
	Reverse       int // text that is split, reversed and joined
	Escapes       int // \x and \u escapes in literals that stand for an ASCII letter or digit
	LongestRun    int // bytes of the longest run of letters, digits and +/=%\_- in a name or literal that is no data: address of a picture or font
}

// Reader reads one script after another. The zero value is ready. It must not
// be used by two goroutines at once.
type Reader struct {
	src     []byte
	pos     int
	code    []byte // what is left of src
	operand bool   // an operand is due, so "/" begins a regular expression
	signs   Signs

	// A template literal may hold code, which may hold template literals. Of
	// each the number of braces open within its code is kept.
	templates [maxTemplates]int
	nested    int
}

// maxTemplates is how deep template literals are followed into each other.
const maxTemplates = 16

// Read returns the fingerprint of a script: the hash of its names and
// operators. Strings, numbers, regular expressions, true, false, null,
// comments and white space are left out, and so are the marks that lists and
// objects are made of, so that data does not count however long it is. A
// fingerprint is remembered, so what it is of must not change.
func (r *Reader) Read(src []byte) (fingerprint uint64, signs Signs) {
	r.src, r.pos, r.operand, r.signs, r.nested = src, 0, true, Signs{}, 0
	r.code = slices.Grow(r.code[:0], len(src)+len(src)/2+1) // every other byte can be a name, and gets a blank
	for r.pos < len(src) {
		switch c := src[r.pos]; class[c] {
		case space:
			r.pos++
		case name:
			r.readName()
		case digit:
			r.skipNumber()
		case quote:
			r.readString(c)
		case list:
			r.readListMark(c)
		default:
			r.readOperator(c)
		}
	}
	r.src = nil
	return xxhash.Sum64(r.code), r.signs
}

// Cap is how many bytes the reader holds on to.
func (r *Reader) Cap() int { return cap(r.code) }

func (r *Reader) readName() {
	src, i, n := r.src, r.pos, len(r.code)
	code := r.code[:cap(r.code)]
	for i < len(src) && class[src[i]]&(name|digit) != 0 {
		code[n] = src[i]
		i++
		n++
	}
	word := src[r.pos:i]
	r.pos = i
	r.operand = isOperator(word)
	if isLiteral(word) {
		return
	}
	r.note(word)
	code[n] = ' ' // or "a b" were the same as "ab"
	r.code = code[:n+1]
}

// note counts a name or literal.
func (r *Reader) note(word []byte) {
	if len(word) > r.signs.LongestRun {
		r.noteRun(word)
	}
	switch string(word) {
	case "eval":
		r.signs.Eval++
	case "Function":
		r.noteFunction()
	case "join":
		if bytes.HasSuffix(r.code, []byte("split ().reverse ().")) {
			r.signs.Reverse++
		}
	case "atob", "unescape", "fromCharCode", "fromCodePoint", "decodeURIComponent":
		r.signs.Decode++
	case "script":
		r.signs.Loads++
	case "import":
		if bytes.HasPrefix(bytes.TrimLeft(r.src[r.pos:], " \t\r\n"), []byte("(")) {
			r.signs.Loads++
		}
	case "write", "writeln":
		if bytes.HasSuffix(r.code, []byte("document .")) || bytes.HasSuffix(r.code, []byte("document ")) {
			r.signs.DocumentWrite++
		}
	}
}

func (r *Reader) skipNumber() {
	for r.pos < len(r.src) && (class[r.src[r.pos]]&(name|digit) != 0 || r.src[r.pos] == '.') {
		r.pos++
	}
	r.operand = false
}

// readListMark reads a mark that separates values or surrounds them.
func (r *Reader) readListMark(c byte) {
	r.pos++
	r.operand = c != ']'
	if r.nested == 0 {
		return
	}
	switch open := &r.templates[r.nested-1]; {
	case c == '{':
		*open++
	case c == '}' && *open == 0:
		r.nested--
		r.readTemplate()
	case c == '}':
		*open--
	}
}

func (r *Reader) readOperator(c byte) {
	following := byte(0)
	if r.pos+1 < len(r.src) {
		following = r.src[r.pos+1]
	}
	r.pos++
	switch {
	case c == '`':
		r.readTemplate()
	case c == '/' && following == '/':
		r.skipLine()
	case c == '/' && following == '*':
		if end := bytes.Index(r.src[r.pos+1:], []byte("*/")); end >= 0 {
			r.pos += 1 + end + len("*/")
		} else {
			r.pos = len(r.src)
		}
	case c == '/' && r.operand:
		r.skipRegexp()
	case r.operand && class[following] == digit && (c == '-' || c == '+' || c == '!'):
		// The sign of a number; and !0 is true, !1 false.
	default:
		r.code = append(r.code, c)
		r.operand = c != ')'
	}
}

func (r *Reader) skipLine() {
	if end := bytes.IndexByte(r.src[r.pos:], '\n'); end >= 0 {
		r.pos += end
	} else {
		r.pos = len(r.src)
	}
}
