package textscan

import "math/bits"

// simhash adds up hashes so that similar sums have similar hashes: bit i of
// the result is what most hashes have there. The 64 counts are kept upright:
// bit i of planes[k] is bit k of count i. Then 64 counts are added to at once,
// and eight hashes together, as a tree of adders would.
type simhash struct {
	planes  [64]uint64
	pending [8]uint64
	count   int
}

func (s *simhash) add(hash uint64) {
	s.pending[s.count%8] = hash
	if s.count++; s.count%8 == 0 {
		s.addPending()
	}
}

func (s *simhash) addPending() {
	p := &s.pending
	ones, a := addBits(s.planes[0], p[0], p[1])
	ones, b := addBits(ones, p[2], p[3])
	twos, c := addBits(s.planes[1], a, b)
	ones, a = addBits(ones, p[4], p[5])
	ones, b = addBits(ones, p[6], p[7])
	twos, d := addBits(twos, a, b)
	fours, carry := addBits(s.planes[2], c, d)
	s.planes[0], s.planes[1], s.planes[2] = ones, twos, fours
	for k := 3; carry != 0; k++ {
		s.planes[k], carry = s.planes[k]^carry, s.planes[k]&carry
	}
}

// addBits adds three bits, 64 times.
func addBits(a, b, c uint64) (sum, carry uint64) {
	half := a ^ b
	return half ^ c, a&b | half&c
}

// drain returns the hash and starts anew.
func (s *simhash) drain() (hash uint64) {
	clear(s.pending[s.count%8:])
	s.addPending()
	used := bits.Len(uint(s.count))
	for bit := range 64 {
		count := 0
		for k, plane := range s.planes[:used] {
			count |= int(plane>>bit&1) << k
		}
		if 2*count > s.count {
			hash |= 1 << bit
		}
	}
	*s = simhash{}
	return hash
}
