package headers

import "webmon/plugins"

const pastVersion = 2

// memory is what is remembered of an asset.
type memory struct {
	key      uint64 // of the document looked at last
	document document
	streaks  [numProtections]plugins.Streak
}

// learn takes in the protections of a check. It returns for how many checks in
// a row each has been missed.
func (m *memory) learn(now *[numProtections]state) (missed [numProtections]int) {
	for p := range m.streaks {
		if now[p] != notAsked {
			missed[p] = m.streaks[p].Learn(now[p] == there)
		}
	}
	return missed
}

func (m *memory) encode() []byte {
	w := plugins.NewPast(pastVersion)
	w.Hash(m.key)
	w.Text(m.document.policy)
	w.Text(m.document.referrer)
	w.Int(int(m.document.integrity))
	for _, streak := range m.streaks {
		streak.Write(w)
	}
	return w.Bytes()
}

func decode(past []byte) (m memory, ok bool) {
	r := plugins.ReadPast(past, pastVersion)
	m.key = r.Hash()
	m.document = document{policy: r.Text(maxPolicy), referrer: r.Text(maxReferrer), integrity: integrity(r.Int(int(numIntegrities) - 1))}
	for p := range m.streaks {
		m.streaks[p] = plugins.ReadStreak(r)
	}
	if !r.OK() {
		return memory{}, false
	}
	return m, true
}
