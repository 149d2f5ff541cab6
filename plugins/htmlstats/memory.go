package htmlstats

import (
	"encoding/binary"
	"math/bits"

	"github.com/cespare/xxhash/v2"

	"webmon/plugins"
)

// memory is what is remembered of an asset.
type memory struct {
	hash   uint64 // of the last page looked at
	calm   bool   // that page was learned, or is equal to one that was
	isHTML bool   // that page was
	checks int    // learned, at most manyChecks: enough to judge everything
	last   numbers
	seen   [4]uint64 // elements that were ever there

	versions    int // learned, at most maxCounted
	htmlLearned bool
	windows     [numJudged]window
	sets        [numKinds]collection
	paths       []path
	words       []uint32
	addresses   uint32   // sum of the scripts of the version learned last
	simhash     uint64   // of the text of the page last looked at
	unlike      [2]uint8 // the greatest usual unlikeness of structure and vocabulary, in percent

	lastNormal *normal // while the page alarms: see normal

	aside    *state // the alarmed page last seen, nil when the last was calm
	row      int    // alarmed checks in a row that do not bear on security
	since    int64  // when the first alarmed one in a row was fetched, in Unix seconds
	variants []state
	brought  []newcomer // what was new since the last calm page
	visitors []newcomer // what was new once, and went away by itself

	accepted []uint64 // reasons that are no alarm, see acceptedKey; the oldest first
}

const (
	manyChecks  = 10
	maxCounted  = 240 // then versions and changes are halved: what was long ago counts less
	maxVariants = 6
	maxRow      = 100
)

// state is an alarmed page in brief: enough to tell whether another one is the
// same.
type state struct {
	levels    [numJudged]level
	title     uint32
	news      uint32 // hash of what was gravely new or of what was shown instead; 0: nothing
	adoptable bool   // nothing in it bears on security
	accepted  bool   // somebody said that it is normal
	count     int    // checks in a row, or episodes
}

// Encoded, a memory is a byte for the version, four for the low half of the
// xxhash of what follows, then:
//
//	head   hash, flags, checks, the page's numbers and the elements seen:
//	       all that an unchanged page needs
//	body   everything else, in the order of the fields
//
// Windows and sets come after their count: a memory from before one more was added
// can still be read.
//
// Numbers are uvarints; sorted ones are written as steps, levels as steps in
// zigzag. The checksum is there because a flipped bit would otherwise be a
// plausible number.
const (
	memoryVersion = 5
	memoryHeader  = 1 + 4
)

const (
	flagCalm = 1 << iota
	flagHTML
	allFlags = 1<<iota - 1
)

func (m *memory) encode() []byte {
	b := make([]byte, memoryHeader, 2048)
	b = m.appendHead(b)
	b = m.appendBody(b)
	b[0] = memoryVersion
	binary.LittleEndian.PutUint32(b[1:], uint32(xxhash.Sum64(b[memoryHeader:])))
	return b
}

func (m *memory) appendHead(b []byte) []byte {
	b = binary.LittleEndian.AppendUint64(b, m.hash)
	b = append(b, flag(m.calm, flagCalm)|flag(m.isHTML, flagHTML), byte(m.checks))
	for _, n := range m.last[:firstTag] {
		b = binary.AppendUvarint(b, uint64(n))
	}
	count := 0
	for _, word := range m.seen {
		count += bits.OnesCount64(word)
	}
	b = binary.AppendUvarint(b, uint64(count))
	before := 0
	for tag := range plugins.NumTags {
		if m.everSeen(tag) {
			b = binary.AppendUvarint(b, uint64(tag-before))
			b = binary.AppendUvarint(b, uint64(m.last[int(firstTag)+tag]))
			before = tag
		}
	}
	return b
}

func (m *memory) everSeen(tag int) bool { return m.seen[tag/64]>>(tag%64)&1 == 1 }

// show makes v's numbers the ones that are reported.
func (m *memory) show(v *version) {
	m.last = v.numbers
	m.simhash = 0
	if v.isHTML {
		m.simhash = v.outline.Simhash
	}
	for tag := range plugins.NumTags {
		if v.numbers[int(firstTag)+tag] > 0 {
			m.seen[tag/64] |= 1 << (tag % 64)
		}
	}
}

func (m *memory) appendBody(b []byte) []byte { return m.appendBodyOf(b, len(m.windows), len(m.sets)) }

// appendBodyOf appends a body as of when only the first so many numbers and kinds
// were known.
func (m *memory) appendBodyOf(b []byte, windows, sets int) []byte {
	b = binary.AppendUvarint(b, uint64(m.versions))
	b = append(b, flag(m.htmlLearned, 1))
	b = append(b, byte(windows))
	for _, w := range m.windows[:windows] {
		b = w.append(b)
	}
	b = append(b, byte(sets))
	for k := range sets {
		b = m.sets[k].append(b)
	}
	b = binary.AppendUvarint(b, uint64(len(m.paths)))
	before := plugins.TagPath(0)
	for _, p := range m.paths {
		b = binary.AppendUvarint(b, uint64(p.id-before))
		b = append(b, p.weight)
		before = p.id
	}
	b = binary.AppendUvarint(b, uint64(len(m.words)))
	last := uint32(0)
	for _, w := range m.words {
		b = binary.AppendUvarint(b, uint64(w-last))
		last = w
	}
	b = binary.LittleEndian.AppendUint64(b, m.simhash)
	b = binary.LittleEndian.AppendUint32(b, m.addresses)
	b = append(b, m.unlike[0], m.unlike[1], byte(m.row))
	b = binary.AppendUvarint(b, uint64(m.since))
	if m.lastNormal == nil {
		b = append(b, 0)
	} else {
		b = m.lastNormal.append(append(b, 1))
	}
	if m.aside == nil {
		b = append(b, 0)
	} else {
		b = m.aside.append(append(b, 1))
	}
	b = append(b, byte(len(m.variants)))
	for i := range m.variants {
		b = m.variants[i].append(b)
	}
	for _, list := range [][]newcomer{m.brought, m.visitors} {
		b = append(b, byte(len(list)))
		for _, n := range list {
			b = binary.LittleEndian.AppendUint32(append(b, byte(n.kind)), n.hash)
		}
	}
	b = append(b, byte(len(m.accepted)))
	for _, key := range m.accepted {
		b = binary.LittleEndian.AppendUint64(b, key)
	}
	return b
}

func (w window) append(b []byte) []byte {
	b = append(b, byte(len(w)))
	before := level(0)
	for _, r := range w {
		step := zigzag(int64(r.level-before)) << 1
		if r.count == 1 {
			b = binary.AppendUvarint(b, step)
		} else {
			b = append(binary.AppendUvarint(b, step|1), byte(r.count))
		}
		before = r.level
	}
	return b
}

func (s *state) append(b []byte) []byte {
	for _, l := range s.levels {
		b = binary.AppendUvarint(b, uint64(l))
	}
	b = binary.LittleEndian.AppendUint32(b, s.title)
	b = binary.LittleEndian.AppendUint32(b, s.news)
	return append(b, flag(s.adoptable, 1)|flag(s.accepted, 2), byte(s.count))
}

func flag(v bool, bit byte) byte {
	if v {
		return bit
	}
	return 0
}

// zigzag makes small numbers of either sign small numbers without one.
func zigzag(n int64) uint64 { return uint64(n<<1) ^ uint64(n>>63) }

func unzigzag(n uint64) int64 { return int64(n>>1) ^ -int64(n&1) }
