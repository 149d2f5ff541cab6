package textscan

import (
	"encoding/binary"
	"math/bits"
)

const odd = 0x9E3779B97F4A7C15

func mix(x uint64) uint64 {
	high, low := bits.Mul64(x^0xA0761D6478BD642F, odd)
	return high ^ low
}

// hashWord hashes a word without regard to the case of A to Z. Words are a few
// bytes long, for which a hash made for long data would take several times as
// long as this.
func hashWord(word []byte) uint64 {
	length, hash := len(word), uint64(0)
	for len(word) >= 8 {
		hash = mix(hash ^ lower(binary.LittleEndian.Uint64(word)))
		word = word[8:]
	}
	var last uint64
	for i, c := range word {
		last |= uint64(c) << (8 * i)
	}
	return hashShort(hash^lower(last), length)
}

// hashShort hashes a word of less than 8 bytes, which are in last, in lower
// case; or ends the hash of a longer one.
func hashShort(last uint64, length int) uint64 { return mix(last ^ uint64(length)<<56) }

// lower puts 8 bytes of a word into lower case: A to Z are its only ASCII bytes
// from 0x40 to 0x5F.
func lower(x uint64) uint64 {
	const bit6 = 0x40 * ones
	return x | x&^(x>>1)&bit6>>1
}

// plainWord hashes the word that text begins with as hashWord does, when it is
// less than 16 letters of ASCII and what follows is ASCII too and no digit. Its
// length is 0 when it is that which text begins with, and -1 when there is no
// such word. Most words are such, and this reads 8 bytes at a time.
func plainWord(text []byte) (hash uint64, length int) {
	if len(text) < 16 {
		return 0, -1
	}
	eight := binary.LittleEndian.Uint64(text)
	others := notLetters(eight)
	before := 0
	if others == 0 {
		hash = mix(lower(eight))
		eight = binary.LittleEndian.Uint64(text[8:])
		if others = notLetters(eight); others == 0 {
			return 0, -1
		}
		before = 8
	}
	last := bits.TrailingZeros64(others) / 8
	length = before + last
	if class[text[length]] != separator {
		return 0, -1
	}
	return hashShort(hash^lower(eight)&(1<<(8*last)-1), length), length
}

// notLetters sets the highest bit of each byte that is not one of A to Z.
func notLetters(eight uint64) uint64 {
	folded := eight&^highs | 0x20*ones
	return ^((folded + (0x80-'a')*ones) &^ (folded + (0x80-'z'-1)*ones) &^ eight) & highs
}

const (
	ones  = 0x0101010101010101
	highs = 0x80 * ones
)
