package defacement

import "webmon/plugins"

const (
	pastVersion = 1
	maxTitle    = 120 // bytes
	maxName     = 20  // bytes of a language or charset
	maxReasons  = 6
	maxEvidence = 200 // bytes of a reason
	maxPoints   = 200
)

// memory is what is remembered of an asset.
type memory struct {
	key          uint64 // of the page looked at last
	points       int    // of that page
	evidence     []string
	learned      bool    // last holds a page that is not defaced
	last         version // without its words
	strong, weak uint64  // words that such pages had
}

func (m *memory) learn(now version, found sightings) {
	m.learned, m.last = true, now
	m.weak |= found.weak
	for i, place := range found.strong {
		if place != nowhere {
			m.strong |= 1 << i
		}
	}
}

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
	w.Hash(m.strong)
	w.Hash(m.weak)
	return w.Bytes()
}

func decode(past []byte) (m memory, ok bool) {
	r := plugins.ReadPast(past, pastVersion)
	m.key = r.Hash()
	m.points = r.Int(maxPoints)
	m.evidence = r.Texts(maxReasons, maxEvidence)
	m.learned = r.Bool()
	m.last = version{title: r.Text(maxTitle), lang: r.Text(maxName), charset: r.Text(maxName), simhash: r.Hash()}
	m.strong, m.weak = r.Hash(), r.Hash()
	if !r.OK() {
		return memory{}, false
	}
	return m, true
}
