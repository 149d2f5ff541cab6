package dashboard

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"webmon/plugins"
	"webmon/roles/api/client"
)

const (
	// pastFresh is how long the bar of an asset's days is shown before it is
	// read anew. To read one costs up to 20 ms, and only its last day changes.
	pastFresh = 5 * time.Minute
	// pastBudget bounds the reading for one page. What was not read in time is
	// read for the next one.
	pastBudget = time.Second
)

// timelines keeps the days of assets.
type timelines struct {
	api *client.Client

	mu   sync.Mutex
	kept map[string]keptTimeline // by asset
}

type keptTimeline struct {
	client.Timeline
	read time.Time
}

// refresh reads the days of those assets whose own are old or missing, the
// oldest of them in no order, as far as time allows. All others are forgotten.
func (t *timelines) refresh(ctx context.Context, shown map[string]string) {
	ctx, cancel := context.WithTimeout(ctx, pastBudget)
	defer cancel()
	t.mu.Lock()
	for id := range t.kept {
		if _, still := shown[id]; !still {
			delete(t.kept, id)
		}
	}
	var due []string
	for id := range shown {
		if time.Since(t.kept[id].read) > pastFresh {
			due = append(due, id)
		}
	}
	t.mu.Unlock()
	for _, id := range due {
		line, err := t.api.Timeline(ctx, id, fmt.Sprintf("%dh", statusDays*24), statusDays)
		if err != nil {
			return // out of time, or the asset is gone; the next page sees
		}
		t.mu.Lock()
		t.kept[id] = keptTimeline{line, time.Now()}
		t.mu.Unlock()
	}
}

// into puts what is known of an asset's days into a service.
func (t *timelines) into(s *service) {
	t.mu.Lock()
	line, found := t.kept[s.ID]
	t.mu.Unlock()
	if !found {
		return
	}
	verdicts := make([]plugins.Verdict, len(line.Spans))
	first := len(line.Spans)
	for i, span := range line.Spans {
		verdicts[i] = span.Worst
		if span.Checks > 0 && i < first {
			first = i
		}
	}
	s.Days, s.Availability = len(line.Spans)-first, line.Availability
	s.Bars = drawBars(verdicts, len(verdicts), 8, 30)
	for _, v := range shownVerdicts {
		s.Bars.Label = strings.ReplaceAll(s.Bars.Label, string(v), publicDay[v])
	}
	s.Bars.Label = fmt.Sprintf("the last %s by the worst of each: %s", plural(len(verdicts), "day"), s.Bars.Label)
}

// publicDay says what the worst of a day was.
var publicDay = map[plugins.Verdict]string{
	plugins.Up: "operational", plugins.Degraded: "partly degraded", plugins.Changed: "partly under investigation",
	plugins.Inconclusive: "partly unclear", plugins.Down: "partly down", plugins.Unknown: "without checks",
}
