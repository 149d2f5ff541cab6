package store

import (
	"context"
	"fmt"
	"time"

	"webmon/plugins"
)

// Timeline is how an asset fared over a window of time, cut into spans of one
// length.
type Timeline struct {
	Asset        Asset
	Spans        []Span
	Checks       int
	Availability *float64      // as in [AssetStats]
	Downtime     time.Duration // as in [AssetStats]
}

// Span is what the checks of a part of a timeline say.
type Span struct {
	From         time.Time
	Checks       int
	Down         int             // of the checks
	Availability *float64        // as in [AssetStats]
	Worst        plugins.Verdict // the most serious of the checks; Unknown without any
}

// Timeline reads the verdicts of an asset in n spans of a length each, the
// last of which ends at to. It fails with ErrNotFound when there is no such asset.
func (s *Store) Timeline(ctx context.Context, id string, to time.Time, length time.Duration, n int) (Timeline, error) {
	asset, err := s.Asset(ctx, id)
	if err != nil {
		return Timeline{}, err
	}
	begin := to.Add(-time.Duration(n) * length)
	from := s.oldest(&asset, begin)
	chunks, err := s.newest(ctx, &asset, from)
	if err != nil {
		return Timeline{}, err
	}
	t := Timeline{Asset: asset, Spans: make([]Span, n)}
	judged := make([]int, n)
	for i := range t.Spans {
		t.Spans[i] = Span{From: begin.Add(time.Duration(i) * length).UTC(), Worst: plugins.Unknown}
	}
	var all uptime
	err = s.inOrder(id, chunks, func(c *chunkState) bool {
		i := int(timeOf(c.at).Sub(begin) / length)
		if c.at < from.UnixMilli() || i < 0 || i >= n {
			return true
		}
		all.add(c.at, c.verdict)
		span := &t.Spans[i]
		span.Checks++
		span.Worst = span.Worst.Worse(c.verdict)
		switch c.verdict {
		case plugins.Down:
			span.Down++
			judged[i]++
		case plugins.Up, plugins.Degraded, plugins.Changed:
			judged[i]++
		}
		return true
	}, func() {})
	if err != nil {
		return Timeline{}, fmt.Errorf("read the timeline of asset %s: %w", id, err)
	}
	for i := range t.Spans {
		span := &t.Spans[i]
		span.Availability = (&uptime{judged: judged[i], down: span.Down}).availability()
	}
	all.end(min(to.UnixMilli(), s.now().UnixMilli()))
	t.Checks, t.Availability, t.Downtime = all.checks, all.availability(), time.Duration(all.downtime)*time.Millisecond
	return t, nil
}
