package htmlstats

import "slices"

// newcomer is something new that a page alarmed with.
type newcomer struct {
	kind kind
	hash uint32
}

// maxNewcomers bounds what is remembered of them; of more, the first that came
// with an episode and the last that went are kept.
const maxNewcomers = 96

// bring notes what a page that alarms has that is new.
func (m *memory) bring(all []news) {
	for _, n := range all {
		if n.points == 0 || n.kind == pathSet {
			continue
		}
		for _, it := range n.items {
			new := newcomer{n.kind, it.hash}
			if len(m.brought) < maxNewcomers && !slices.Contains(m.brought, new) {
				m.brought = append(m.brought, new)
			}
		}
	}
}

// countVisitors is called when a page is calm again. What came and went by itself
// is known from the second time on: pages have parts that are not always there,
// and it was told twice. What intruders write stays news.
func (m *memory) countVisitors() {
	m.countHabits()
	for _, n := range m.brought {
		i := slices.Index(m.visitors, n)
		switch {
		case i < 0:
			m.visitors = append(m.visitors, n)
			continue
		case n.kind == defacedTerms:
			continue
		case !m.sets[n.kind].has(n.hash):
			m.sets[n.kind].know(n.kind, n.hash)
		}
		m.visitors = slices.Delete(m.visitors, i, i+1)
	}
	m.visitors = m.visitors[max(0, len(m.visitors)-maxNewcomers):]
	m.brought = nil
}

// countHabits takes what went away by itself into the page's own rate, when an
// episode before had news of the same kind: these seldom are the very same
// things, and were told twice. What bears on security is no habit.
func (m *memory) countHabits() {
	for k := range numKinds {
		of := func(n newcomer) bool { return n.kind == k }
		if rules[k].adoptable && slices.ContainsFunc(m.brought, of) && slices.ContainsFunc(m.visitors, of) {
			m.sets[k].changes = min(m.sets[k].changes+1, m.versions)
		}
	}
}
