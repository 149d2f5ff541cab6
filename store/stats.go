package store

import (
	"context"
	"math"
	"slices"
	"time"

	"gonum.org/v1/gonum/stat"
)

// AssetStats are an asset's statistics over a window of time.
type AssetStats struct {
	From, To time.Time
	Checks   int
	// Metrics is keyed by "plugin.metric".
	Metrics map[string]MetricStats
	// Availability is the percentage of checks that were not down, of those
	// that could be judged; nil when there were none.
	Availability *float64
	// Downtime adds up the stretches from a check that was down to the next
	// that was not, or to the end of the window.
	Downtime time.Duration
}

// MetricStats are the statistics of one metric, in the metric's unit. What is
// not defined is nil: the standard deviation of a single value, and the
// z-score where the standard deviation is nil or 0.
type MetricStats struct {
	N      int
	Mean   float64
	StdDev *float64 // of the sample, n − 1
	Min    float64
	Max    float64
	Median float64
	P95    float64
	P99    float64
	Last   float64
	ZScore *float64 // of Last, against the mean and deviation of the whole window
}

// Stats computes an asset's statistics over the last window, or fails with
// ErrNotFound.
func (s *Store) Stats(ctx context.Context, id string, window time.Duration) (AssetStats, error) {
	asset, err := s.Asset(ctx, id)
	if err != nil {
		return AssetStats{}, err
	}
	now := s.now().UTC()
	from := s.oldest(&asset, now.Add(-window))
	chunks, err := s.newest(ctx, &asset, from)
	if err != nil {
		return AssetStats{}, err
	}
	series := newSeries(from)
	if err := s.inOrder(id, chunks, series.add, series.endChunk); err != nil {
		return AssetStats{}, err
	}
	return series.stats(from.UTC(), now), nil
}

// series collects the values of every metric over time.
type series struct {
	from    int64        // ms
	columns []*[]float64 // of the chunk being read, by the number of the metric
	done    map[string]*[]float64
	uptime  uptime
}

func newSeries(from time.Time) *series {
	return &series{from: from.UnixMilli(), done: map[string]*[]float64{}}
}

// add takes in a result. It always wants more.
func (s *series) add(c *chunkState) bool {
	if c.at < s.from {
		return true
	}
	for i := range c.metrics {
		m := &c.metrics[i]
		if !m.present {
			continue
		}
		for len(s.columns) <= i {
			slot := &c.metrics[len(s.columns)]
			name := c.plugins[slot.plugin].name + "." + slot.name
			column := s.done[name]
			if column == nil {
				column = new([]float64)
				s.done[name] = column
			}
			s.columns = append(s.columns, column)
		}
		*s.columns[i] = append(*s.columns[i], m.value)
	}
	s.uptime.add(c.at, c.verdict)
	return true
}

// endChunk forgets the numbers of the metrics, which hold for a chunk only.
func (s *series) endChunk() { s.columns = s.columns[:0] }

func (s *series) stats(from, to time.Time) AssetStats {
	s.uptime.end(to.UnixMilli())
	all := AssetStats{
		From: from, To: to, Checks: s.uptime.checks,
		Metrics:      make(map[string]MetricStats, len(s.done)),
		Availability: s.uptime.availability(),
		Downtime:     time.Duration(s.uptime.downtime) * time.Millisecond,
	}
	for name, values := range s.done {
		if len(*values) > 0 {
			all.Metrics[name] = metricStats(*values)
		}
	}
	return all
}

// metricStats sorts the values, which are in the order of time.
func metricStats(values []float64) MetricStats {
	m := MetricStats{N: len(values), Last: values[len(values)-1]}
	mean, deviation := stat.MeanStdDev(values, nil)
	m.Mean = mean
	if !math.IsNaN(deviation) {
		m.StdDev = &deviation
		if deviation > 0 {
			z := stat.StdScore(m.Last, mean, deviation)
			m.ZScore = &z
		}
	}
	slices.Sort(values)
	m.Min, m.Max = values[0], values[len(values)-1]
	m.Median, m.P95, m.P99 = quantile(0.5, values), quantile(0.95, values), quantile(0.99, values)
	return m
}

// quantile interpolates between the two nearest values, as spreadsheets, R and
// NumPy do by default. gonum's own interpolation counts from 0, so that the
// median of three values would not be the middle one; hence the shift.
func quantile(p float64, sorted []float64) float64 {
	n := float64(len(sorted))
	return stat.Quantile((p*(n-1)+1)/n, stat.LinInterp, sorted, nil)
}
