package chart

import (
	"math"
	"slices"
	"time"

	"webmon/plugins"
)

// breaks tells, for each point, whether the time to the next one is a gap: much
// longer than planned, and than between the neighbours on either side. So an
// interval that somebody changed makes no gaps.
func breaks(points []Point, every time.Duration) []bool {
	const much = 3
	out := make([]bool, len(points))
	for i := 0; every > 0 && i+1 < len(points); i++ {
		usual := every
		if i > 0 {
			usual = max(usual, points[i].At.Sub(points[i-1].At))
		}
		if i+2 < len(points) {
			usual = max(usual, points[i+2].At.Sub(points[i+1].At))
		}
		out[i] = points[i+1].At.Sub(points[i].At) > much*usual
	}
	return out
}

// spot is a point of the line: seconds and value.
type spot struct{ x, y float64 }

// line is the values as runs without a gap, thinned out to four for each
// column. A gap narrower than two columns could not be seen and is none.
func (p *picture) line() (runs [][]spot) {
	var run, column []spot // column: the spots of the run's last column
	width := p.column()
	flush := func() {
		run, column = append(run, extremes(column)...), column[:0]
	}
	gap := false
	for i := range p.points {
		if math.IsNaN(p.points[i].Value) {
			gap = true
			continue
		}
		s := spot{p.seconds(p.points[i].At), p.points[i].Value}
		if len(column) > 0 {
			last := column[len(column)-1]
			switch {
			case gap && s.x-last.x > 2*width:
				flush()
				runs, run = append(runs, run), nil
			case math.Floor(s.x/width) != math.Floor(last.x/width):
				flush()
			}
		}
		column = append(column, s)
		gap = p.breaks[i]
	}
	if flush(); len(run) > 0 {
		runs = append(runs, run)
	}
	return runs
}

// extremes is the first, the least, the greatest and the last, in their order.
func extremes(column []spot) []spot {
	if len(column) <= 4 {
		return column
	}
	least, greatest := 0, 0
	for i := range column {
		if column[i].y < column[least].y {
			least = i
		}
		if column[i].y > column[greatest].y {
			greatest = i
		}
	}
	chosen := []int{0, least, greatest, len(column) - 1}
	slices.Sort(chosen)
	var out []spot
	for _, i := range slices.Compact(chosen) {
		out = append(out, column[i])
	}
	return out
}

// marks is the points to mark, at most one for so many seconds: the most
// serious, and of those the one farthest from what was expected.
func (p *picture) marks(apart float64) []Point {
	var out []Point
	cell := math.Inf(-1)
	for _, point := range p.points {
		if rank(point.Severity) == 0 {
			continue
		}
		at := math.Floor(p.seconds(point.At) / apart)
		switch last := len(out) - 1; {
		case at != cell:
			out, cell = append(out, point), at
		case rank(point.Severity) > rank(out[last].Severity),
			point.Severity == out[last].Severity && point.far() > out[last].far():
			out[last] = point
		}
	}
	return out
}

func rank(s plugins.Severity) int {
	switch s {
	case plugins.Warning:
		return 1
	case plugins.Critical:
		return 2
	}
	return 0
}

// far is how far a value is from what was expected; 0 when that is not known.
func (p *Point) far() float64 {
	if p.Expected == nil || math.IsNaN(p.Value) {
		return 0
	}
	return math.Abs(p.Value - (p.Expected.Low+p.Expected.High)/2)
}

// span is a stretch of time, in seconds.
type span struct{ from, to float64 }

// times is the stretches of time in which the asset was down, or was not, up to
// the next check. Those less than a column apart are one.
func (p *picture) times(down bool) (spans []span) {
	width := p.column()
	for i := range p.points {
		if p.points[i].Down != down {
			continue
		}
		from, to := p.seconds(p.points[i].At), p.seconds(p.To)
		if i+1 < len(p.points) {
			to = p.seconds(p.points[i+1].At)
		}
		if i+1 == len(p.points) || p.breaks[i] {
			to = min(to, from+max(p.Every.Seconds(), 2*width))
		}
		if last := len(spans) - 1; last >= 0 && from-spans[last].to < width {
			spans[last].to = max(to, spans[last].to)
			continue
		}
		spans = append(spans, span{from, to})
	}
	return spans
}
