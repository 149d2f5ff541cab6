package extract

import (
	"fmt"

	"webmon/plugins"
	"webmon/plugins/baseline"
)

const pastVersion = 2

// number is what is remembered of one value.
type number struct {
	value  float64
	found  bool
	costly bool // not found, because it would have been too much work
	streak plugins.Streak
	window baseline.Window
}

// judge takes the number in and says what is wrong with it. A number that is
// gone for a check may be the page's mood; one that stays away is a fault.
func (v value) judge(n *number) (findings []plugins.Finding) {
	missed := n.streak.Learn(n.found)
	if !n.found {
		finding := plugins.Finding{
			Severity: plugins.Info, Code: "value_missing", Metric: v.metric(),
			Message: fmt.Sprintf("There is no number for %q on the page.", v.Name),
		}
		if missed > 0 {
			finding.Severity, finding.Message = plugins.Warning, fmt.Sprintf("The number %q is gone from the page.", v.Name)
		}
		if n.costly {
			finding.Severity, finding.Code = plugins.Warning, "expression_too_costly"
			finding.Message = fmt.Sprintf("The expression for %q needs more work on this page than is allowed; make it simpler.", v.Name)
		}
		if missed >= plugins.StreakAgree {
			finding.Verdict = plugins.Degraded
		}
		return []plugins.Finding{finding}
	}
	if finding, beyond := v.judgeLimits(n.value); beyond {
		findings = append(findings, finding)
	}
	if j := n.window.Judge(n.value, v.limits); j.Unusual {
		findings = append(findings, plugins.Finding{
			Severity: plugins.Warning, Code: unusual, Metric: v.metric(),
			Message:  fmt.Sprintf("%q is %g, usually %.4g ± %.2g.", v.Name, n.value, j.Mean, j.Sigma),
			Observed: plugins.Number(n.value), Expected: plugins.Number(j.Mean), StdDev: j.Sigma, ZScore: j.ZScore,
			Verdict: plugins.Changed,
		})
	}
	return findings
}

const (
	unusual     = "value_unusual"
	outOfLimits = "value_out_of_limits"
)

// judgeLimits tells whether a number is beyond what the options allow.
func (v value) judgeLimits(x float64) (finding plugins.Finding, beyond bool) {
	low, high, ok := v.within(x)
	if ok {
		return plugins.Finding{}, false
	}
	finding = plugins.Finding{
		Severity: plugins.Warning, Code: outOfLimits, Metric: v.metric(),
		Message:  fmt.Sprintf("%q is %g, above the limit of %g.", v.Name, x, high),
		Observed: plugins.Number(x), Expected: plugins.Number(high), Verdict: plugins.Degraded,
	}
	if x < low {
		finding.Message = fmt.Sprintf("%q is %g, below the limit of %g.", v.Name, x, low)
		finding.Expected = plugins.Number(low)
	}
	return finding, true
}

// memory is what is remembered of an asset.
type memory struct {
	body    uint64   // hash of the body looked at last
	numbers []number // one a value, in the options' order
}

func (e *extract) encode(m *memory) []byte {
	w := plugins.NewPast(pastVersion)
	w.Hash(e.config)
	w.Hash(m.body)
	for i := range m.numbers {
		n := &m.numbers[i]
		w.Bool(n.found)
		w.Bool(n.costly)
		w.Float(n.value)
		n.streak.Write(w)
		n.window.Write(w)
	}
	return w.Bytes()
}

// decode reads what encode wrote under the same options. It always returns a
// memory with as many numbers as there are values.
func (e *extract) decode(past []byte) (m memory, ok bool) {
	r := plugins.ReadPast(past, pastVersion)
	fits := r.Hash() == e.config
	m.body = r.Hash()
	m.numbers = make([]number, len(e.values))
	for i := range m.numbers {
		n := &m.numbers[i]
		n.found, n.costly = r.Bool(), r.Bool()
		n.value = r.Float()
		n.streak = plugins.ReadStreak(r)
		n.window, ok = baseline.Read(r, e.values[i].limits)
		fits = fits && ok
	}
	if !fits || !r.OK() {
		return memory{numbers: make([]number, len(e.values))}, false
	}
	return m, true
}
