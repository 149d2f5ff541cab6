package headers

import "webmon/plugins"

const pastVersion = 1

// memory is what is remembered of an asset.
type memory [numProtections]plugins.Streak

// learn takes in the protections of a check. It returns for how many checks in
// a row each has been missed.
func (m *memory) learn(now protectionSet) (missed [numProtections]int) {
	for p := range m {
		missed[p] = m[p].Learn(now.has(p))
	}
	return missed
}

func (m *memory) encode() []byte {
	w := plugins.NewPast(pastVersion)
	for _, streak := range m {
		streak.Write(w)
	}
	return w.Bytes()
}

func decode(past []byte) (m memory, ok bool) {
	r := plugins.ReadPast(past, pastVersion)
	for p := range m {
		m[p] = plugins.ReadStreak(r)
	}
	if !r.OK() {
		return memory{}, false
	}
	return m, true
}
