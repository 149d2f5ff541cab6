package plugins

import (
	"bytes"
	"encoding/binary"
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

func (t *visibleText) reset() { t.bytes, t.parted, t.block = t.bytes[:0], true, 0 }

func (t *visibleText) add(text []byte) {
	if !utf8.Valid(text) {
		text = bytes.ToValidUTF8(text, []byte("\uFFFD"))
	}
	out := slices.Grow(t.bytes, len(text)+1) // no more comes out than goes in, and one blank
	n := len(out)
	out = out[:cap(out)]
	for i := 0; i < len(text); {
		if !t.parted {
			plain := copyPlain(out[n:], text[i:])
			n, i = n+plain, i+plain
		}
		for end := min(i+8, len(text)); i < end; {
			c, size := text[i], 1
			if c == 0xC2 || 0xE1 <= c && c <= 0xE3 { // what all white space beyond ASCII begins with
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
			for range size {
				out[n] = text[i]
				n++
				i++
			}
		}
	}
	t.bytes = out[:n]
}

// copyPlain copies text as long as it is ASCII with nothing but single blanks
// between words, 8 bytes at a time, and returns how much that was. It stops
// before a blank, so that one at the end of a text is not lost.
func copyPlain(out, text []byte) (n int) {
	const (
		ones  = 0x0101010101010101
		highs = 0x80 * ones
	)
	for n+8 <= len(text) && n+8 <= len(out) {
		eight := binary.LittleEndian.Uint64(text[n:])
		if eight&highs != 0 || (eight-' '*ones)&highs != 0 {
			break // not ASCII, or below a blank
		}
		blanks := (eight^' '*ones+0x7F*ones)&highs ^ highs
		if blanks&(blanks>>8) != 0 {
			break // two blanks
		}
		if blanks>>63 != 0 && (n+8 == len(text) || text[n+8] <= ' ' || text[n+8] >= utf8.RuneSelf) {
			break // one that another may follow
		}
		binary.LittleEndian.PutUint64(out[n:], eight)
		n += 8
	}
	return n
}

// endBlock returns the text since it was last called.
func (t *visibleText) endBlock() []byte {
	block := t.bytes[t.block:]
	t.block = len(t.bytes)
	return block
}
