package htmlstats

import "math"

const (
	adoptAfter   = 3  // checks with the same unusual page make it usual
	relearnAfter = 10 // unusual checks in a row, each another page, make all start anew
)

// learn takes a page into the windows, or sets it aside when it is unusual.
//
// A page set aside is adopted at its third sighting. Three in a row are a new
// level: the unusual metrics start their windows anew, so that what was usual
// before does not blur what is usual now. Sightings with calm checks between
// them are another face of the same page: they join the windows. A page that
// is unusual and another one each time has lost its old level without finding
// a new one, and is learned from the beginning.
func (h *htmlstats) learn(m *memory, now *version, unusual []deviation) {
	if len(unusual) == 0 {
		h.take(m, now)
		m.row = 0
		if len(m.aside) > 0 {
			if m.calm++; m.calm >= h.window {
				m.aside, m.calm = m.aside[:0], 0
			}
		}
		return
	}
	m.row++
	if !h.alike(m, now, unusual) {
		m.aside = m.aside[:0]
	}
	m.calm = 0
	switch {
	case len(m.aside) == adoptAfter-1:
		h.adopt(m, now, unusual)
	case m.row >= relearnAfter:
		m.forget()
		h.take(m, now)
	default:
		m.aside = append(m.aside, *now)
	}
}

func (h *htmlstats) adopt(m *memory, now *version, unusual []deviation) {
	for i := range m.aside {
		h.take(m, &m.aside[i])
	}
	h.take(m, now)
	if m.row >= adoptAfter {
		for _, d := range unusual {
			m.windows[d.metric] = m.windows[d.metric].trim(adoptAfter)
		}
	}
	m.aside, m.row = m.aside[:0], 0
}

// alike tells whether now is what was set aside before: all unusual values are
// about the same.
func (h *htmlstats) alike(m *memory, now *version, unusual []deviation) bool {
	for i := range m.aside {
		before := &m.aside[i]
		if before.isHTML != now.isHTML {
			return false
		}
		for _, d := range unusual {
			a, b := float64(d.value), float64(before.values[d.metric])
			if math.Abs(a-b) > h.k*max(floor(d.metric, 0), 2*relativeFloor*max(a, b)) {
				return false
			}
		}
	}
	return true
}

// take adds a version to the windows. An element seen for the first time was
// there 0 times in all checks before.
func (h *htmlstats) take(m *memory, v *version) {
	for id := range numTracked {
		w := m.windows[id]
		if names[id] == "" || !v.measures(id) || len(w) == 0 && id.isTag() && v.values[id] == 0 {
			continue
		}
		if len(w) == 0 && id.isTag() && m.learnedHTML > 0 {
			w = w.push(0, m.learnedHTML, h.window)
		}
		m.windows[id] = w.push(v.values[id], 1, h.window)
	}
	m.learned = min(m.learned+1, h.window)
	if v.isHTML {
		m.learnedHTML = min(m.learnedHTML+1, h.window)
	}
}
