package htmlstats

import "encoding/binary"

// normal is what the next version is held against side by side: some numbers of
// the last normal version, its hash, and the simhash of its text.
type normal struct {
	hash    uint64
	numbers numbers // only those in sideBySide
	simhash uint64
}

// sideBySide are the numbers that matter there; append only.
var sideBySide = append([]metric{textBytes, tags, links}, visibleMetrics...)

// normal is the last normal version; nil when it was no HTML, or there is none.
// While a page alarms, it is the one before.
func (m *memory) normal() *normal {
	if m.calm && m.isHTML {
		return &normal{m.hash, m.last, m.simhash}
	}
	return m.lastNormal
}

func (n *normal) append(b []byte) []byte {
	for _, m := range sideBySide {
		b = binary.AppendUvarint(b, uint64(n.numbers[m]))
	}
	b = binary.LittleEndian.AppendUint64(b, n.simhash)
	return binary.LittleEndian.AppendUint64(b, n.hash)
}

func (n *normal) read(r *reader) {
	for _, m := range sideBySide {
		n.numbers[m] = r.value()
	}
	n.simhash, n.hash = r.uint64(), r.uint64()
}
