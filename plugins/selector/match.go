package selector

// budget is how many elements matching one list of selectors may look at; those
// with long attributes count for more, and so do long selectors. When it is used
// up, what is left does not match. A page of 10,000 elements and ten selectors
// of three parts stay far below it.
const budget = 10_000_000

// match returns the matched elements in order. Those within another are left
// out.
func (t *tree) match(s Selection) (list []*element) {
	if s.IsZero() || len(t.elements) == 0 {
		return nil
	}
	matched := make([]bool, len(t.elements))
	m := matcher{tree: t, left: budget, states: make([]state, len(t.elements))}
	for _, selector := range s.selectors {
		m.mark(selector, matched)
	}
	for i := 0; i < len(t.elements); i++ {
		if e := &t.elements[i]; matched[i] {
			list = append(list, e)
			i += int(e.size) - 1
		}
	}
	return list
}

type matcher struct {
	*tree
	left   int // of the budget
	states []state
}

// state says how much of a selector matches at an element: bit i is that the
// compounds up to number i do.
type state struct {
	here   uint32 // the last of them at the element itself
	above  uint32 // at one of its ancestors
	before uint32 // at a sibling before it
}

// mark notes which elements the selector matches. It goes through the elements
// once, and knows of the ones around each what it needs.
func (m *matcher) mark(selector complexSelector, matched []bool) {
	whole := uint32(1) << (len(selector) - 1)
	for i := range m.elements {
		e := &m.elements[i]
		var parent, sibling state
		if e.parent != none {
			parent = m.states[e.parent]
		}
		if e.before != none {
			sibling = m.states[e.before]
		}
		now := state{above: parent.here | parent.above, before: sibling.here | sibling.before}
		for n := range selector {
			c := &selector[n]
			var around uint32
			switch c.combinator {
			case 0:
				around = 1
			case ' ':
				around = now.above << 1
			case '>':
				around = parent.here << 1
			case '+':
				around = sibling.here << 1
			case '~':
				around = now.before << 1
			}
			if around>>n&1 == 1 && m.matches(c, e) {
				now.here |= 1 << n
			}
		}
		m.states[i] = now
		if now.here&whole != 0 {
			matched[i] = true
		}
	}
}

// matches asks the compound, as long as there is budget for it.
func (m *matcher) matches(c *compound, e *element) bool {
	cost := e.cost
	if c.siblings {
		cost += m.siblings(e)
	}
	if c.family {
		cost += e.family
	}
	cost *= c.weight
	if cost > m.left {
		return false
	}
	m.left -= cost
	return c.Match(e.node)
}

func (m *matcher) siblings(e *element) int {
	if e.parent == none {
		return int(m.top.count)
	}
	return int(m.elements[e.parent].children.count)
}
