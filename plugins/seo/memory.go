package seo

import "webmon/plugins"

const (
	pastVersion = 1
	maxNumber   = 1 << 30
)

// What is missed when it is lost. The numbers are remembered.
const (
	indexable = iota
	ownCanonical
	titled
	described
	headed
	translated
	numTraits
)

// memory is what is remembered of an asset.
type memory struct {
	key    uint64 // of the page looked at last
	now    summary
	traits [numTraits]plugins.Streak
}

func (m *memory) encode() []byte {
	w := plugins.NewPast(pastVersion)
	w.Hash(m.key)
	for _, text := range []string{m.now.title, m.now.description, m.now.canonical, m.now.canonicalSite, m.now.robots, m.now.noindex} {
		w.Text(text)
	}
	w.Int(m.now.h1)
	w.Int(m.now.hreflangs)
	for _, streak := range m.traits {
		streak.Write(w)
	}
	return w.Bytes()
}

func decode(past []byte) (m memory, ok bool) {
	r := plugins.ReadPast(past, pastVersion)
	m.key = r.Hash()
	for _, text := range []*string{&m.now.title, &m.now.description, &m.now.canonical, &m.now.canonicalSite, &m.now.robots, &m.now.noindex} {
		*text = r.Text(maxLine)
	}
	m.now.h1 = r.Int(maxNumber)
	m.now.hreflangs = r.Int(maxNumber)
	for i := range m.traits {
		m.traits[i] = plugins.ReadStreak(r)
	}
	if !r.OK() {
		return memory{}, false
	}
	return m, true
}
