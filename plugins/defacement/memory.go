package defacement

import "webmon/plugins"

const (
	pastVersion = 2
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
	learned      bool     // last holds a page that is not defaced
	last         version  // without its words
	strong, weak uint64   // words that such pages had, or that somebody accepted
	own          []uint32 // hashes of the asset's own words that somebody accepted

	found found // on the page looked at last
}

// found are the words of a page, wherever they stand.
type found struct {
	strong, weak uint64
	own          string // the most prominent of the asset's own words
}

func (m *memory) learn(now version, found sightings) {
	m.learned, m.last = true, now
	words := found.words()
	m.weak |= words.weak
	m.strong |= words.strong
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
	w.Int(len(m.own))
	for _, word := range m.own {
		w.Hash32(word)
	}
	w.Hash(m.found.strong)
	w.Hash(m.found.weak)
	w.Text(m.found.own)
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
	if n := r.Int(maxOptionWords); n > 0 {
		m.own = make([]uint32, n)
	}
	for i := range m.own {
		m.own[i] = r.Hash32()
	}
	m.found = found{r.Hash(), r.Hash(), r.Text(maxEvidence)}
	if !r.OK() {
		return memory{}, false
	}
	return m, true
}
