package plugins

import (
	"encoding/binary"
	"slices"

	"github.com/cespare/xxhash/v2"
)

// A memory is what all plugins remember of one asset, in one blob:
//
//	version    1 byte
//	checksum   4 bytes, the low half of the xxhash of all that follows
//	one or more of, sorted by name, each name once:
//	    name   its length as a uvarint, then its bytes
//	    past   its length as a uvarint, then its bytes
//
// What people said must never become normal is the past of the name
// refusedName, which no plugin can have.
//
// The checksum is there because a flipped bit inside a past would otherwise
// reach the plugin as a plausible number.
const (
	memoryVersion = 1
	memoryHeader  = 1 + 4

	refusedName = "!refused" // sorts before every plugin's
)

// MaxPast is the most bytes a plugin may remember of one asset.
const MaxPast = 16 << 10

// encodeMemory frames one past an entry, and what is refused. It returns nil
// when nobody remembers anything.
func encodeMemory(entries []entry, pasts [][]byte, refused []Target) []byte {
	size := memoryHeader
	refusal := encodeRefused(refused)
	if refusal != nil {
		size += len(refusedName) + len(refusal) + 2*binary.MaxVarintLen32
	}
	for i, past := range pasts {
		if len(past) > 0 {
			size += len(entries[i].name) + len(past) + 2*binary.MaxVarintLen32
		}
	}
	if size == memoryHeader {
		return nil
	}
	memory := make([]byte, memoryHeader, size)
	if refusal != nil {
		memory = appendBytes(memory, refusedName)
		memory = appendBytes(memory, refusal)
	}
	for i, past := range pasts {
		if len(past) > 0 {
			memory = appendBytes(memory, entries[i].name)
			memory = appendBytes(memory, past)
		}
	}
	memory[0] = memoryVersion
	binary.LittleEndian.PutUint32(memory[1:], checksum(memory))
	return memory
}

// decodeMemory finds each entry's past, and leaves nil for those that have
// none, and what is refused. A memory that is damaged or of another version is
// an empty one. Pasts of plugins that are no longer there are left out.
func decodeMemory(memory []byte, entries []entry) (pasts [][]byte, refused []Target) {
	pasts = make([][]byte, len(entries))
	if len(memory) < memoryHeader || memory[0] != memoryVersion || binary.LittleEndian.Uint32(memory[1:]) != checksum(memory) {
		return pasts, nil
	}
	rest := memory[memoryHeader:]
	for len(rest) > 0 {
		name, tail, ok := cutBytes(rest)
		if !ok {
			return make([][]byte, len(entries)), nil
		}
		past, tail, ok := cutBytes(tail)
		if !ok {
			return make([][]byte, len(entries)), nil
		}
		rest = tail
		if string(name) == refusedName {
			refused = decodeRefused(past)
		} else if i := slices.IndexFunc(entries, func(e entry) bool { return e.name == string(name) }); i >= 0 {
			pasts[i] = past
		}
	}
	return pasts, refused
}

func checksum(memory []byte) uint32 { return uint32(xxhash.Sum64(memory[memoryHeader:])) }

// appendBytes appends the length of s and then s.
func appendBytes[S ~string | ~[]byte](to []byte, s S) []byte {
	to = binary.AppendUvarint(to, uint64(len(s)))
	return append(to, s...)
}

// cutBytes undoes appendBytes. The part is capped, so that appending to it
// cannot write over what follows.
func cutBytes(from []byte) (part, rest []byte, ok bool) {
	size, n := binary.Uvarint(from)
	if n <= 0 || size > uint64(len(from)-n) {
		return nil, nil, false
	}
	end := n + int(size)
	return from[n:end:end], from[end:], true
}
