package dashboard

import (
	"fmt"
	"strings"

	"webmon/plugins"
	"webmon/roles/api/client"
)

// bars is a row of bars, one a check or a span of time. How high a bar is says
// the same as its colour.
type bars struct {
	Width, Height int
	Label         string    // in words
	Paths         []barPath // one a verdict
}

type barPath struct {
	Verdict plugins.Verdict
	D       string // of an SVG path
}

// barHeight is how much of a bar's height a verdict takes.
var barHeight = map[plugins.Verdict]float64{
	plugins.Unknown: 0.12, plugins.Up: 0.45, plugins.Degraded: 0.65, plugins.Changed: 0.8, plugins.Inconclusive: 0.72, plugins.Down: 1,
}

// drawBars draws verdicts, with room for places of them: what is missing is
// missing at the beginning. step is the px from one bar to the next.
func drawBars(verdicts []plugins.Verdict, places, step, height int) bars {
	b := bars{Width: places * step, Height: height}
	paths := map[plugins.Verdict]*strings.Builder{}
	counts := map[plugins.Verdict]int{}
	first := places - len(verdicts)
	for i, v := range verdicts {
		d := paths[v]
		if d == nil {
			d = &strings.Builder{}
			paths[v] = d
		}
		h := max(1, int(barHeight[v]*float64(height)+0.5))
		fmt.Fprintf(d, "M%d %dv%dh%dv%dz", (first+i)*step, height, -h, step-1, h)
		counts[v]++
	}
	var words []string
	for _, v := range shownVerdicts {
		if d := paths[v]; d != nil {
			b.Paths = append(b.Paths, barPath{v, d.String()})
			words = append(words, fmt.Sprintf("%d %s", counts[v], v))
		}
	}
	b.Label = strings.Join(words, ", ")
	return b
}

const recentChecks = 24 // in the list of assets

// recentBars draws the last checks of an asset.
func recentBars(checks []client.Check) bars {
	verdicts := make([]plugins.Verdict, len(checks))
	for i, c := range checks {
		verdicts[i] = c.Verdict
	}
	b := drawBars(verdicts, recentChecks, 5, 20)
	if len(checks) == 0 {
		b.Label = "no checks yet"
	} else {
		b.Label = fmt.Sprintf("last %d checks: %s", len(checks), b.Label)
	}
	return b
}
