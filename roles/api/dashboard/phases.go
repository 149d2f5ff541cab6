package dashboard

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"webmon/roles/api/client"
)

// phases is how long the parts of the last fetches took: a column a check, the
// parts on top of each other. What is missing is missing at the beginning.
type phases struct {
	Columns []column // the oldest first; empty when nothing was measured
	Parts   []part
	Top     string // the longest, in words
	Label   string
	Width   int
}

// column is a check.
type column struct {
	At    time.Time
	Title string
	X     int
	Parts []piece
}

// piece is a part of a column.
type piece struct {
	Class     string
	Y, Height float64
}

// part is a line of the legend.
type part struct {
	Class, Name, Mean string
}

// The parts of a fetch, in the order in which they come.
var fetchParts = []struct{ class, metric, name string }{
	{"dns", "dns_seconds", "name"},
	{"connect", "connect_seconds", "connection"},
	{"tls", "tls_seconds", "TLS"},
	{"wait", "first_byte_seconds", "waiting"},
	{"body", "transfer_seconds", "page"},
	{"rest", "", "the rest"}, // such as waiting for what was redirected
}

const (
	columnStep   = 20
	phasesHeight = 120
)

// phasesOf draws the parts of fetches; results are the newest first.
func phasesOf(results []client.Result) phases {
	p := phases{Width: max(len(results), resultsShown) * columnStep}
	first := p.Width - len(results)*columnStep
	sums := make([]float64, len(fetchParts))
	seen := make([]int, len(fetchParts))
	top := 0.0
	measured := make([][]float64, len(results))
	for i := range results {
		report := reportOf(&results[i], "timing")
		if report == nil {
			continue
		}
		values := make([]float64, len(fetchParts))
		total := 0.0
		for j, part := range fetchParts {
			value, found := report.Metrics[part.metric]
			if part.metric == "" {
				value = report.Metrics["total_seconds"] - total
				found = value > total/100
			}
			if !found {
				continue
			}
			values[j] = value
			total += value
			sums[j] += value
			seen[j]++
		}
		measured[i], top = values, max(top, total)
	}
	if top == 0 {
		return phases{}
	}
	for i := range slices.Backward(results) {
		c := column{At: results[i].At, X: first + len(p.Columns)*columnStep}
		y, total := float64(phasesHeight), 0.0
		var said []string
		for j, part := range fetchParts {
			if measured[i] == nil || measured[i][j] <= 0 {
				continue
			}
			value := measured[i][j]
			height := value / top * phasesHeight
			y -= height
			total += value
			c.Parts = append(c.Parts, piece{part.class, round1(y), round1(height)})
			said = append(said, part.name+" "+secondsText(value))
		}
		c.Title = fmt.Sprintf("%s: %s (%s)", clock(c.At), secondsText(total), strings.Join(said, ", "))
		p.Columns = append(p.Columns, c)
	}
	for j, f := range fetchParts {
		if sums[j] > 0 {
			p.Parts = append(p.Parts, part{f.class, f.name, secondsText(sums[j] / float64(seen[j]))})
		}
	}
	p.Top = secondsText(top)
	var means []string
	for _, part := range p.Parts {
		means = append(means, part.Name+" "+part.Mean)
	}
	p.Label = fmt.Sprintf("how long the last %s took, by phase; on average: %s", plural(len(results), "check"), strings.Join(means, ", "))
	return p
}

func round1(v float64) float64 { return float64(int(v*10+0.5)) / 10 }
