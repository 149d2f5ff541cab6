// Package textscan reads text word by word: which words there are, and hashes
// by which texts can be compared without keeping them. What it finds is
// remembered, so neither what a word is nor its hash must change.
package textscan

// Reader reads the text of one page, block by block. It must not be used by
// two goroutines at once.
type Reader struct {
	words, blocks set
	simhash       simhash

	block, before uint64 // hashes of the block read, and of the word before
	lower         []byte // the word read, in lower case
	ideograph     []byte // the character before, when it is a word by itself
}

// NewReader makes a reader that keeps so many words and blocks, the first.
func NewReader(words, blocks int) *Reader {
	return &Reader{words: newSet(words), blocks: newSet(blocks)}
}

// Block reads a block of text, such as a paragraph, which is valid UTF-8. A
// word is a row of letters and digits. Those with digits are passed over,
// because dates and counters are not what a text says. In scripts that do not
// part words each two neighbouring characters are taken for one.
func (r *Reader) Block(text []byte) {
	r.block, r.before = 0, 0
	for i := 0; i < len(text); {
		if hash, length := plainWord(text[i:]); length >= 0 {
			if length > 0 {
				r.add(hash)
			}
			i += length + 1
			continue
		}
		start, seen := i, uint8(0)
		for i < len(text) && class[text[i]] != separator {
			seen |= class[text[i]]
			i++
		}
		switch {
		case seen == 0:
			i++
		case seen&wide != 0:
			r.readWide(text[start:i])
		case seen&digit == 0:
			r.add(hashWord(text[start:i]))
		}
	}
	if r.block != 0 {
		r.blocks.add(uint32(r.block >> 32))
	}
}

func (r *Reader) add(word uint64) {
	r.words.add(uint32(word >> 32))
	r.simhash.add(mix(r.before ^ word))
	r.before = word * odd
	r.block = mix(r.block ^ word)
}

// Finish returns what was read and makes the reader ready for another text:
// the hashes of the words without regard to case, those of the blocks' words,
// both sorted, and the simhash of pairs of words that follow each other.
func (r *Reader) Finish() (words, blocks []uint32, simhash uint64) {
	return r.words.drain(), r.blocks.drain(), r.simhash.drain()
}

// The classes of ASCII; everything else is wide.
const (
	separator uint8 = 0
	letter    uint8 = 1 << (iota - 1)
	digit
	wide
)

var class = func() (class [256]uint8) {
	for c := range class {
		switch {
		case c >= 0x80:
			class[c] = wide
		case '0' <= c && c <= '9':
			class[c] = digit
		case 'a' <= c|0x20 && c|0x20 <= 'z':
			class[c] = letter
		}
	}
	return class
}()
