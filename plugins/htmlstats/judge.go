package htmlstats

import (
	"math"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"

	"webmon/plugins"
)

// judge tells usual values from unusual ones.
type judge struct {
	k       float64
	widen   [maxWindow + 1]float64 // by how many values there are; see newJudge
	ignored [numMetrics]bool
}

// newJudge prepares for k standard deviations.
//
// The deviation of a few values says little of what is to come: five values
// that happen to be close would make the sixth unusual. So the deviation of n
// values is widened by what Student's distribution asks for, to be wrong as
// rarely as k deviations of a known normal distribution would be. Where values
// never differed there is nothing to widen, and the floors alone decide: a
// steady page is watched closely from the end of its warm-up.
func newJudge(k float64) judge {
	j := judge{k: k}
	sure := min(k, 6) // beyond, the tails are too thin to be computed
	tail := distuv.UnitNormal.Survival(sure)
	for n := 2; n <= maxWindow; n++ {
		t := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: float64(n - 1)}
		j.widen[n] = -t.Quantile(tail) / sure * math.Sqrt(1+1/float64(n))
	}
	return j
}

// The floors: a standard deviation is taken to be no less than the greater of
// the two. With k = 4, a size may always change by a tenth of itself, and a
// page may gain or lose two elements of a kind.
const (
	relativeFloor = 0.025 // of the mean
	bytesFloor    = 64
	countFloor    = 0.5
	codeFloor     = 0.2 // with k = 4, one more is one too many
)

// codeTags bring foreign code or send data away. That is what an intruder
// adds, and one is enough.
var codeTags = func() (set [numTracked]bool) {
	for _, name := range []string{"applet", "base", "embed", "form", "frame", "iframe", "object", "script"} {
		set[firstTag+metric(plugins.TagNamed(name))] = true
	}
	return set
}()

func floor(m metric, mean float64) float64 {
	absolute := countFloor
	switch {
	case m == pageBytes || m == textBytes || m == inlineScriptBytes:
		absolute = bytesFloor
	case codeTags[m]:
		absolute = codeFloor
	}
	return max(absolute, relativeFloor*mean)
}

// deviation is a value that is unusual.
type deviation struct {
	metric metric
	value  int64
	mean   float64
	sigma  float64
	zscore float64
}

// compare tells whether value is unusual in view of w. What the window has
// seen is not: a page with two faces shows the rarer one again and again.
func (j *judge) compare(m metric, w window, value int64) (d deviation, unusual bool) {
	s := w.summarise()
	if s.min <= value && value <= s.max {
		return deviation{}, false
	}
	d = deviation{metric: m, value: value, mean: s.mean}
	d.sigma = max(s.stddev*j.widen[min(s.n, maxWindow)], floor(m, s.mean))
	d.zscore = stat.StdScore(float64(value), s.mean, d.sigma)
	return d, math.Abs(d.zscore) > j.k
}

// unusual lists the unusual values of now, in the order of the metrics'
// numbers, and tells how many were judged.
func (h *htmlstats) unusual(m *memory, now *version) (all []deviation, judged int) {
	for id := range numTracked {
		if !h.judges(m, now, id) {
			continue
		}
		judged++
		if d, unusual := h.compare(id, m.windows[id], now.values[id]); unusual {
			all = append(all, d)
		}
	}
	return all, judged
}

// judges tells whether the metric is to be judged: it is measured, not ignored,
// and enough has been learned. An element without a window was never there; it
// is worth judging only when it appears.
func (h *htmlstats) judges(m *memory, now *version, id metric) bool {
	if h.ignored[id] || names[id] == "" || !now.measures(id) || len(m.windows[id]) == 0 && now.values[id] == 0 {
		return false
	}
	if id == pageBytes {
		return m.learned >= h.warmup
	}
	return m.learnedHTML >= h.warmup
}
