package htmlstats

import (
	"cmp"
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
func (h *htmlstats) Rejudge(from plugins.Origin) (func(plugins.StoredCheck) plugins.Rejudged, error) {
	was, _ := from.Was.(*htmlstats)
	if was == nil {
		was = h
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
	unheard       bool // reasons that were ignored, and so not stored, would count
	deaf          bool // reasons are ignored that counted, even where no finding lists them
	parted        bool // the two ways did not alarm at the same checks, or it cannot be told

	page    numbers         // of the check before
	learned map[reason]bool // what the tried options learned and the stored ones did not
	pending []plugins.Finding
	hidden  float64 // points that no finding lists, of the check that pending is of
}

// reason is something other than a number that a finding is about.
type reason struct{ code, evidence string }

// maxReasons bounds what is kept of a page that brings news for ever.
const maxReasons = 10_000

func (r *rejudgement) judge(check plugins.StoredCheck) plugins.Rejudged {
	v, ok := versionOf(&check)
	if !ok { // the page was not looked at
		return plugins.Rejudged{Findings: check.Report.Findings}
	}
	behind, ahead := r.stored.m.calm && !r.tried.m.calm, r.tried.m.calm && !r.stored.m.calm
	s := readStored(&check)
	s.unchanged = r.isUnchanged(&check, v)
	r.page = v.numbers
	hidden := r.stored.follow(v, s)
	var findings []plugins.Finding
	if !r.tried.skip(v, s.unchanged) {
		a := r.assess(v, s, behind, ahead)
		switch {
		case behind:
			a.score += r.hidden
		case !ahead:
			a.score += hidden
		}
		r.parted = r.parted || r.deaf && (a.score >= r.tried.h.profile.alarm) != (a.score-hidden >= r.tried.h.profile.alarm)
		a.score = round6(a.score)
		findings = r.settle(v, &a, s, check.Report.Findings)
		r.note(&a, hidden)
	}
	alarming := slices.ContainsFunc(findings, func(f plugins.Finding) bool { return f.Verdict != "" })
	r.parted = r.parted || alarming != (s.alarm || s.instead) || r.tried.m.calm != r.stored.m.calm
	return plugins.Rejudged{Findings: findings, Estimate: r.parted || !r.same && (r.unheard || !r.whole && !r.stored.full())}
}

// isUnchanged tells whether the page is the one of the check before. Results of
// older versions do not say it; there it is one with the same numbers.
func (r *rejudgement) isUnchanged(check *plugins.StoredCheck, v *version) bool {
	if unchanged, ok := check.Metric(unchangedName); ok {
		return unchanged == 1
	}
	return r.page == v.numbers
}

// assess says how a version looks to the tried options, but for the points that
// no finding lists. While they are behind, they have not learned the page that
// the stored findings are told from; ahead, they have learned one more.
func (r *rejudgement) assess(v *version, s *storedReasons, behind, ahead bool) assessment {
	var a assessment
	a.deviations, a.otherType, a.score = r.tried.unusual(v)
	mute := false // of what bears on security: without it, it may be something in place of the page
	back := behind && !s.unchanged && r.tried.isBack(v)
	for _, f := range s.reasons {
		m, known := metricNamed(f.Metric)
		switch {
		case known && r.tried.h.ignored[m]:
			k, news := kindOf(&f)
			mute = mute || news && !rules[k].adoptable
		case a.finds(&f):
		case (ahead || back) && len(f.Evidence) == 0:
		case r.knows(&f):
		default:
			a.kept = append(a.kept, f)
		}
	}
	switch {
	case back:
		r.hidden = 0
	case behind:
		for _, f := range r.pending {
			if !slices.ContainsFunc(a.kept, func(other plugins.Finding) bool { return other.Code == f.Code }) {
				a.kept = append(a.kept, f)
			}
		}
	}
	for _, f := range a.kept {
		a.score += f.Points
		if n, ok := newsOf(&f); ok {
			a.news = append(a.news, n)
			a.security = a.security || !rules[n.kind].adoptable
		}
	}
	r.parted = r.parted || mute && !a.security
	slices.SortFunc(a.news, func(a, b news) int { return cmp.Compare(a.kind, b.kind) })
	return a
}

// settle judges by the tried options. As long as the two ways agree, the stored
// findings tell which page was a known variant, and which was not.
func (r *rejudgement) settle(v *version, a *assessment, s *storedReasons, found []plugins.Finding) []plugins.Finding {
	t := &r.tried
	alarm := a.score >= t.h.profile.alarm
	if s.instead || s.variant && alarm {
		t.see(v)
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

// note keeps in mind what one way learned and the other did not.
func (r *rejudgement) note(a *assessment, hidden float64) {
	if !r.tried.m.calm {
		r.pending, r.hidden = a.kept, hidden
		return
	}
	r.pending, r.hidden = nil, 0
	if r.stored.m.calm {
		return
	}
	if r.learned == nil || len(r.learned) > maxReasons {
		r.learned = map[reason]bool{}
	}
	for _, f := range a.kept {
		for _, evidence := range f.Evidence {
			r.learned[reason{f.Code, evidence}] = true
		}
	}
}

// knows tells whether the tried options learned all that a finding is about.
func (r *rejudgement) knows(f *plugins.Finding) bool {
	for _, evidence := range f.Evidence {
		if !r.learned[reason{f.Code, evidence}] {
			return false
		}
	}
	return len(f.Evidence) > 0
}
