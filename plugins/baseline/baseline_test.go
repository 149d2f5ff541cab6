package baseline

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"webmon/plugins"
)

var limits = Limits{Size: 10, Warmup: 5, K: 4, AbsoluteFloor: 0.1, RelativeFloor: 0.02, Adopt: 4}

func learned(values ...float64) *Window {
	w := new(Window)
	for _, value := range values {
		w.Judge(value, limits)
	}
	return w
}

func TestJudge(t *testing.T) {
	t.Parallel()
	above := limits
	above.OnlyAbove = true
	for _, test := range []struct {
		name    string
		window  *Window
		limits  Limits
		value   float64
		unusual bool
	}{
		{"warming up", learned(1, 1, 1, 1), limits, 1000, false},
		{"steady", learned(100, 100, 100, 100, 100), limits, 107, false},
		{"steady, beyond the floor", learned(100, 100, 100, 100, 100), limits, 109, true},
		{"steady, below", learned(100, 100, 100, 100, 100), limits, 91, true},
		{"only above", learned(100, 100, 100, 100, 100), above, 0, false},
		{"lively", learned(80, 90, 100, 110, 120), limits, 150, false},
		{"lively, far off", learned(80, 90, 100, 110, 120), limits, 200, true},
		{"nothing", learned(0, 0, 0, 0, 0), limits, 0.3, false},
		{"something for nothing", learned(0, 0, 0, 0, 0), limits, 1, true},
		{"huge", learned(1, 1, 1, 1, 1), limits, math.MaxFloat64, true},
	} {
		if j := test.window.Judge(test.value, test.limits); j.Unusual != test.unusual || (j.Row > 0) != test.unusual {
			t.Errorf("%s: %+v, want unusual %t", test.name, j, test.unusual)
		}
	}
}

// A full window that only judges stays as it is, but for what becomes usual.
func TestJudgeOnly(t *testing.T) {
	t.Parallel()
	w := learned(1, 2, 3, 4)
	if w.JudgeOnly(5, limits); !slices.Equal(w.values, []float64{1, 2, 3, 4, 5}) {
		t.Errorf("a window that is not full holds %v", w.values)
	}
	w = learned(1, 1, 1, 1, 1, 1, 1, 1, 1, 1)
	full := slices.Clone(w.values)
	for _, step := range []struct {
		value float64
		row   int
	}{{1.1, 0}, {5, 1}, {5, 2}, {0.9, 0}, {5, 1}, {5, 2}, {5, 3}} {
		if j := w.JudgeOnly(step.value, limits); j.Row != step.row || w.row != step.row || !slices.Equal(w.values, full) {
			t.Errorf("after %v: %+v, window %+v, want row %d and nothing learned", step.value, j, w, step.row)
		}
	}
	if w.JudgeOnly(5, limits); w.row != 0 || !slices.Equal(w.values, []float64{5}) {
		t.Errorf("what stays is not adopted: %+v", w)
	}
}

func TestAdopt(t *testing.T) {
	t.Parallel()
	w := learned(1, 1, 1, 1, 1, 1)
	for i := 1; i <= limits.Adopt; i++ {
		if j := w.Judge(5, limits); !j.Unusual || j.Row != i || j.Mean != 1 {
			t.Errorf("sighting %d: %+v", i, j)
		}
	}
	if j := w.Judge(5, limits); j.Unusual {
		t.Errorf("adopted, it is %+v", j)
	}
	w = learned(1, 1, 1, 1, 1, 5, 5, 5, 1)
	if j := w.Judge(5, limits); j.Row != 1 {
		t.Errorf("after a usual one it is %+v", j)
	}
}

func TestWriteAndRead(t *testing.T) {
	t.Parallel()
	w := learned(1.1, -2.2, 3.3, math.MaxFloat64, 5, 6, 7, 8, 9, 10, 11, 12)
	past := plugins.NewPast(1)
	w.Write(past)
	r := plugins.ReadPast(past.Bytes(), 1)
	again, ok := Read(r, limits)
	if !ok || !r.OK() || len(again.values) != limits.Size {
		t.Fatalf("%d values read, %t", len(again.values), ok)
	}
	if a, b := again.Judge(4, limits), w.Judge(4, limits); a != b {
		t.Errorf("read back, it judges %+v, before %+v", a, b)
	}
	past = plugins.NewPast(1)
	past.Int(0)
	past.Int(1)
	past.Hash32(math.Float32bits(float32(math.Inf(1))))
	if _, ok := Read(plugins.ReadPast(past.Bytes(), 1), limits); ok {
		t.Error("an infinite value is read")
	}
}

func TestBaseline(t *testing.T) {
	t.Parallel()
	warming := learned(1, 2)
	if b, ok := warming.Baseline("m", limits); ok {
		t.Errorf("while it warms up: %+v", b)
	}
	above := limits
	above.OnlyAbove = true
	random := rand.New(rand.NewPCG(1, 2))
	for range 500 {
		w := learned()
		for range limits.Warmup + random.IntN(limits.Size) {
			w.values = append(w.values, narrow(100*random.NormFloat64()))
		}
		b, _ := w.Baseline("m", limits)
		one, _ := w.Baseline("m", above)
		if b.N != len(w.values) || b.Metric != "m" || one.High != b.High || one.Low > b.Expected {
			t.Fatalf("%+v and, where only more is unusual, %+v", b, one)
		}
		for _, value := range []float64{b.Expected, b.Low + 1e-6, b.Low - 1e-6, b.High - 1e-6, b.High + 1e-6} {
			copied := Window{values: slices.Clone(w.values)}
			j := copied.Judge(value, limits)
			if within := b.Low <= value && value <= b.High; within == j.Unusual || j.Unusual && (j.Mean != b.Expected || j.Sigma != b.StdDev) {
				t.Fatalf("%v is judged %+v, and the baseline is %+v", value, j, b)
			}
		}
	}
}
