package headers

import "webmon/plugins"

const (
	pastVersion = 1
	agree       = 3   // checks in a row that show a protection is there, or gone
	forgetAfter = 100 // checks in a row without a protection; then it is not missed any more
)

// memory is what is remembered of an asset.
type memory struct{ streaks [numProtections]streak }

// streak is how many checks in a row had a protection, and since then had not.
type streak struct {
	present int // at most agree
	absent  int // fewer than forgetAfter
}

// learn takes in the protections of a check, and returns those that are lost.
func (m *memory) learn(now protectionSet) (lost []int) {
	for p := range m.streaks {
		s := &m.streaks[p]
		switch {
		case now.has(p):
			// One sighting shows that it is not gone; only a new one must prove itself.
			s.present, s.absent = min(s.present+1, agree), 0
		case s.present < agree:
			*s = streak{}
		case s.absent+1 >= forgetAfter:
			*s = streak{}
		default:
			s.absent++
			lost = append(lost, p)
		}
	}
	return lost
}

func (m *memory) encode() []byte {
	w := plugins.NewPast(pastVersion)
	for _, s := range m.streaks {
		w.Int(s.present)
		w.Int(s.absent)
	}
	return w.Bytes()
}

func decode(past []byte) (m memory, ok bool) {
	r := plugins.ReadPast(past, pastVersion)
	for p := range m.streaks {
		m.streaks[p] = streak{present: r.Int(agree), absent: r.Int(forgetAfter - 1)}
	}
	if !r.OK() {
		return memory{}, false
	}
	return m, true
}
