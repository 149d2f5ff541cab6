package htmlstats

import (
	"math"

	"gonum.org/v1/gonum/stat"
)

// windowLength is how many versions a window holds.
const windowLength = 60

// level is a number of a page on a logarithmic scale, in steps of 2 %: finer
// is not worth remembering.
type level int32

const stepsPerUnit = 50

// levelOf places n; below scale the levels are about linear.
func levelOf(n int64, scale float64) level {
	return level(math.Round(stepsPerUnit * math.Log1p(float64(n)/scale)))
}

// window holds the levels of the last versions, oldest first, equal neighbours
// as one run. Most numbers of most pages never change.
type window []run

type run struct {
	level level
	count int
}

// push adds a level, and drops the oldest beyond the window's length.
func (w window) push(l level) window {
	if n := len(w); n > 0 && w[n-1].level == l {
		w[n-1].count++
	} else {
		w = append(w, run{l, 1})
	}
	size := 0
	for _, r := range w {
		size += r.count
	}
	if size > windowLength {
		if w[0].count--; w[0].count == 0 {
			w = append(w[:0], w[1:]...)
		}
	}
	return w
}

// summary is what is usual in a window, on the logarithmic scale.
type summary struct {
	n        int
	median   float64
	sigma    float64 // never 0
	min, max level
}

// What a page is thought to vary by before it is known, and how many versions
// that is worth.
const (
	priorSigma  = 0.10
	priorWeight = 5
	leastSigma  = 0.02
)

// summarise shrinks the variance towards the prior: the few versions of a page
// that happen to be equal do not say that it never changes.
func (w window) summarise() summary {
	s := summary{min: w[0].level, max: w[0].level, median: float64(w[0].level) / stepsPerUnit}
	for _, r := range w {
		s.n += r.count
		s.min, s.max = min(s.min, r.level), max(s.max, r.level)
	}
	variance := 0.0
	if len(w) > 1 { // gonum gives NaN for a single value; most numbers of most pages have only one
		variance, s.median = w.moments()
	}
	n := float64(s.n)
	s.sigma = max(leastSigma, math.Sqrt((priorWeight*priorSigma*priorSigma+(n-1)*max(variance, 0))/(n+priorWeight-1)))
	return s
}

func (w window) moments() (variance, median float64) {
	var space [2 * windowLength]float64
	values, weights := space[:len(w)], space[windowLength:windowLength+len(w)]
	for i, r := range w {
		values[i], weights[i] = float64(r.level)/stepsPerUnit, float64(r.count)
	}
	_, variance = stat.MeanVariance(values, weights)
	stat.SortWeighted(values, weights)
	return variance, stat.Quantile(0.5, stat.Empirical, values, weights)
}
