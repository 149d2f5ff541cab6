package htmlstats

import (
	"math"

	"webmon/plugins"
)

// usual is the band of levels that are not out of range; the median is within.
// What the window has seen is usual: a page with two faces shows the rarer one
// again and again. What lies between is usual, too.
func (s summary) usual(k float64) (low, high level) {
	reach := max(k*s.sigma, leastChange)
	const rounding = 1e-9 // what lies at the edge is usual
	low = min(s.min, level(math.Ceil(stepsPerUnit*(s.median-reach)-rounding)))
	high = max(s.max, level(math.Floor(stepsPerUnit*(s.median+reach)+rounding)))
	return low, high
}

// numberAt is the number that a place on the logarithmic scale stands for.
func numberAt(y, scale float64) float64 { return scale * math.Expm1(y) }

// baseline maps the band back to the metric's unit, as whole numbers: just those
// from Low to High have a level within the band.
func (j judgedMetric) baseline(w window, k float64) plugins.Baseline {
	s := w.summarise()
	low, high := s.usual(k)
	return plugins.Baseline{
		Metric: names[j.metric], N: s.n,
		Expected: math.Round(numberAt(s.median, j.scale)),
		StdDev:   numberAt(s.median+s.sigma, j.scale) - numberAt(s.median, j.scale),
		Low:      max(0, firstAt(low, j.scale)),
		High:     max(0, firstAt(high+1, j.scale)-1),
	}
}

// firstAt is the smallest whole number with at least this level.
func firstAt(l level, scale float64) float64 {
	return math.Ceil(numberAt((float64(l)-0.5)/stepsPerUnit, scale))
}

// Baselines implements [plugins.Baseliner]: the band in which each number adds
// nothing to the score. StdDev is one σ above what is expected; σ is the same
// everywhere on the logarithmic scale that numbers are judged on, so it is
// smaller below.
func (h *htmlstats) Baselines(past []byte) (all []plugins.Baseline) {
	m := new(memory)
	body, ok := m.readHead(past)
	if !ok || !m.readBody(body) || m.checks == 0 {
		return nil
	}
	for i, j := range judged {
		if len(m.windows[i]) > 0 && !h.ignored[j.metric] {
			all = append(all, j.baseline(m.windows[i], h.k))
		}
	}
	return all
}
