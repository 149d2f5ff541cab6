package dashboard

import (
	"fmt"
	"math"

	"webmon/plugins"
	"webmon/roles/api/client"
)

// finding is a finding as it is shown.
type finding struct {
	plugins.Told
	Observed string // in words; empty when nothing was given
	Expected string
	Unusual  string // how far from the expected, in words
	Scale    *scale // the same as a picture
	Decides  bool   // it can be accepted or refused
}

// findingsOf lists what was found in a check, the most telling first: what makes
// something of the asset, and what is only worth knowing.
func findingsOf(r *client.Result) (serious, quiet []finding) {
	for _, f := range r.Findings() {
		shown := finding{
			Told: f, Observed: valueText(f.Observed), Expected: valueText(f.Expected),
			Decides: f.Alarming() && f.Verdict != plugins.Down && f.Plugin != plugins.AssertionsName,
		}
		if f.StdDev > 0 {
			shown.Unusual, shown.Scale = unusual(&f.Finding), scaleOf(&f.Finding)
		}
		if f.Severity == plugins.Info {
			quiet = append(quiet, shown)
		} else {
			serious = append(serious, shown)
		}
	}
	return serious, quiet
}

func valueText(v plugins.Value) string {
	if n, ok := v.Number(); ok {
		return number(n)
	}
	return v.String()
}

// unusual says how far a value is from what is usual.
func unusual(f *plugins.Finding) string {
	away := math.Abs(f.ZScore)
	side := "above"
	if f.ZScore < 0 {
		side = "below"
	}
	switch {
	case away < 10:
		return fmt.Sprintf("%.1f σ %s what is usual", away, side)
	case away < 1000:
		return fmt.Sprintf("%.0f σ %s what is usual", away, side)
	}
	return "more than 1000 σ " + side + " what is usual"
}

// scale is a picture of a value beside its mean ± σ, 200 wide. Far away values
// are at the edge.
type scale struct {
	Low, Band float64 // where the band of ± 2 σ begins, and how wide it is
	Mean, At  float64
	Label     string
}

func scaleOf(f *plugins.Finding) *scale {
	const middle, half = 100.0, 92.0
	// The value is at the edge and the band is drawn to scale, but never too
	// small to be seen.
	z := f.ZScore
	unit := half / max(math.Abs(z), 3) // px of a σ
	s := &scale{Mean: middle, Band: max(4*unit, 4), At: middle + min(max(z*unit, -half), half)}
	s.Low = middle - s.Band/2
	s.Label = fmt.Sprintf("%s, usual %s ± %s", valueText(f.Observed), valueText(f.Expected), number(f.StdDev))
	return s
}
