package htmlstats

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"webmon/plugins"
)

// Every number is within the band just when it is not out of range, up to the
// last one on either side.
func TestBaselineIsWhatIsUsual(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	for range 3000 {
		j := judged[random.IntN(numJudged)]
		k := 1 + 19*random.Float64()*random.Float64()
		spread := math.Pow(10, 4*random.Float64())
		var w window
		var seen []int64
		for range 1 + random.IntN(windowLength) {
			n := int64(spread * math.Exp(random.NormFloat64()*0.3))
			w, seen = w.push(levelOf(n, j.scale)), append(seen, n)
		}
		b := j.baseline(w, k)
		if b.Low < 0 || b.Low > b.Expected+1 || b.High < b.Expected-1 || b.StdDev <= 0 || b.Metric != names[j.metric] {
			t.Fatalf("%s, k %v: %+v", names[j.metric], k, b)
		}
		for _, n := range seen {
			if float64(n) < b.Low || float64(n) > b.High {
				t.Fatalf("%s, k %v: %d was seen, and the band is %+v", names[j.metric], k, n, b)
			}
		}
		values := []int64{0, int64(b.Low) - 1, int64(b.Low), int64(b.Expected), int64(2 * spread * random.Float64())}
		if b.High < 1<<40 {
			values = append(values, int64(b.High), int64(b.High)+1)
		}
		for _, value := range values {
			if value < 0 {
				continue
			}
			d, unusual := j.compare(w, value, k)
			if within := b.Low <= float64(value) && float64(value) <= b.High; within == unusual {
				t.Fatalf("%s, k %v: %d is unusual: %t, and the band is %+v", names[j.metric], k, value, unusual, b)
			}
			if unusual {
				checkStatistics(t, d.finding(), b)
			}
		}
	}
}

// checkStatistics checks that what a finding says of a number fits itself and
// the baseline.
func checkStatistics(t *testing.T, f plugins.Finding, b plugins.Baseline) {
	t.Helper()
	observed, _ := f.Observed.Number()
	expected, _ := f.Expected.Number()
	if expected != b.Expected || observed >= b.Low && observed <= b.High {
		t.Errorf("the finding %+v does not fit the baseline %+v", f, b)
	}
	if z := (observed - expected) / f.StdDev; f.StdDev <= 0 || math.Abs(z-f.ZScore) > 1e-9*math.Abs(z) {
		t.Errorf("%s: observed %v, expected %v and σ %v give a z-score of %v, not %v", f.Metric, observed, expected, f.StdDev, z, f.ZScore)
	}
}

// What was remembered before a check says what its findings expect, for pages
// of all kinds of liveliness.
func TestFindingsFitTheBaselines(t *testing.T) {
	t.Parallel()
	for seed := range uint64(8) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			random := seeded(seed)
			w := newWatch(t, `{"profile": "strict", "k": 2, "ignore": ["tag_li_count"]}`)
			flagged, calm := 0, 0
			for range 150 {
				items := 20
				if random.IntN(6) == 0 {
					items = random.IntN(120)
				}
				before := w.plugin.(plugins.Baseliner).Baselines(w.past)
				report := w.check(htmlPage(lively(items, random)))
				byMetric := map[string]plugins.Baseline{}
				for _, b := range before {
					byMetric[b.Metric] = b
				}
				for _, f := range report.Findings {
					if f.Code == "unusual_value" {
						checkStatistics(t, f, byMetric[f.Metric])
						flagged++
					}
				}
				listed := metricOf(report, scoreName) >= profiles["strict"].notice && len(report.Findings) < maxFindings &&
					!slices.Contains(codes(report), "known_variant") && !slices.Contains(codes(report), "not_the_page")
				for _, m := range report.Metrics {
					b, judged := byMetric[m.Name]
					if !judged || !listed || slices.ContainsFunc(report.Findings, func(f plugins.Finding) bool { return f.Metric == m.Name }) {
						continue
					}
					if calm++; m.Value < b.Low || m.Value > b.High {
						t.Errorf("%s is %v, which nobody flags, and the baseline is %+v", m.Name, m.Value, b)
					}
				}
				if _, there := byMetric["tag_li_count"]; there {
					t.Fatal("a metric that is ignored has a baseline")
				}
			}
			if flagged < 5 || calm < 50 {
				t.Errorf("only %d flagged and %d calm values were compared", flagged, calm)
			}
		})
	}
}

func TestBaselinesOfNothing(t *testing.T) {
	t.Parallel()
	w := newWatch(t, "")
	for _, past := range [][]byte{nil, {1}, {memoryVersion, 0, 0, 0, 0}} {
		if all := w.plugin.(plugins.Baseliner).Baselines(past); len(all) != 0 {
			t.Errorf("a past of %d bytes has the baselines %+v", len(past), all)
		}
	}
}
