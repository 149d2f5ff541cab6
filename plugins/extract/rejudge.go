package extract

import (
	"fmt"
	"slices"

	"webmon/plugins"
)

// Rejudge implements [plugins.Rejudger]. The numbers are stored, so min and max
// are judged exactly, and k once the baselines are those of then. Another way to
// take a number out of the page, or another number, is an error.
func (e *extract) Rejudge(from plugins.Origin) (func(plugins.StoredCheck) plugins.Rejudged, error) {
	was, _ := from.Was.(*extract)
	r := &rejudgement{extract: e, whole: from.Whole, numbers: make([]number, len(e.values)), k: make([]float64, len(e.values))}
	for i, v := range e.values {
		j := -1
		if was != nil {
			j = slices.IndexFunc(was.values, func(other value) bool { return v.sameNumber(&other) })
		}
		if j < 0 {
			return nil, fmt.Errorf("option %q: the number %q was not taken in this way, and stored results tell only of those that were; min, max and k may differ", "values", v.Name)
		}
		r.k[i] = was.values[j].K
	}
	return r.judge, nil
}

// sameNumber tells whether two options take the same number out of a page.
func (v *value) sameNumber(other *value) bool {
	return v.Name == other.Name && v.Kind == other.Kind && v.Expression == other.Expression &&
		v.Attribute == other.Attribute && v.Decimal == other.Decimal
}

// rejudgement judges the checks of one asset again.
type rejudgement struct {
	*extract
	whole   bool
	k       []float64 // that the stored findings are by
	numbers []number
}

func (r *rejudgement) judge(check plugins.StoredCheck) (result plugins.Rejudged) {
	for i, v := range r.values {
		n := &r.numbers[i]
		n.value, n.found = check.Metric(v.metric())
		stored := findingsOf(check.Report.Findings, v.metric())
		if !n.found && len(stored) == 0 {
			continue // the page was not looked at
		}
		if !r.whole && r.k[i] == v.K && !n.window.Full(v.limits) {
			result.Findings = append(result.Findings, r.follow(i, stored)...)
			continue
		}
		result.Estimate = result.Estimate || !r.whole && !n.window.Full(v.limits)
		result.Findings = append(result.Findings, v.judge(n)...)
	}
	return result
}

// follow takes a number in while too little is known to judge it: what was found
// then stands, and what it said was unusual is not learned.
func (r *rejudgement) follow(i int, stored []plugins.Finding) (findings []plugins.Finding) {
	v, n := &r.values[i], &r.numbers[i]
	for _, f := range stored {
		if f.Code != outOfLimits {
			findings = append(findings, f)
		}
	}
	if !n.found {
		n.streak.Learn(false)
		return findings
	}
	if finding, beyond := v.judgeLimits(n.value); beyond {
		findings = slices.Insert(findings, 0, finding)
	}
	n.streak.Learn(true)
	if !slices.ContainsFunc(stored, func(f plugins.Finding) bool { return f.Code == unusual }) {
		n.window.Judge(n.value, v.limits)
	}
	return findings
}

func findingsOf(all []plugins.Finding, metric string) (found []plugins.Finding) {
	for _, f := range all {
		if f.Metric == metric {
			found = append(found, f)
		}
	}
	return found
}
