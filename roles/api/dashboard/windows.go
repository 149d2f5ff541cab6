package dashboard

import (
	"fmt"
	"strings"
	"time"

	"webmon/plugins"
	"webmon/roles/api/client"
)

// window is how available an asset was, with a bar of it.
type window struct {
	Name         string
	Availability *float64
	Down         int
	Checks       int
	Bars         bars
}

// windows reads how available an asset was in the last day, week and month. All
// come from one timeline of hours.
func (v *visit) windows(id string) ([]window, error) {
	const hours = 30 * 24
	t, err := v.api.Timeline(v.r.Context(), id, "720h", hours)
	if err != nil {
		return nil, err
	}
	return []window{
		windowOf("24 hours", t.Spans, 24, 1),
		windowOf("7 days", t.Spans, 7*24, 4),
		windowOf("30 days", t.Spans, hours, 12),
	}, nil
}

// windowOf puts the last n spans together, so many in a bar.
func windowOf(name string, spans []client.Span, n, together int) window {
	w := window{Name: name}
	spans = spans[max(0, len(spans)-n):]
	var verdicts []plugins.Verdict
	judged, down := 0.0, 0
	for i := 0; i < len(spans); i += together {
		worst := plugins.Unknown
		for _, s := range spans[i:min(i+together, len(spans))] {
			worst = worst.Worse(s.Worst)
			w.Checks += s.Checks
			down += s.Down
			judged += judgedIn(s)
		}
		verdicts = append(verdicts, worst)
	}
	w.Down = down
	if judged > 0 {
		percent := 100 * (judged - float64(down)) / judged
		w.Availability = &percent
	}
	const width = 600
	w.Bars = drawBars(verdicts, len(verdicts), width/len(verdicts), 28)
	w.Bars.Label = fmt.Sprintf("%s, the worst of each %s: %s", name, span(time.Duration(together)*time.Hour), strings.ReplaceAll(w.Bars.Label, "unknown", "without checks"))
	return w
}

// judgedIn is how many of a span's checks could tell whether the asset was there:
// the API says which part of them it was.
func judgedIn(s client.Span) float64 {
	switch {
	case s.Availability == nil:
		return 0
	case s.Down > 0 && *s.Availability < 100:
		return float64(s.Down) / (1 - *s.Availability/100)
	}
	return float64(s.Checks)
}
