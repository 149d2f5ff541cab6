// Package baseline tells usual values of a number from unusual ones, by a
// window of the last usual ones. Plugins that watch single numbers share it.
package baseline

import (
	"math"

	"gonum.org/v1/gonum/stat"

	"webmon/plugins"
)

// Limits say when a value is unusual.
type Limits struct {
	Size   int     // values that the window holds; at least Warmup
	Warmup int     // values to learn from before any is unusual; at least 2
	K      float64 // standard deviations from the mean that are still usual

	// A standard deviation is taken to be at least the greater of these: values
	// that never differed would make the smallest step unusual.
	AbsoluteFloor float64
	RelativeFloor float64 // of the mean

	OnlyAbove bool // values below the mean are never unusual; for numbers that are never negative
	Adopt     int  // unusual values in a row after which all is learned anew
}

// Window is the last usual values of a number. Its zero value is empty.
type Window struct {
	values []float64
	row    int // unusual values in a row
}

// Judgement is what a window says of a value.
type Judgement struct {
	Unusual bool
	Row     int // unusual values in a row, this one included; 0 when it is usual
	Mean    float64
	Sigma   float64 // the standard deviation, after the floors
	ZScore  float64
}

// Judge judges a finite value, and learns it when it is usual.
func (w *Window) Judge(value float64, limits Limits) Judgement {
	return w.judge(value, limits, true)
}

// JudgeOnly judges a value as [Window.Judge] does, but does not teach a usual
// one to a window that is full. So the window mostly stays as it is.
func (w *Window) JudgeOnly(value float64, limits Limits) Judgement {
	return w.judge(value, limits, !w.Full(limits))
}

func (w *Window) judge(value float64, limits Limits, learn bool) (j Judgement) {
	// The mean and the deviation cannot make a value unusual that is below the
	// floor, and most times of most pages are.
	low := limits.OnlyAbove && value <= limits.K*limits.AbsoluteFloor
	if len(w.values) >= limits.Warmup && !low {
		j.Mean, j.Sigma = w.usual(limits)
		j.ZScore = stat.StdScore(value, j.Mean, j.Sigma)
		j.Unusual = j.ZScore > limits.K || j.ZScore < -limits.K && !limits.OnlyAbove
	}
	if j.Unusual {
		w.row++
		j.Row = w.row
		if w.row < limits.Adopt {
			return j
		}
		w.values, learn = w.values[:0], true
	}
	w.row = 0
	if !learn {
		return j
	}
	if excess := len(w.values) + 1 - limits.Size; excess > 0 {
		w.values = w.values[excess:]
	}
	w.values = append(w.values, narrow(value))
	return j
}

// usual is the mean and the standard deviation, after the floors.
func (w *Window) usual(limits Limits) (mean, sigma float64) {
	mean, sigma = stat.MeanStdDev(w.values, nil)
	return mean, max(sigma, limits.AbsoluteFloor, limits.RelativeFloor*math.Abs(mean), math.SmallestNonzeroFloat32)
}

// Full tells whether the window holds as many values as it can, so that it does
// not depend on when it was begun.
func (w *Window) Full(limits Limits) bool { return len(w.values) >= limits.Size }

// Baseline is what the window holds as usual for a metric. Where only values
// above are unusual, Low is 0, or lower if the mean is. While the window warms
// up there is none.
func (w *Window) Baseline(metric string, limits Limits) (b plugins.Baseline, ok bool) {
	if len(w.values) < limits.Warmup {
		return b, false
	}
	mean, sigma := w.usual(limits)
	b = plugins.Baseline{
		Metric: metric, Expected: mean, StdDev: sigma, N: len(w.values),
		Low: mean - limits.K*sigma, High: mean + limits.K*sigma,
	}
	if limits.OnlyAbove {
		b.Low = min(0, mean)
	}
	return b, true
}

// narrow makes a value what will be read back: it is remembered in 4 bytes.
func narrow(value float64) float64 {
	return float64(float32(min(max(value, -math.MaxFloat32), math.MaxFloat32)))
}

// Write adds the window to a past.
func (w *Window) Write(past *plugins.PastWriter) {
	past.Int(w.row)
	past.Int(len(w.values))
	for _, value := range w.values {
		past.Hash32(math.Float32bits(float32(value)))
	}
}

// Read reads what [Window.Write] wrote with these limits. It tells whether all
// values are finite; what else is wrong, r tells.
func Read(r *plugins.PastReader, limits Limits) (w Window, ok bool) {
	w.row = r.Int(max(0, limits.Adopt-1))
	n := r.Int(limits.Size)
	w.values = make([]float64, n, n+1)
	for i := range w.values {
		w.values[i] = float64(math.Float32frombits(r.Hash32()))
		if math.IsNaN(w.values[i]) || math.IsInf(w.values[i], 0) {
			return Window{}, false
		}
	}
	return w, true
}
