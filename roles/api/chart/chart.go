package chart

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"webmon/plugins"
)

// The sizes that a chart may have, in px.
const (
	MinWidth, MaxWidth   = 240, 2000
	MinHeight, MaxHeight = 120, 1200
)

// Chart is a metric over time. [Chart.SVG] draws it.
type Chart struct {
	Name   string // of the asset; any text
	Metric string // "plugin.metric"
	Unit   string // as in plugins.MetricDoc; "" for none

	From, To time.Time
	// Every is the planned time from one check to the next, or 0. The line has
	// a gap where checks are much farther apart than that, and than their
	// neighbours are.
	Every  time.Duration
	Points []Point // those outside of From to To are left out

	// Normal is what the plugin holds as normal now; nil when it does not say.
	// It is drawn over the whole time, also where something else was normal.
	Normal *Band
	// Availability is in percent; nil when it is not known.
	Availability *float64

	Width, Height int    // px
	Theme         string // "light" or "dark"
}

// Band is the usual values, in the metric's unit.
type Band struct{ Low, High float64 }

// Point is what one check says.
type Point struct {
	At    time.Time
	Value float64 // NaN when there is none
	Down  bool    // the asset was down, by any plugin

	// Severity is that of the most serious finding about the metric, "" for
	// none. Warning and critical are marked.
	Severity plugins.Severity
	// Expected is the mean ± σ that the finding went by; nil when it names none.
	Expected *Band
}

// SVG draws the chart:
//
//   - the values as a line, with a gap where there was none, and as dots where
//     there are few. In each px of width only the first, the least, the greatest
//     and the last are drawn, which looks the same.
//   - Normal as a band. Findings that name a mean and σ have mean ± σ as a
//     span of their own, since something else may have been normal then.
//   - a triangle at a warning, a diamond at what is critical. Of those that
//     would cover each other the most serious is drawn. One of a check without
//     a value is at the lower edge.
//   - a strip above: thin while the asset was there, high and in another
//     colour while it was down, nothing where that is not known.
//
// An error says which field cannot be drawn.
func (c *Chart) SVG() ([]byte, error) {
	t, known := themes[c.Theme]
	switch {
	case !known:
		return nil, fmt.Errorf("chart: theme %q: it is light or dark", c.Theme)
	case c.Width < MinWidth || c.Width > MaxWidth:
		return nil, fmt.Errorf("chart: width %d: it is %d to %d", c.Width, MinWidth, MaxWidth)
	case c.Height < MinHeight || c.Height > MaxHeight:
		return nil, fmt.Errorf("chart: height %d: it is %d to %d", c.Height, MinHeight, MaxHeight)
	case !c.To.After(c.From):
		return nil, errors.New("chart: To is not after From")
	}
	p := c.picture(&t)
	out := newCanvas(c.Width, c.Height, p.title, p.description())
	p.draw(out)
	return out.end(), nil
}

// picture is a chart whose values are in the unit that is shown.
type picture struct {
	*Chart
	theme  *theme
	unit   unit
	points []Point // in the order of time
	breaks []bool  // between a point and the next, the line is broken
	normal *Band
	title  string
	name   string // of the asset, fit to be shown
}

func (c *Chart) picture(t *theme) *picture {
	p := &picture{Chart: c, theme: t, name: plain(c.Name)}
	p.title = p.name + " · " + plain(c.Metric)
	p.points = make([]Point, 0, len(c.Points))
	most := 0.0
	for _, point := range c.Points {
		if point.At.Before(c.From) || point.At.After(c.To) {
			continue
		}
		point.Value = c.bounded(point.Value)
		if !math.IsNaN(point.Value) {
			most = max(most, math.Abs(point.Value))
		}
		p.points = append(p.points, point)
	}
	if most == 0 && c.Normal != nil {
		most = max(math.Abs(c.bounded(c.Normal.Low)), math.Abs(c.bounded(c.Normal.High)))
	}
	p.unit = unitOf(c.Unit, most)
	for i := range p.points {
		p.points[i].Value /= p.unit.by
		p.points[i].Expected = p.scaled(p.points[i].Expected)
	}
	p.normal = p.scaled(c.Normal)
	slices.SortStableFunc(p.points, func(a, b Point) int { return a.At.Compare(b.At) })
	p.breaks = breaks(p.points, c.Every)
	return p
}

// bounded keeps a value where sums and differences of values are finite, and
// those of times are times.
func (c *Chart) bounded(v float64) float64 {
	switch c.Unit {
	case "timestamp":
		return min(max(v, 0), 9e9)
	case "bool":
		return min(max(v, 0), 1)
	}
	return min(max(v, -1e100), 1e100)
}

func (p *picture) scaled(b *Band) *Band {
	if b == nil {
		return nil
	}
	return &Band{Low: p.bounded(b.Low) / p.unit.by, High: p.bounded(b.High) / p.unit.by}
}

// seconds is a time on the axis.
func (p *picture) seconds(at time.Time) float64 { return at.Sub(p.From).Seconds() }

// column is a px of width, in seconds.
func (p *picture) column() float64 { return p.seconds(p.To) / float64(p.Width) }

// axes sets up gonum's plot.
func (p *picture) axes() *plot.Plot {
	a := plot.New()
	a.BackgroundColor = nil
	for _, axis := range []*plot.Axis{&a.X, &a.Y} {
		axis.Padding = 0
		axis.LineStyle = draw.LineStyle{Color: p.theme.muted, Width: 1}
		axis.Tick.LineStyle = axis.LineStyle
		axis.Tick.Length = 4
		axis.Tick.Label.Font = face(11, false).Font
		axis.Tick.Label.Color = p.theme.muted
		axis.Label.TextStyle.Font = face(11, false).Font
		axis.Label.TextStyle.Color = p.theme.muted
	}
	a.X.Min, a.X.Max = 0, p.seconds(p.To)
	a.X.Tick.Marker = timeTicks{base: p.From, most: max(2, p.Width/62)}
	a.Y.Min, a.Y.Max = p.extent()
	a.Y.Label.Text, a.Y.Label.Padding = p.unit.name, 4
	a.Y.LineStyle.Width = 0
	a.Y.Tick.LineStyle.Width = 0
	switch p.Unit {
	case "bool":
		a.Y.Tick.Marker = boolTicks{}
	case "timestamp":
		a.Y.Tick.Marker = timeTicks{base: time.Unix(0, 0).UTC(), most: max(2, p.Height/60), years: true}
	default:
		whole := p.Unit == "count" || p.Unit == "code" || p.unit.name == "bytes"
		a.Y.Tick.Marker = valueTicks{most: max(2, p.Height/50), whole: whole}
	}
	return a
}

// extent is the values that the axis holds: all that is drawn and some air, and
// 0 unless that would make everything else flat.
func (p *picture) extent() (low, high float64) {
	if p.Unit == "bool" {
		return -0.15, 1.15
	}
	low, high = math.Inf(1), math.Inf(-1)
	take := func(b *Band) {
		if b != nil {
			low, high = min(low, b.Low), max(high, b.High)
		}
	}
	take(p.normal)
	for i := range p.points {
		if v := p.points[i].Value; !math.IsNaN(v) {
			take(&Band{v, v})
		}
		take(p.points[i].Expected)
	}
	if low > high {
		return 0, 1
	}
	air := 0.08 * (high - low)
	least := 1e-6 * max(math.Abs(low), math.Abs(high)) // what floats can tell apart
	if air <= least {
		air = max(least, 0.1*math.Abs(high))
		if p.Unit == "count" || air == 0 {
			air = max(1, air)
		}
		if p.Unit == "timestamp" {
			air = day.Seconds()
		}
	}
	floor := low - air
	if low >= 0 && (low < 0.5*high || floor < 0) && p.Unit != "timestamp" && p.Unit != "code" {
		floor = 0
	}
	return floor, high + air
}

// draw draws everything.
func (p *picture) draw(out *canvas) {
	all := draw.NewCanvas(out, vg.Length(p.Width), vg.Length(p.Height))
	all.SetColor(p.theme.background)
	all.Fill(all.Rectangle.Path())
	top := p.header(out, draw.Crop(all, 12, -12, 0, -8))
	const strip = 14
	area := draw.Crop(all, 10, -14, 6, 0)
	area.Max.Y = top - strip
	a := p.axes()
	for _, l := range p.layers(out) {
		a.Add(l)
	}
	a.Draw(area)
	inner := a.DataCanvas(area)
	out.group("availability", func() { p.strip(inner, a) })
}
