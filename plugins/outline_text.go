package plugins

import (
	"encoding/binary"
	"slices"
	"unicode"
	"unicode/utf8"
)

// visibleText gathers what a reader sees, as valid UTF-8, each run of white
// space and control characters one blank.
type visibleText struct {
	bytes  []byte
	parted bool  // a blank is due before the next visible character
	block  int   // where the current block begins
	lines  []int // where lines end
}

func (t *visibleText) reset() {
	t.bytes, t.parted, t.block, t.lines = t.bytes[:0], true, 0, t.lines[:0]
}

// add takes text, which is valid UTF-8.
func (t *visibleText) add(text []byte) {
	// No more comes out than goes in, a blank, and what copyPlain writes too far.
	n := len(t.bytes)
	if room := len(text) + 9; cap(t.bytes)-n < room {
		t.bytes = slices.Grow(t.bytes, room)
	}
	out := t.bytes[:cap(t.bytes)]
	for i := 0; i < len(text); {
		if t.parted {
			if size := leadingSpace(text[i:]); size > 0 {
				i += size
				continue
			}
			t.parted = false
			if n > 0 {
				out[n] = ' '
				n++
			}
		}
		plain := copyPlain(out[n:], text[i:])
		n, i = n+plain, i+plain
		for end := min(i+8, len(text)); i < end; {
			if size := leadingSpace(text[i:]); size > 0 {
				t.parted = true
				i += size
				break
			}
			out[n] = text[i]
			n++
			i++
		}
	}
	t.bytes = t.bytes[:n] // and not out[:n], which would be dearer for the garbage collector
}

// leadingSpace returns the length of the white space or control character that
// text begins with, 0 when there is none.
func leadingSpace(text []byte) int {
	c := text[0]
	if c <= ' ' {
		return 1
	}
	if c == 0xC2 || 0xE1 <= c && c <= 0xE3 { // what all white space beyond ASCII begins with
		if wide, size := utf8.DecodeRune(text); unicode.IsSpace(wide) {
			return size
		}
	}
	return 0
}

// copyPlain copies text as long as it is ASCII with nothing but single blanks
// between words, 8 bytes at a time, and returns how much that was. It stops
// before a blank, so that one at the end of a text is not lost. It may write up
// to 8 bytes further.
func copyPlain(out, text []byte) (n int) {
	const (
		ones  = 0x0101010101010101
		highs = 0x80 * ones
	)
	for n < len(text) && n+8 <= len(out) && n+8 <= cap(text) {
		eight := binary.LittleEndian.Uint64(text[n : n+8])
		length := min(8, len(text)-n)
		if length < 8 { // what follows the text does not count
			rest := ^uint64(0) << (8 * length)
			eight = eight&^rest | 'x'*ones&rest
		}
		if eight&highs != 0 || (eight-' '*ones)&highs != 0 {
			break // not ASCII, or below a blank
		}
		blanks := (eight^' '*ones+0x7F*ones)&highs ^ highs
		if blanks&(blanks>>8) != 0 {
			break // two blanks
		}
		next := n + length
		if blanks>>(8*length-1)&1 != 0 && (next == len(text) || text[next] <= ' ' || text[next] >= utf8.RuneSelf) {
			break // one that another may follow
		}
		binary.LittleEndian.PutUint64(out[n:], eight)
		n = next
	}
	return n
}

// endLine notes that what comes now is on another line.
func (t *visibleText) endLine() {
	if n := len(t.lines); len(t.bytes) > 0 && n < maxLines && (n == 0 || t.lines[n-1] < len(t.bytes)) {
		t.lines = append(t.lines, len(t.bytes))
	}
}

// endBlock returns the text since it was last called.
func (t *visibleText) endBlock() []byte {
	block := t.bytes[t.block:]
	t.block = len(t.bytes)
	return block
}
