package plugins

import (
	"bytes"
	"slices"
	"unicode"
	"unicode/utf8"
)

// visibleText gathers what a reader sees, as valid UTF-8, each run of white
// space and control characters one blank.
type visibleText struct {
	bytes  []byte
	parted bool // a blank is due before the next visible character
	block  int  // where the current block begins
}

func (t *visibleText) reset() { t.bytes, t.parted, t.block = t.bytes[:0], false, 0 }

func (t *visibleText) add(text []byte) {
	if !utf8.Valid(text) {
		text = bytes.ToValidUTF8(text, []byte("\uFFFD"))
	}
	// No more comes out than goes in, and one blank.
	out := slices.Grow(t.bytes, len(text)+1)
	n := len(out)
	out = out[:n+len(text)+1]
	for i := 0; i < len(text); {
		c := text[i]
		size := 1
		if c >= utf8.RuneSelf {
			var wide rune
			if wide, size = utf8.DecodeRune(text[i:]); unicode.IsSpace(wide) {
				c = ' '
			}
		}
		if c <= ' ' {
			t.parted = true
			i += size
			continue
		}
		if t.parted {
			t.parted = false
			if n > 0 {
				out[n] = ' '
				n++
			}
		}
		out[n] = c
		n++
		i++
		for size--; size > 0; size-- {
			out[n] = text[i]
			n++
			i++
		}
	}
	t.bytes = out[:n]
}

// endBlock returns the text since it was last called.
func (t *visibleText) endBlock() []byte {
	block := t.bytes[t.block:]
	t.block = len(t.bytes)
	return block
}
