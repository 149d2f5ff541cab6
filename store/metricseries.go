package store

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"webmon/plugins"
)

// MetricSeries is one metric of an asset over time.
type MetricSeries struct {
	Asset  Asset
	Points []MetricPoint // one a check, in the order of storing
	// Metrics are the names, "plugin.metric", of all metrics that the results
	// of the window know, sorted.
	Metrics []string
	// Availability is as in [AssetStats].
	Availability *float64
}

// MetricPoint is what one check says of the metric.
type MetricPoint struct {
	At       time.Time
	Verdict  plugins.Verdict // of the whole check
	Measured bool            // whether there is a value
	Value    float64
	Findings []plugins.Finding // those about the metric; shared, not to be changed
}

// MetricSeries reads the metric "plugin.metric" of an asset in the results from
// a time on, or fails with ErrNotFound. An empty name asks for the checks
// alone, as does a name that no result has.
func (s *Store) MetricSeries(ctx context.Context, id, metric string, from time.Time) (MetricSeries, error) {
	asset, err := s.Asset(ctx, id)
	if err != nil {
		return MetricSeries{}, err
	}
	from = s.oldest(&asset, from)
	chunks, err := s.newest(ctx, &asset, from)
	if err != nil {
		return MetricSeries{}, err
	}
	r := newMetricReader(metric, from)
	r.points = make([]MetricPoint, 0, len(chunks)*chunkResults)
	err = s.inOrder(id, chunks, r.add, r.endChunk)
	if err == nil {
		err = s.excuse(r.failed)
	}
	if err != nil {
		return MetricSeries{}, fmt.Errorf("read %s: %w", metric, err)
	}
	slices.Sort(r.names)
	return MetricSeries{Asset: asset, Points: r.points, Metrics: r.names, Availability: r.uptime.availability()}, nil
}

// metricReader collects one metric over time.
type metricReader struct {
	from           int64 // ms
	plugin, metric string
	inJSON         string // the metric as findings name it

	slot, source   int // the metric and its plugin in the chunk being read; -1 while not seen
	metrics, known int // how many slots were looked at

	points []MetricPoint
	uptime uptime
	names  []string
	seen   map[string]bool
	failed error

	text     string // the findings that were decoded last
	findings []plugins.Finding
}

func newMetricReader(name string, from time.Time) *metricReader {
	plugin, metric, _ := strings.Cut(name, ".")
	quoted, _ := json.Marshal(metric) // a string always can be
	r := &metricReader{
		from: from.UnixMilli(), plugin: plugin, metric: metric,
		inJSON: `"metric":` + string(quoted), seen: map[string]bool{},
	}
	r.endChunk()
	return r
}

// add takes in a result. It always wants more.
func (r *metricReader) add(c *chunkState) bool {
	r.learn(c)
	if c.at < r.from {
		return true
	}
	r.uptime.add(c.at, c.verdict)
	p := MetricPoint{At: timeOf(c.at), Verdict: c.verdict}
	if r.slot >= 0 && c.metrics[r.slot].present {
		p.Measured, p.Value = true, c.metrics[r.slot].value
	}
	if r.source >= 0 && c.plugins[r.source].present {
		p.Findings = r.about(c.plugins[r.source].findings)
	}
	r.points = append(r.points, p)
	return true
}

// learn takes in the names that are new in the chunk.
func (r *metricReader) learn(c *chunkState) {
	for ; r.known < len(c.plugins); r.known++ {
		if c.plugins[r.known].name == r.plugin {
			r.source = r.known
		}
	}
	for ; r.metrics < len(c.metrics); r.metrics++ {
		m := &c.metrics[r.metrics]
		if m.plugin == r.source && m.name == r.metric {
			r.slot = r.metrics
		}
		if name := c.plugins[m.plugin].name + "." + m.name; !r.seen[name] {
			r.seen[name] = true
			r.names = append(r.names, name)
		}
	}
}

// about decodes the findings about the metric. Few results have any, and many
// have those of the one before.
func (r *metricReader) about(text string) []plugins.Finding {
	if text == r.text {
		return r.findings
	}
	r.text, r.findings = text, nil
	if r.metric == "" || !strings.Contains(text, r.inJSON) {
		return nil
	}
	var all []plugins.Finding
	if err := json.Unmarshal([]byte(text), &all); err != nil {
		r.failed = fmt.Errorf("%w: %w", errDamaged, err)
		return nil
	}
	for _, f := range all {
		if f.Metric == r.metric {
			r.findings = append(r.findings, f)
		}
	}
	return r.findings
}

// endChunk forgets the numbers of plugins and metrics, which hold for a chunk
// only.
func (r *metricReader) endChunk() { r.slot, r.source, r.metrics, r.known = -1, -1, 0, 0 }
