package defacement

import (
	"slices"

	"github.com/cespare/xxhash/v2"

	"webmon/plugins"
)

const (
	pastVersion = 3
	maxTitle    = 120 // bytes
	maxName     = 20  // bytes of a language or charset
	maxReasons  = 6
	maxEvidence = 200 // bytes of a reason
	maxPoints   = 200
	maxOwn      = 64 // words remembered as the page's own
)

// memory is what is remembered of an asset.
type memory struct {
	key      uint64 // of the page looked at last
	points   int    // of that page
	evidence []string
	learned  bool     // last holds a page that is not defaced
	last     version  // without the number of its words
	own      []uint32 // hashes of words that such pages had, or that somebody accepted, the latest last

	strangers []string // words of the page looked at last that are not its own, when it alarms
}

func (m *memory) learn(now version, found sightings) {
	m.learned, m.last = true, now
	for _, word := range found {
		if !m.knows(word.text) {
			m.own = append(m.own, hash(word.text))
		}
	}
	m.own = m.own[max(0, len(m.own)-maxOwn):]
}

func (m *memory) knows(word string) bool { return slices.Contains(m.own, hash(word)) }

func hash(word string) uint32 { return uint32(xxhash.Sum64String(word)) }

func (m *memory) encode() []byte {
	w := plugins.NewPast(pastVersion)
	w.Hash(m.key)
	w.Int(m.points)
	w.Texts(m.evidence)
	w.Bool(m.learned)
	w.Text(m.last.title)
	w.Text(m.last.lang)
	w.Text(m.last.charset)
	w.Hash(m.last.simhash)
	w.Int(len(m.own))
	for _, word := range m.own {
		w.Hash32(word)
	}
	w.Texts(m.strangers)
	return w.Bytes()
}

func decode(past []byte) (m memory, ok bool) {
	r := plugins.ReadPast(past, pastVersion)
	m.key = r.Hash()
	m.points = r.Int(maxPoints)
	m.evidence = r.Texts(maxReasons, maxEvidence)
	m.learned = r.Bool()
	m.last = version{title: r.Text(maxTitle), lang: r.Text(maxName), charset: r.Text(maxName), simhash: r.Hash()}
	m.own = make([]uint32, r.Int(maxOwn))
	for i := range m.own {
		m.own[i] = r.Hash32()
	}
	m.strangers = r.Texts(maxOwn, maxEvidence)
	if !r.OK() {
		return memory{}, false
	}
	return m, true
}
