package htmlstats

import (
	"encoding/binary"
	"sync"

	"webmon/plugins"
)

// memory is what is remembered of an asset.
type memory struct {
	hash        uint64 // of the last page looked at
	learned     int    // checks in the windows, at most a window's length
	learnedHTML int    // those of them that were HTML
	windows     [numTracked]window
	last        version   // what the page with that hash measures
	aside       []version // alike, oldest first, fewer than adoptAfter
	row         int       // checks set aside since the last calm one
	calm        int       // calm checks since the last one set aside, while there are any
}

// memories saves making a new one, which is large, for every check.
var memories = sync.Pool{New: func() any { return new(memory) }}

// maxWindow is the longest window there can be.
const maxWindow = 240

// forget empties the memory, but for the page looked at last.
func (m *memory) forget() {
	m.learned, m.learnedHTML, m.row, m.calm = 0, 0, 0, 0
	m.aside = m.aside[:0]
	for id := range m.windows {
		m.windows[id] = m.windows[id][:0]
	}
}

// Encoded, a memory is:
//
//	version      1 byte
//	hash         8 bytes
//	last         1 byte: 1 when the last page was HTML, else 0
//	learned, learnedHTML, row, calm
//	windows      how many; for each: the step from the metric before, how many
//	             runs, and for each run the step from the value before, times
//	             two; plus one if the value is there more than once, and then
//	             how often
//	aside        how many; for each: 1 for HTML or 0, how many of its values differ
//	             from those before it, and for each: the step from the metric
//	             before, the step from the value
//
// All numbers are uvarints, steps of values in zigzag. "Before" the first page
// set aside are the last values of the windows. An unchanged number costs about
// five bytes however long the window is.
const memoryVersion = 1

// encode writes the memory in at most [plugins.MaxPast] bytes. A page that
// would need more, one that has very many elements and changes all their
// numbers in each check, is remembered for fewer checks.
func (m *memory) encode() []byte {
	buffer := buffers.Get().(*[]byte)
	defer buffers.Put(buffer)
	for limit := maxWindow; ; limit /= 2 {
		*buffer = m.append((*buffer)[:0], limit)
		if len(*buffer) <= plugins.MaxPast || limit == 1 {
			return append([]byte(nil), *buffer...)
		}
	}
}

var buffers = sync.Pool{New: func() any { return new([]byte) }}

func (m *memory) append(b []byte, limit int) []byte {
	b = append(b, memoryVersion)
	b = binary.LittleEndian.AppendUint64(b, m.hash)
	b = appendBool(b, m.last.isHTML)
	for _, n := range []int{m.learned, m.learnedHTML, m.row, m.calm} {
		b = binary.AppendUvarint(b, uint64(n))
	}

	count := 0
	for id := range m.windows {
		w := m.windows[id].trim(limit)
		if len(w) == 1 && w[0].value == 0 && metric(id).isTag() {
			w = w[:0] // long gone, as if it had never been there
		}
		if m.windows[id] = w; len(w) > 0 {
			count++
		}
	}
	b = binary.AppendUvarint(b, uint64(count))
	before := 0
	for id, w := range &m.windows {
		if len(w) > 0 {
			b = binary.AppendUvarint(b, uint64(id-before))
			b = w.append(b)
			before = id
		}
	}

	b = binary.AppendUvarint(b, uint64(len(m.aside)))
	base := m.newest()
	for i := range m.aside {
		b = appendVersion(b, &base, &m.aside[i])
		base = m.aside[i]
	}
	return b
}

// newest returns the last values of the windows.
func (m *memory) newest() (v version) {
	for id, w := range &m.windows {
		v.values[id] = w.last()
	}
	return v
}

func (w window) append(b []byte) []byte {
	b = binary.AppendUvarint(b, uint64(len(w)))
	before := int64(0)
	for _, r := range w {
		step := zigzag(r.value-before) << 1
		if r.count == 1 {
			b = binary.AppendUvarint(b, step)
		} else {
			b = binary.AppendUvarint(b, step|1)
			b = binary.AppendUvarint(b, uint64(r.count))
		}
		before = r.value
	}
	return b
}

func appendVersion(b []byte, base, v *version) []byte {
	b = appendBool(b, v.isHTML)
	count := 0
	for id := range numTracked {
		if v.values[id] != base.values[id] {
			count++
		}
	}
	b = binary.AppendUvarint(b, uint64(count))
	before := metric(0)
	for id := range numTracked {
		if step := v.values[id] - base.values[id]; step != 0 {
			b = binary.AppendUvarint(b, uint64(id-before))
			b = binary.AppendUvarint(b, zigzag(step))
			before = id
		}
	}
	return b
}

func appendBool(b []byte, v bool) []byte {
	if v {
		return append(b, 1)
	}
	return append(b, 0)
}

// zigzag makes small numbers of either sign small numbers without one.
func zigzag(n int64) uint64 { return uint64(n<<1) ^ uint64(n>>63) }

func unzigzag(n uint64) int64 { return int64(n>>1) ^ -int64(n&1) }
