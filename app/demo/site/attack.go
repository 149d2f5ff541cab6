package site

// attack says which fetches of a page show an attack. The owner repairs the
// page each time, and is attacked again in another way. The zero value is a
// page that is left alone.
type attack struct {
	first int // the first fetch that shows it, counted from 1
	lasts int // fetches until it is repaired
	every int // fetches from one attack to the next
	ways  int // the attacks there are, taken in turn
}

// at gives the attack that a fetch shows, from 1, or 0 for none.
func (a attack) at(fetch int) int {
	if a.first == 0 || fetch < a.first {
		return 0
	}
	since := fetch - a.first
	if since%a.every >= a.lasts {
		return 0
	}
	return 1 + since/a.every%a.ways
}
