package htmlstats

import (
	"encoding/binary"

	"github.com/cespare/xxhash/v2"

	"webmon/plugins"
)

// readHead reads what an unchanged page needs. A memory that is damaged or of
// another version cannot be read.
func (m *memory) readHead(past []byte) (rest *reader, ok bool) {
	if len(past) < memoryHeader || len(past) > plugins.MaxPast || past[0] != memoryVersion ||
		binary.LittleEndian.Uint32(past[1:]) != uint32(xxhash.Sum64(past[memoryHeader:])) {
		return nil, false
	}
	r := &reader{rest: past[memoryHeader:]}
	m.hash = r.uint64()
	flags := r.byte()
	if flags > allFlags {
		r.failed = true
	}
	m.calm, m.isHTML = flags&flagCalm != 0, flags&flagHTML != 0
	m.checks = int(r.byte())
	for i := range m.last[:firstTag] {
		m.last[i] = r.value()
	}
	tag := 0
	for range r.number(plugins.NumTags) {
		if tag += r.number(plugins.NumTags); tag >= plugins.NumTags {
			r.failed = true
		}
		n := r.value()
		if r.failed {
			return nil, false
		}
		m.last[int(firstTag)+tag] = n
		m.seen[tag/64] |= 1 << (tag % 64)
	}
	return r, !r.failed
}

// readBody reads the rest.
func (m *memory) readBody(r *reader) (ok bool) {
	m.versions = r.number(maxCounted)
	m.htmlLearned = r.number(1) == 1
	for i := range r.number(numJudged) {
		m.windows[i] = r.window()
	}
	for k := range r.number(int(numKinds)) {
		m.sets[k].read(r, kind(k))
	}
	before := uint64(0)
	for range r.number(maxKeptPaths) {
		before += r.uvarint()
		weight := r.byte()
		if before > 1<<32-1 || r.failed {
			return false
		}
		m.paths = append(m.paths, path{plugins.TagPath(before), weight})
	}
	before = 0
	for range r.number(maxSketch) {
		if before += r.uvarint(); before > 1<<32-1 || r.failed {
			return false
		}
		m.words = append(m.words, uint32(before))
	}
	m.simhash, m.addresses = r.uint64(), r.uint32()
	m.unlike = [2]uint8{r.byte(), r.byte()}
	m.row = r.number(maxRow)
	m.since = r.value()
	if r.number(1) == 1 {
		m.lastNormal = new(normal)
		m.lastNormal.read(r)
	}
	if r.number(1) == 1 {
		m.aside = new(state)
		m.aside.read(r)
	}
	m.variants = make([]state, r.number(maxVariants))
	for i := range m.variants {
		m.variants[i].read(r)
	}
	m.brought, m.visitors = r.newcomers(), r.newcomers()
	m.accepted = make([]uint64, r.number(maxAccepted))
	for i := range m.accepted {
		m.accepted[i] = r.uint64()
	}
	return !r.failed && len(r.rest) == 0
}

func (s *state) read(r *reader) {
	for i := range s.levels {
		s.levels[i] = level(r.number(maxLevel))
	}
	s.title, s.news = r.uint32(), r.uint32()
	flags := r.byte()
	s.adoptable, s.accepted = flags&1 != 0, flags&2 != 0
	s.count = int(r.byte())
}

func (r *reader) newcomers() []newcomer {
	list := make([]newcomer, r.number(maxNewcomers))
	for i := range list {
		list[i] = newcomer{kind(r.byte()), r.uint32()}
		if list[i].kind >= numKinds {
			r.failed = true
			return nil
		}
	}
	return list
}

// reader takes numbers off a slice of bytes. After a failure all it reads is 0.
type reader struct {
	rest   []byte
	failed bool
}

func (r *reader) byte() (v byte) {
	if r.failed || len(r.rest) == 0 {
		r.failed = true
		return 0
	}
	v, r.rest = r.rest[0], r.rest[1:]
	return v
}

func (r *reader) uint32() (v uint32) {
	if r.failed || len(r.rest) < 4 {
		r.failed = true
		return 0
	}
	v, r.rest = binary.LittleEndian.Uint32(r.rest), r.rest[4:]
	return v
}

func (r *reader) uint64() (v uint64) { return uint64(r.uint32()) | uint64(r.uint32())<<32 }

func (r *reader) uvarint() uint64 {
	v, n := binary.Uvarint(r.rest)
	if n <= 0 || r.failed {
		r.failed = true
		return 0
	}
	r.rest = r.rest[n:]
	return v
}

// number reads a number of at most limit.
func (r *reader) number(limit int) int {
	v := r.uvarint()
	if v > uint64(limit) {
		r.failed = true
		return 0
	}
	return int(v)
}

// More than any page can measure.
const (
	maxValue = 1 << 40
	maxLevel = 1 << 12
)

func (r *reader) value() int64 { return int64(r.number(maxValue)) }

func (r *reader) window() (w window) {
	size, before := 0, int64(0)
	for range r.number(windowLength) {
		token := r.uvarint()
		before += unzigzag(token >> 1)
		count := 1
		if token&1 == 1 {
			count = int(r.byte())
		}
		if size += count; count == 0 || size > windowLength || before < 0 || before > maxLevel {
			r.failed = true
		}
		if r.failed {
			return nil
		}
		w = append(w, run{level(before), count})
	}
	return w
}
