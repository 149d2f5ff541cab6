package htmlstats

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"webmon/plugins"
)

const (
	maxFindings = 8 // the most unusual values, one finding each

	// A page is another one, and somebody should look now, when half of what
	// is judged is unusual, and not just two of a page's three elements...
	manyShare = 0.5
	manyLeast = 5
	// ...or when its size or text is a fraction or a multiple of the usual.
	extremeFactor = 5
)

// findings says what is unusual, the most unusual first, one finding a value
// and one for all the others if there are more than a reader would read.
func findings(unusual []deviation, judged int) []plugins.Finding {
	if len(unusual) == 0 {
		return nil
	}
	severity := plugins.Warning
	if len(unusual) >= manyLeast && float64(len(unusual)) >= manyShare*float64(judged) || slices.ContainsFunc(unusual, extreme) {
		severity = plugins.Critical
	}
	slices.SortStableFunc(unusual, func(a, b deviation) int { return cmp.Compare(math.Abs(b.zscore), math.Abs(a.zscore)) })
	list := make([]plugins.Finding, 0, maxFindings+1)
	for _, d := range unusual[:min(len(unusual), maxFindings)] {
		list = append(list, plugins.Finding{
			Severity: severity, Code: "unusual_value", Message: d.sentence(), Metric: names[d.metric],
			Observed: plugins.Number(float64(d.value)), Expected: plugins.Number(d.mean),
			StdDev: d.sigma, ZScore: d.zscore, Verdict: plugins.Changed,
		})
	}
	if more := len(unusual) - len(list); more > 0 {
		list = append(list, plugins.Finding{
			Severity: severity, Code: "more_unusual_values", Verdict: plugins.Changed,
			Message:  fmt.Sprintf("%d more values are unusual, %d of %d in all.", more, len(unusual), judged),
			Observed: plugins.Number(float64(len(unusual))),
		})
	}
	return list
}

// extreme tells whether d alone shows that the page is another one.
func extreme(d deviation) bool {
	if d.metric != pageBytes && d.metric != textBytes {
		return false
	}
	value := float64(d.value)
	return value*extremeFactor <= d.mean || value >= d.mean*extremeFactor
}

// sentence says it as in "12 script tags, usually 3.0 ± 0.2."
func (d deviation) sentence() string {
	if d.mean == 0 {
		return d.metric.amount(d.value) + ", usually none."
	}
	digits := 1
	if d.mean >= 1000 {
		digits = 0
	}
	return fmt.Sprintf("%s, usually %.*f ± %.*f.", d.metric.amount(d.value), digits, d.mean, digits, d.sigma)
}
