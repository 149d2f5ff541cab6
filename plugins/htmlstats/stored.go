package htmlstats

import (
	"slices"

	"webmon/plugins"
)

// versionOf makes a version of the numbers that a report holds. It is false for
// a check that did not look at the page.
func versionOf(check *plugins.StoredCheck) (v *version, ok bool) {
	if _, ok := check.Metric(scoreName); !ok {
		return nil, false
	}
	v = &version{at: max(check.At.Unix(), 0), outline: &plugins.Outline{}}
	_, v.isHTML = check.Metric(structureName)
	for _, m := range check.Report.Metrics {
		if id, ok := metricNamed(m.Name); ok {
			v.numbers[id] = int64(m.Value)
		}
	}
	if title := check.Finding(rules[titles].code); title != nil && len(title.Evidence) > 0 {
		v.outline.Title = title.Evidence[0]
	}
	return v, true
}

// storedReasons is what a stored report says of a page, but for its numbers.
type storedReasons struct {
	score     float64
	unchanged bool
	alarm     bool // it was set aside as unusual
	instead   bool // something else was shown in place of the page
	variant   bool // it was a known variant
	full      bool // there may be more reasons than those listed

	reasons []plugins.Finding // as before it was known whether they are alarms
	numbers []plugins.Finding // what a replay finds by itself
}

func readStored(check *plugins.StoredCheck) *storedReasons {
	s := &storedReasons{full: len(check.Report.Findings) >= maxFindings}
	s.score, _ = check.Metric(scoreName)
	for _, f := range check.Report.Findings {
		switch f.Code {
		case notThePage:
			s.instead = true
			continue
		case knownVariant:
			s.variant = true
			continue
		}
		s.alarm = s.alarm || f.Verdict != ""
		f.Severity, f.Verdict = severityOf(&f), ""
		switch f.Code {
		case unusualValue, otherType: // are found again
			s.numbers = append(s.numbers, f)
		default:
			s.reasons = append(s.reasons, f)
		}
	}
	return s
}

// unexplained makes reasons of what was found in numbers then, and is not by a
// replay, because it does not know all that was known then.
func (s *storedReasons) unexplained(a *assessment) {
	for _, f := range s.numbers {
		if !a.finds(&f) {
			s.reasons = append(s.reasons, f)
		}
	}
}

// finds tells whether an assessment itself comes to a finding.
func (a *assessment) finds(f *plugins.Finding) bool {
	return f.Code == otherType && a.otherType ||
		f.Code == unusualValue && slices.ContainsFunc(a.deviations, func(d deviation) bool { return names[d.metric] == f.Metric })
}

// severityOf is how loudly a finding speaks when it is part of an alarm.
func severityOf(f *plugins.Finding) plugins.Severity {
	if k, ok := kindOf(f); ok {
		return rules[k].severity()
	}
	if f.Severity == plugins.Critical {
		return f.Severity
	}
	return plugins.Warning
}

// newsOf is what was new by a finding, without its points: the finding is counted
// by itself. It is false for findings that are about something else.
func newsOf(f *plugins.Finding) (n news, ok bool) {
	k, ok := kindOf(f)
	if !ok {
		return n, false
	}
	n.kind = k
	for _, evidence := range f.Evidence {
		n.items = append(n.items, item{hashOf(evidence), evidence})
	}
	return n, true
}

// kindOf is the kind of things that a finding is about. Where kinds share a code,
// the points tell.
func kindOf(f *plugins.Finding) (k kind, ok bool) {
	for i, r := range rules {
		if r.code == f.Code && (!ok || r.points == f.Points) {
			k, ok = kind(i), true
		}
	}
	return k, ok
}
