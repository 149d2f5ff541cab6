package jsonshape

import (
	"maps"
	"slices"

	"webmon/plugins"
)

const (
	pastVersion = 1
	maxSentence = maxPath + 150 // bytes of what is said of a path
	maxStored   = 10 << 10      // bytes of all paths; one plugin may remember 16 KiB
)

// memory is what is remembered of an asset.
type memory struct {
	body          uint64 // hash of the body looked at last
	valid         bool   // that was JSON
	count         int    // its paths
	checks        int    // at most warmup
	versions      int
	changes       int // versions with a surprise, or what would have been one
	row           int // checks in a row with an alarm
	gone, retyped []string
	paths         map[string]known
}

// encode writes the paths sorted, each as what it shares with the one before
// and what follows: most paths share much.
func (m *memory) encode() []byte {
	w := plugins.NewPast(pastVersion)
	w.Hash(m.body)
	w.Bool(m.valid)
	for _, n := range []int{m.count, m.checks, m.versions, m.changes, m.row} {
		w.Int(n)
	}
	w.Texts(m.gone)
	w.Texts(m.retyped)
	paths := slices.Sorted(maps.Keys(m.paths))
	for stored, i := 0, 0; i < len(paths); i++ {
		if stored += len(paths[i]); stored > maxStored {
			paths = paths[:i]
		}
	}
	w.Int(len(paths))
	before := ""
	for _, path := range paths {
		shared := 0
		for shared < min(len(path), len(before)) && path[shared] == before[shared] {
			shared++
		}
		for shared > 0 && shared < len(path) && path[shared]&0xC0 == 0x80 {
			shared-- // not within a character
		}
		w.Int(shared)
		w.Text(path[shared:])
		w.Int(int(m.paths[path].types))
		w.Bool(m.paths[path].optional)
		before = path
	}
	return w.Bytes()
}

func decode(past []byte) (m memory, ok bool) {
	r := plugins.ReadPast(past, pastVersion)
	m.body = r.Hash()
	m.valid = r.Bool()
	m.count, m.checks, m.versions = r.Int(maxPaths), r.Int(warmup), r.Int(maxCounted)
	m.changes, m.row = r.Int(maxCounted), r.Int(adopt)
	m.gone, m.retyped = r.Texts(maxAlarms, maxPath), r.Texts(maxAlarms, maxSentence)
	n := r.Int(maxPaths)
	m.paths = make(map[string]known, n)
	before := ""
	for range n {
		before = before[:r.Int(len(before))] + r.Text(maxPath)
		m.paths[before] = known{types: types(r.Int(allTypes)), optional: r.Bool()}
	}
	if !r.OK() || len(m.paths) != n {
		return memory{}, false
	}
	return m, true
}
