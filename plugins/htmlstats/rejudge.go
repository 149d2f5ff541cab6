package htmlstats

import (
	"cmp"
	"fmt"
	"slices"

	"webmon/plugins"
)

// Rejudge implements [plugins.Rejudger]. Two memories are led through the stored
// checks: one learns what was learned then, the other what the plugin's own
// options would have had it learn.
//
// All numbers of a page are stored, so what is unusual about them is judged by
// the very code that judges pages. Reasons that are no numbers, such as a new
// script or another structure, come from the stored findings; points that no
// finding lists are what is left of the stored score. So the answer is exact,
// from an asset's first check on, for as long as both ways alarm at the same
// checks, that first difference included. After it, what one way learned and the
// other did not is known from the findings of that check only: an estimate.
// Other elements to ignore are an error.
func (h *htmlstats) Rejudge(from plugins.Origin) (func(plugins.StoredCheck) plugins.Rejudged, error) {
	was, _ := from.Was.(*htmlstats)
	if was == nil {
		was = h
	}
	if !slices.Equal(h.selectors, was.selectors) {
		return nil, fmt.Errorf("option %q: stored results do not hold the pages, so it cannot be tried on them", "ignore_selectors")
	}
	r := &rejudgement{
		tried: replay{h: h}, stored: replay{h: was}, whole: from.Whole,
		same: h.profile == was.profile && h.k == was.k && h.ignored == was.ignored,
	}
	for _, rule := range rules {
		r.unheard = r.unheard || was.ignored[rule.metric] && !h.ignored[rule.metric]
		r.deaf = r.deaf || h.ignored[rule.metric] && !was.ignored[rule.metric]
	}
	return r.judge, nil
}

// rejudgement judges the stored checks of one asset again.
type rejudgement struct {
	stored, tried replay
	whole         bool
	same          bool // the options are those of the stored checks
	unheard       bool // something that would count was ignored then, or not stored yet
	deaf          bool // reasons are ignored that counted, even where no finding lists them
	parted        bool // the two ways did not alarm at the same checks, or it cannot be told

	page    numbers           // of the check before
	pending []plugins.Finding // why the tried options did not learn the last page
	hidden  float64           // and for how many points more, which no finding lists
}

func (r *rejudgement) judge(check plugins.StoredCheck) plugins.Rejudged {
	v, ok := versionOf(&check)
	if !ok { // the page was not looked at
		return plugins.Rejudged{Findings: check.Report.Findings}
	}
	// A page that was learned then, and not by the tried options, is still what it
	// was, whatever is no longer found in it.
	behind := r.stored.m.calm && !r.tried.m.calm
	s := readStored(&check)
	s.unchanged = r.isUnchanged(&check, v)
	r.page = v.numbers
	hidden := r.stored.follow(v, s)
	var findings []plugins.Finding
	if !r.tried.skip(v, s.unchanged) {
		if !behind {
			r.pending, r.hidden = nil, hidden
		}
		a := r.assess(v, s)
		findings = r.settle(v, &a, s, check.Report.Findings)
		r.pending = a.kept
	}
	estimate := r.parted || !r.same && (r.unheard || !r.whole && !r.stored.full())
	alarming := slices.ContainsFunc(findings, func(f plugins.Finding) bool { return f.Verdict != "" })
	r.parted = r.parted || alarming != (s.alarm || s.instead) || r.tried.m.calm != r.stored.m.calm
	return plugins.Rejudged{Findings: findings, Estimate: estimate}
}

// isUnchanged tells whether the page is the one of the check before. Results of
// older versions do not say it; there it is a calm one with the same numbers.
func (r *rejudgement) isUnchanged(check *plugins.StoredCheck, v *version) bool {
	if unchanged, ok := check.Metric(unchangedName); ok {
		return unchanged == 1
	}
	r.unheard = true
	score, _ := check.Metric(scoreName)
	return score == 0 && r.page == v.numbers
}

// assess says how a version looks to the tried options.
func (r *rejudgement) assess(v *version, s *storedReasons) assessment {
	var a assessment
	a.deviations, a.otherType, a.score = r.tried.unusual(v)
	mute := s.full
	for _, f := range s.reasons {
		m, known := metricNamed(f.Metric)
		switch {
		case known && r.tried.h.ignored[m]:
			k, news := kindOf(&f)
			mute = mute || news && !rules[k].adoptable
		case !a.finds(&f):
			a.kept = append(a.kept, f)
		}
	}
	for _, f := range r.pending {
		if !slices.ContainsFunc(a.kept, func(other plugins.Finding) bool { return other.Code == f.Code }) {
			a.kept = append(a.kept, f)
		}
	}
	for _, f := range a.kept {
		a.score += f.Points
		if n, ok := newsOf(&f); ok {
			a.news = append(a.news, n)
			a.security = a.security || !rules[n.kind].adoptable
		}
	}
	slices.SortFunc(a.news, func(a, b news) int { return cmp.Compare(a.kind, b.kind) })
	a.score = round6(a.score + r.hidden)
	// Without what bears on security, it may be something in place of the page; and
	// what is ignored may also be among what is not listed.
	r.parted = r.parted || r.deaf && mute && !a.security
	return a
}

// settle judges by the tried options. As long as the two ways agree, the stored
// findings tell which page was a known variant, and which was not.
func (r *rejudgement) settle(v *version, a *assessment, s *storedReasons, found []plugins.Finding) []plugins.Finding {
	t := &r.tried
	alarm := a.score >= t.h.profile.alarm
	if s.instead || s.variant && alarm {
		t.see(v)
		t.keep(v, a, s)
		return found
	}
	variants := t.m.variants
	if s.alarm && !r.parted {
		t.m.variants = nil
	}
	findings := t.settle(v, a, alarm)
	if s.alarm && !r.parted {
		t.m.variants = variants
	}
	return findings
}
