package htmlstats

import "webmon/plugins"

// replay is a memory that is led through stored checks. Of what it holds, the
// numbers and what was set aside are those of a memory that saw the pages.
type replay struct {
	h *htmlstats
	m memory
}

// skip passes over a page that is the one learned last.
func (p *replay) skip(v *version, unchanged bool) bool {
	if !unchanged || !p.m.calm || p.m.isHTML != v.isHTML {
		return false
	}
	p.m.checks = min(p.m.checks+1, manyChecks)
	return true
}

// see takes note of a page that is neither learned nor set aside.
func (p *replay) see(v *version) { p.m.isHTML, p.m.calm, p.m.last = v.isHTML, false, v.numbers }

// keep sets aside what was shown in place of the page, as settle does.
func (p *replay) keep(v *version, a *assessment, s *storedReasons) {
	if s.instead {
		state := stateOf(v, a)
		p.m.aside = &state
	}
}

// settle learns a version or sets it aside, and says what is to be said of it.
func (p *replay) settle(v *version, a *assessment, alarm bool) []plugins.Finding {
	p.see(v)
	return p.h.settle(&p.m, v, a, alarm)
}

// unusual lists the numbers that count, and gives their points together with
// those of another type of page.
func (p *replay) unusual(v *version) (list []deviation, otherType bool, points float64) {
	if p.m.checks == 0 {
		return nil, false, 0
	}
	if otherType = p.m.htmlLearned != v.isHTML; otherType {
		points += typePoints
	}
	for _, d := range p.m.deviations(v, p.h.k) {
		if !p.h.ignored[d.metric] {
			list = append(list, d)
			points += d.points
		}
	}
	return list, otherType, points
}

// follow learns what was learned then. It returns the points that neither
// numbers nor the stored findings account for.
func (p *replay) follow(v *version, s *storedReasons) (hidden float64) {
	if p.skip(v, s.unchanged) {
		return 0
	}
	a := assessment{score: s.score}
	var points float64
	a.deviations, a.otherType, points = p.unusual(v)
	s.unexplained(&a)
	hidden = s.score - points
	for _, f := range s.reasons {
		hidden -= f.Points
		if n, ok := newsOf(&f); ok {
			a.security = a.security || !rules[n.kind].adoptable
		}
	}
	if s.instead || s.variant {
		p.see(v)
		p.keep(v, &a, s)
		return hidden
	}
	p.m.variants = nil // the stored findings tell
	p.settle(v, &a, s.alarm)
	return hidden
}

// full tells whether what is usual no longer depends on where the replay began.
func (p *replay) full() bool {
	w := p.m.windows[0]
	return len(w) > 0 && w.summarise().n == windowLength
}
