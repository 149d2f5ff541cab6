package chart

import (
	"fmt"
	"image/color"
	"math"
	"strings"
	"time"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"webmon/plugins"
)

func (p *picture) text(size float64, bold bool, colour color.Color) text.Style {
	return text.Style{Color: colour, Font: face(size, bold).Font, YAlign: draw.YTop, Handler: plot.DefaultTextHandler}
}

// header writes what the chart is of, and the legend, at the top of c. It
// returns where the rest begins.
func (p *picture) header(out *canvas, c draw.Canvas) vg.Length {
	width := (c.Max.X - c.Min.X).Points()
	y := c.Max.Y
	line := func(size float64, bold bool, colour color.Color, text string) {
		c.FillText(p.text(size, bold, colour), vg.Point{X: c.Min.X, Y: y}, fit(face(size, bold), text, width))
		y -= vg.Length(size + 6)
	}
	line(14, true, p.theme.text, p.name)
	what := plain(p.Metric) + " · " + p.window()
	if measure(face(12, false), what) > width {
		what = plain(p.Metric) // the axis tells the time, too
	}
	line(12, false, p.theme.muted, what)
	if p.Height >= 170 { // below that the line needs the room
		out.group("legend", func() { p.legend(c, y) })
		y -= 16
	}
	return y
}

// window says which time the chart shows, in UTC.
func (p *picture) window() string {
	layout := "2 Jan 2006 15:04"
	if p.To.Sub(p.From) < 10*time.Minute {
		layout = "2 Jan 2006 15:04:05"
	}
	from, to := p.From.UTC().Format(layout), p.To.UTC().Format(layout)
	if day := p.From.UTC().Format("2 Jan 2006 "); strings.HasPrefix(to, day) {
		to = strings.TrimPrefix(to, day)
	}
	return from + " – " + to + " UTC"
}

// key is a line of the legend: what draw draws, in words.
type key struct {
	words string
	draw  func(c draw.Canvas, at vg.Point)
}

// legend explains what there is to see, as far as there is room.
func (p *picture) legend(c draw.Canvas, y vg.Length) {
	const symbol, between = 16, 16 // px
	style := p.text(11, false, p.theme.muted)
	x := c.Min.X
	for _, k := range p.keys() {
		width := vg.Length(measure(face(11, false), k.words))
		if x+symbol+width > c.Max.X {
			return
		}
		k.draw(c, vg.Point{X: x + 5, Y: y - 6.5})
		c.FillText(style, vg.Point{X: x + symbol, Y: y}, k.words)
		x += symbol + width + between
	}
}

func (p *picture) keys() (keys []key) {
	if p.normal != nil {
		keys = append(keys, key{"normal now: " + p.between(p.normal), func(c draw.Canvas, at vg.Point) {
			c.FillPolygon(p.theme.band, box(at, 6, 5))
			edge := draw.LineStyle{Color: p.theme.edge, Width: 1, Dashes: []vg.Length{1, 3}}
			c.StrokeLine2(edge, at.X-6, at.Y-5, at.X+6, at.Y-5)
			c.StrokeLine2(edge, at.X-6, at.Y+5, at.X+6, at.Y+5)
		}})
	}
	n := p.count()
	mark := func(severity plugins.Severity, n int) {
		if n > 0 {
			keys = append(keys, key{string(severity) + ": " + decimals(float64(n), 0), func(c draw.Canvas, at vg.Point) {
				p.shapes(c, severity, []vg.Point{at})
			}})
		}
	}
	mark(plugins.Critical, n.critical)
	mark(plugins.Warning, n.warning)
	if n.expected > 0 {
		keys = append(keys, key{"expected then, ± σ", func(c draw.Canvas, at vg.Point) {
			style := draw.LineStyle{Color: p.theme.edge, Width: 1.5}
			c.StrokeLine2(style, at.X, at.Y-4, at.X, at.Y+4)
			c.StrokeLine2(style, at.X-3, at.Y-4, at.X+3, at.Y-4)
			c.StrokeLine2(style, at.X-3, at.Y+4, at.X+3, at.Y+4)
		}})
	}
	if n.down > 0 {
		keys = append(keys, key{"down: " + decimals(float64(n.down), 0), func(c draw.Canvas, at vg.Point) {
			c.FillPolygon(p.theme.critical, box(at, 5, 4))
		}})
	}
	if p.Availability != nil {
		keys = append(keys, key{"available: " + percent(*p.Availability), func(c draw.Canvas, at vg.Point) {
			c.FillPolygon(p.theme.up, box(at, 6, 1))
		}})
	}
	return keys
}

func box(at vg.Point, w, h vg.Length) []vg.Point {
	return []vg.Point{{X: at.X - w, Y: at.Y - h}, {X: at.X + w, Y: at.Y - h}, {X: at.X + w, Y: at.Y + h}, {X: at.X - w, Y: at.Y + h}}
}

// counts is of checks.
type counts struct {
	measured, down    int
	critical, warning int
	expected          int // whose findings name a mean and σ
}

func (p *picture) count() (n counts) {
	for i := range p.points {
		point := &p.points[i]
		switch point.Severity {
		case plugins.Critical:
			n.critical++
		case plugins.Warning:
			n.warning++
		}
		if rank(point.Severity) > 0 && point.Expected != nil {
			n.expected++
		}
		if point.Down {
			n.down++
		}
		if !math.IsNaN(point.Value) {
			n.measured++
		}
	}
	return n
}

// between says a band in words.
func (p *picture) between(b *Band) string {
	return p.value(b.Low, false) + " – " + p.value(b.High, true)
}

// value says a value in words.
func (p *picture) value(v float64, unit bool) string {
	switch {
	case p.Unit == "timestamp":
		return time.Unix(int64(v), 0).UTC().Format("2 Jan 2006")
	case unit && p.unit.name != "":
		return number(v) + " " + p.unit.name
	}
	return number(v)
}

// percent is cut, not rounded: 100 % is only what is all of it.
func percent(v float64) string {
	return trim(decimals(math.Floor(v*100+1e-9)/100, 2)) + " %"
}

// description says in words what the chart shows.
func (p *picture) description() string {
	n := p.count()
	var b strings.Builder
	fmt.Fprintf(&b, "%s, %d checks.", p.window(), len(p.points))
	var low, high, last = math.Inf(1), math.Inf(-1), 0.0
	for i := range p.points {
		if v := p.points[i].Value; !math.IsNaN(v) {
			low, high, last = min(low, v), max(high, v), v
		}
	}
	if n.measured == 0 {
		b.WriteString(" No values.")
	} else {
		fmt.Fprintf(&b, " Values from %s to %s, the newest %s.", p.value(low, true), p.value(high, true), p.value(last, true))
	}
	if p.normal != nil {
		fmt.Fprintf(&b, " Normal now is %s to %s.", p.value(p.normal.Low, true), p.value(p.normal.High, true))
	}
	fmt.Fprintf(&b, " Marked are %d critical and %d warnings. Down in %d checks.", n.critical, n.warning, n.down)
	if p.Availability != nil {
		fmt.Fprintf(&b, " Available in %s of the checks.", percent(*p.Availability))
	}
	return b.String()
}
