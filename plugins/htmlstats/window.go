package htmlstats

import (
	"math"

	"gonum.org/v1/gonum/stat"
)

// window holds a metric's last values, oldest first, equal neighbours as one
// run. Most values of most pages never change, so most windows are one run.
type window []run

type run struct {
	value int64
	count int
}

// push adds a value, count times, and drops the oldest beyond limit.
func (w window) push(value int64, count, limit int) window {
	if n := len(w); n > 0 && w[n-1].value == value {
		w[n-1].count += count
	} else {
		w = append(w, run{value, count})
	}
	return w.trim(limit)
}

// trim drops the oldest values beyond limit.
func (w window) trim(limit int) window {
	excess := w.size() - limit
	drop := 0
	for ; excess > 0; drop++ {
		if w[drop].count > excess {
			w[drop].count -= excess
			break
		}
		excess -= w[drop].count
	}
	return append(w[:0], w[drop:]...)
}

// size is how many values there are.
func (w window) size() (n int) {
	for _, r := range w {
		n += r.count
	}
	return n
}

// last is the newest value, 0 if there is none.
func (w window) last() int64 {
	if len(w) == 0 {
		return 0
	}
	return w[len(w)-1].value
}

// summary is what the judge needs of a window.
type summary struct {
	n            int
	mean, stddev float64 // stddev is 0 with less than two values
	min, max     int64
}

func (w window) summarise() summary {
	if len(w) == 0 {
		return summary{}
	}
	if len(w) == 1 {
		return summary{n: w[0].count, mean: float64(w[0].value), min: w[0].value, max: w[0].value}
	}
	var values, weights [maxWindow]float64
	s := summary{min: w[0].value, max: w[0].value}
	for i, r := range w {
		values[i], weights[i] = float64(r.value), float64(r.count)
		s.n += r.count
		s.min, s.max = min(s.min, r.value), max(s.max, r.value)
	}
	s.mean, s.stddev = stat.MeanStdDev(values[:len(w)], weights[:len(w)])
	if math.IsNaN(s.stddev) {
		s.stddev = 0 // rounding can make a tiny variance negative
	}
	return s
}
