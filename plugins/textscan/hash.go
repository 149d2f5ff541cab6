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
	hash := uint64(len(word))
	for len(word) > 8 {
		hash = mix(hash ^ lower(binary.LittleEndian.Uint64(word)))
		word = word[8:]
	}
	var last uint64
	if cap(word) >= 8 {
		last = binary.LittleEndian.Uint64(word[:8]) & (1<<(8*len(word)) - 1)
	} else {
		for i, c := range word {
			last |= uint64(c) << (8 * i)
		}
	}
	return mix(mix(hash ^ lower(last)))
}

// lower puts 8 bytes of a word into lower case: A to Z are its only ASCII bytes
// from 0x40 to 0x5F.
func lower(x uint64) uint64 {
	const bit6 = 0x4040404040404040
	return x | x&^(x>>1)&bit6>>1
}

// simhash adds up hashes so that similar sums have similar hashes: bit i of
// the result is what most hashes have there. The 64 counts are kept upright:
// bit i of planes[k] is bit k of count i, so that adding takes few steps.
type simhash struct {
	planes [32]uint64
	count  int
}

func (s *simhash) add(hash uint64) {
	s.count++
	for k := 0; hash != 0; k++ {
		s.planes[k&31], hash = s.planes[k&31]^hash, s.planes[k&31]&hash
	}
}

func (s *simhash) drain() (hash uint64) {
	for bit := range 64 {
		count := 0
		for k, plane := range s.planes {
			count |= int(plane>>bit&1) << k
		}
		if 2*count > s.count {
			hash |= 1 << bit
		}
	}
	*s = simhash{}
	return hash
}
