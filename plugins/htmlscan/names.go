package htmlscan

import "encoding/binary"

// Names finds the number of a name of HTML, a tag or an attribute, without
// regard to case. It is a hash table made for short names, because a page has
// thousands of them. It may be used by many goroutines at once.
type Names struct {
	short [tableSize]struct {
		packed uint64
		number uint8
	}
	long map[string]uint8
}

const (
	tableSize = 1024 // four times as many as there can be names
	maxPacked = 8
	maxLong   = 24
)

// NewNames numbers names from 1 in the given order; an empty one only uses up
// its number. They are in lower case, at most 24 bytes long and fewer than 256.
func NewNames(names []string) *Names {
	n := &Names{long: make(map[string]uint8)}
	for i, name := range names {
		switch {
		case name == "":
		case len(name) > maxPacked:
			n.long[name] = uint8(i + 1)
		default:
			packed := pack([]byte(name))
			slot := slotOf(packed)
			for n.short[slot].packed != 0 {
				slot = (slot + 1) % tableSize
			}
			n.short[slot].packed, n.short[slot].number = packed, uint8(i+1)
		}
	}
	return n
}

// Find returns the number of a name, 0 when it has none.
func (n *Names) Find(name []byte) uint8 {
	if len(name) == 0 || len(name) > maxLong {
		return 0
	}
	if len(name) > maxPacked {
		var lower [maxLong]byte
		for i, c := range name {
			lower[i] = c
			if 'A' <= c && c <= 'Z' {
				lower[i] += 'a' - 'A'
			}
		}
		return n.long[string(lower[:len(name)])]
	}
	if name[len(name)-1] == 0 {
		return 0 // or it would pack as the name without it
	}
	packed := pack(name)
	for slot := slotOf(packed); ; slot = (slot + 1) % tableSize {
		switch entry := &n.short[slot]; entry.packed {
		case packed:
			return entry.number
		case 0:
			return 0
		}
	}
}

// pack makes a number of a name of at most 8 bytes, the same in either case.
// Only bytes from "@" on are touched, so nothing but a letter becomes one.
func pack(name []byte) uint64 {
	var packed uint64
	if cap(name) >= maxPacked {
		packed = binary.LittleEndian.Uint64(name[:maxPacked]) << (8 * (maxPacked - len(name))) >> (8 * (maxPacked - len(name)))
	} else {
		for i, c := range name {
			packed |= uint64(c) << (8 * i)
		}
	}
	return packed | packed&0x4040404040404040>>1
}

func slotOf(packed uint64) uint64 { return packed * 0x9E3779B97F4A7C15 >> 54 }
