package blockpage

import "webmon/plugins"

const (
	pastVersion = 2
	warmup      = 3 // good checks without a password field that make a login a wall
	maxMarker   = 100
)

// memory is what is remembered of an asset.
type memory struct {
	key         uint64 // of the page looked at last
	seen        sighting
	hasPassword bool // the page looked at last
	open        int  // good checks in a row without a password field, at most warmup
	accepted    int  // a bit for each kind that is the page itself, as somebody said
}

// pageKey tells answers apart: the same body may come with another status.
func pageKey(page *plugins.Page) uint64 {
	key := page.Hash()*31 + uint64(page.Status)
	if page.IsHTML() {
		key++
	}
	return key
}

// learn takes in a check that was not blocked. Only complete, good pages count.
func (m *memory) learn(page *plugins.Page) {
	switch {
	case page.Status >= 400 || page.Truncated || !page.IsHTML():
	case m.hasPassword:
		m.open = 0
	default:
		m.open = min(m.open+1, warmup)
	}
}

func (m *memory) encode() []byte {
	w := plugins.NewPast(pastVersion)
	w.Hash(m.key)
	w.Int(int(m.seen.kind))
	w.Text(m.seen.marker)
	w.Bool(m.hasPassword)
	w.Int(m.open)
	w.Int(m.accepted)
	return w.Bytes()
}

func decode(past []byte) (m memory, ok bool) {
	r := plugins.ReadPast(past, pastVersion)
	m.key = r.Hash()
	m.seen.kind = kind(r.Int(int(numKinds) - 1))
	m.seen.marker = r.Text(maxMarker)
	m.hasPassword = r.Bool()
	m.open = r.Int(warmup)
	m.accepted = r.Int(1<<numKinds - 1)
	if !r.OK() || m.seen.kind == none && m.seen.marker != "" {
		return memory{}, false
	}
	return m, true
}
