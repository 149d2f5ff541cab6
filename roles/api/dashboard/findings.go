package dashboard

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"webmon/app/client"
	"webmon/plugins"
)

// finding is a finding as it is shown.
type finding struct {
	plugins.Finding
	Plugin   string
	Observed string // in words; empty when nothing was given
	Expected string
	Unusual  string // how far from the expected, in words
	Scale    *scale // the same as a picture
	Decides  bool   // it can be accepted or refused
}

// findingsOf lists what was found in a check, the most serious first: what makes
// something of the asset, and what is only worth knowing.
func findingsOf(r *client.Result) (serious, quiet []finding) {
	for i := range r.Reports {
		report := &r.Reports[i]
		for _, f := range report.Findings {
			shown := finding{
				Finding: f, Plugin: report.Plugin, Observed: valueText(f.Observed), Expected: valueText(f.Expected),
				Decides: f.Alarming() && f.Verdict != plugins.Down && report.Plugin != plugins.AssertionsName,
			}
			if f.StdDev > 0 {
				shown.Unusual, shown.Scale = unusual(&f), scaleOf(&f)
			}
			if f.Severity == plugins.Info {
				quiet = append(quiet, shown)
			} else {
				serious = append(serious, shown)
			}
		}
	}
	slices.SortStableFunc(serious, func(a, b finding) int {
		return cmp.Or(
			weight(b.Severity)-weight(a.Severity),
			b.Verdict.Rank()-a.Verdict.Rank(),
			cmp.Compare(points(&b), points(&a)))
	})
	return serious, quiet
}

// points is how much a finding weighs among others. Of a plugin that has no
// score, each finding stands for itself.
func points(f *finding) float64 {
	if f.Points == 0 && f.StdDev == 0 {
		return math.Inf(1)
	}
	return f.Points
}

func weight(s plugins.Severity) int {
	return slices.Index([]plugins.Severity{plugins.Info, plugins.Warning, plugins.Critical}, s)
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
