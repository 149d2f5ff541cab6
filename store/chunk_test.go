package store

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"webmon/plugins"
)

const chunkAsset = "cv0000000000000000r0"

// randomResult makes results that differ from each other in every way: metrics
// that come and go, values of all kinds, facts, findings, errors.
func randomResult(r *rand.Rand, seq uint64, at time.Time) Result {
	result := Result{Job: jobID(chunkAsset, seq), At: at.UTC().Truncate(time.Millisecond), Verdict: plugins.Verdicts[r.IntN(len(plugins.Verdicts))], Changed: r.IntN(2) == 0}
	for p := range 4 {
		if r.IntN(8) == 0 {
			continue
		}
		report := plugins.Report{Plugin: fmt.Sprintf("plugin%d", p)}
		for m := range 30 {
			value := []float64{
				float64(r.IntN(1000)), -float64(r.IntN(1000)), float64(r.IntN(1e9)) / 1e6, r.NormFloat64(), 0,
				math.MaxFloat64, math.SmallestNonzeroFloat64, 1 << 60, math.Copysign(0.25, -1), 1e15 + 0.5,
			}[r.IntN(10)]
			if r.IntN(5) > 0 {
				report.Metrics = append(report.Metrics, plugins.Metric{Name: fmt.Sprintf("m%d_count", m), Value: value})
			}
		}
		for f := range 3 {
			if r.IntN(2) == 0 {
				if report.Facts == nil {
					report.Facts = map[string]string{}
				}
				report.Facts[fmt.Sprintf("fact%d", f)] = []string{"", "a", "ünïcode\x00\xff"}[r.IntN(3)]
			}
		}
		if r.IntN(4) == 0 {
			report.Findings = []plugins.Finding{{Severity: plugins.Warning, Code: "odd", Message: "odd", Metric: "m1_count", Observed: plugins.Number(float64(r.IntN(3))), Expected: plugins.Text("even")}}
		}
		if r.IntN(6) == 0 {
			report.Error = "broken"
		}
		result.Reports = append(result.Reports, report)
	}
	return result
}

func TestChunkKeepsResultsExactly(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	var chunk string
	var want, got []Result
	seq := uint64(7)
	for range 1000 {
		result := randomResult(r, seq, at)
		frame, sealed, err := appendResult(chunk, result)
		if err != nil {
			t.Fatal(err)
		}
		if sealed != "" {
			last, full, err := unseal(sealed)
			if err != nil || full != chunk || !last.Equal(want[len(want)-1].At) {
				t.Fatalf("sealed: %v, %v", last, err)
			}
			results, err := readResults(chunkAsset, full)
			if err != nil {
				t.Fatal(err)
			}
			got, chunk = append(got, results...), ""
		}
		chunk += frame
		want = append(want, result)
		seq += uint64(1 + r.IntN(100_000))
		at = at.Add(time.Duration(r.IntN(100_000)-10_000) * time.Millisecond)
	}
	results, err := readResults(chunkAsset, chunk)
	if err != nil {
		t.Fatal(err)
	}
	got = append(got, results...)
	if len(got) != len(want) {
		t.Fatalf("%d results, not %d", len(got), len(want))
	}
	for i := range want {
		sortMetrics(want[i])
		sortMetrics(got[i])
		if !reflect.DeepEqual(got[i], want[i]) {
			t.Fatalf("result %d:\n got %+v\nwant %+v", i, got[i], want[i])
		}
	}
}

// The order of metrics in a report means nothing and is not kept.
func sortMetrics(r Result) {
	for _, report := range r.Reports {
		slices.SortFunc(report.Metrics, func(a, b plugins.Metric) int { return cmp.Compare(a.Name, b.Name) })
	}
}

func TestDamagedChunk(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 4))
	var chunk string
	for i := range 10 {
		frame, _, err := appendResult(chunk, randomResult(r, uint64(i), time.Now()))
		if err != nil {
			t.Fatal(err)
		}
		chunk += frame
	}
	for i := range len(chunk) {
		if _, err := readResults(chunkAsset, chunk[:i]); err == nil {
			// Cut between two frames: a shorter chunk, but a good one.
			if _, _, err := appendResult(chunk[:i], randomResult(r, 99, time.Now())); err != nil {
				t.Fatal(err)
			}
			continue
		}
		// A result is never lost to a chunk that cannot be read.
		frame, sealed, err := appendResult(chunk[:i], randomResult(r, 99, time.Now()))
		if err != nil || frame == "" || sealed == "" {
			t.Fatalf("after damage at %d: %v", i, err)
		}
	}
}

func FuzzReadChunk(f *testing.F) {
	r := rand.New(rand.NewPCG(5, 6))
	var chunk string
	for i := range 5 {
		frame, _, err := appendResult(chunk, randomResult(r, uint64(i), time.UnixMilli(1e12)))
		if err != nil {
			f.Fatal(err)
		}
		chunk += frame
		f.Add(chunk)
	}
	f.Add("")
	f.Add("\x01\x00")
	f.Fuzz(func(t *testing.T, chunk string) {
		results, err := readResults(chunkAsset, chunk)
		if err == nil && chunk != "" && len(results) == 0 {
			t.Error("a chunk without results")
		}
		if _, _, err := appendResult(chunk, Result{Job: jobID(chunkAsset, 1), Verdict: plugins.Up}); err != nil {
			t.Error(err)
		}
	})
}

// BenchmarkChunk stores the results of a calm page: 130 metrics of which only
// the timings differ.
func BenchmarkChunk(b *testing.B) {
	r := rand.New(rand.NewPCG(7, 8))
	at := time.Now()
	var chunk string
	var bytes, n int
	for b.Loop() {
		n++
		at = at.Add(time.Minute + time.Duration(r.IntN(40)-20)*time.Millisecond)
		result := calmResult(r, uint64(n*64), at)
		frame, sealed, err := appendResult(chunk, result)
		if err != nil {
			b.Fatal(err)
		}
		if sealed != "" {
			bytes, chunk = bytes+len(sealed), ""
		}
		chunk += frame
	}
	if n > 1000 {
		b.ReportMetric(float64(bytes)/float64(n), "bytes/result")
	}
}

func calmResult(r *rand.Rand, seq uint64, at time.Time) Result {
	timing := plugins.Report{Plugin: "timing"}
	for _, name := range []string{"connect_seconds", "dns_seconds", "first_byte_seconds", "tls_seconds", "total_seconds", "transfer_seconds"} {
		timing.Metrics = append(timing.Metrics, plugins.Metric{Name: name, Value: float64(20_000+r.IntN(5_000)) / 1e6})
	}
	stats := plugins.Report{Plugin: "htmlstats", Facts: map[string]string{"parsed": "yes"}}
	for i := range 120 {
		stats.Metrics = append(stats.Metrics, plugins.Metric{Name: fmt.Sprintf("tag_t%d_count", i), Value: float64(i)})
	}
	up := plugins.Report{Plugin: "availability", Metrics: []plugins.Metric{{Name: "up", Value: 1}, {Name: "status_code", Value: 200}}}
	return Result{Job: jobID(chunkAsset, seq), At: at, Verdict: plugins.Up, Reports: []plugins.Report{up, stats, timing}}
}
