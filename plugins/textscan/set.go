package textscan

import (
	"math/bits"
	"slices"
)

// set holds 32-bit hashes, up to a limit. It is a hash table whose slots are in
// the order of the hashes, so that it can be read out nearly sorted. Hashes
// that crowd at one place, which a page could be made for, are dropped.
type set struct {
	slots []uint32 // 0 is free
	shift int      // from a hash to its slot
	free  int      // how many more there may be
	limit int
	found []uint32 // room for reading out
}

// reach is how far from its slot a hash may be.
const reach = 64

func newSet(limit int) set {
	width := bits.Len(uint(2*limit - 1)) // half of the slots stay free
	return set{slots: make([]uint32, 1<<width+reach), shift: 32 - width, free: limit, limit: limit, found: make([]uint32, limit+1)}
}

func (s *set) add(hash uint32) {
	hash = max(hash, 1)
	home := hash >> s.shift
	for i, slot := range s.slots[home : home+reach] {
		if slot == hash {
			return
		}
		if slot == 0 {
			if s.free > 0 {
				s.slots[int(home)+i] = hash
				s.free--
			}
			return
		}
	}
}

// drain returns the hashes, sorted, and empties the set.
func (s *set) drain() []uint32 {
	if s.free == s.limit {
		return nil
	}
	n := 0
	for _, hash := range s.slots {
		s.found[n] = hash // a branch here would be foreseen badly
		if hash != 0 {
			n++
		}
	}
	hashes := slices.Clone(s.found[:n])
	for i, hash := range hashes {
		for ; i > 0 && hashes[i-1] > hash; i-- { // not far: see reach
			hashes[i-1], hashes[i] = hash, hashes[i-1]
		}
	}
	clear(s.slots)
	s.free = s.limit
	return hashes
}
