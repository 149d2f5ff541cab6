package chart

import (
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"webmon/plugins"
)

// layer is something that gonum draws onto the axes.
type layer func(c draw.Canvas, x, y func(float64) vg.Length)

// Plot implements plot.Plotter.
func (l layer) Plot(c draw.Canvas, a *plot.Plot) {
	x, y := a.Transforms(&c)
	l(c, x, y)
}

// markSize is the radius of a mark in px; marks are at least so far apart.
const markSize = 5

// layers is what is drawn inside of the axes, from the back to the front.
func (p *picture) layers(out *canvas) []plot.Plotter {
	grouped := func(class string, l layer) plot.Plotter {
		return layer(func(c draw.Canvas, x, y func(float64) vg.Length) {
			out.group(class, func() { l(c, x, y) })
		})
	}
	all := []plot.Plotter{}
	if p.normal != nil {
		all = append(all, grouped("normal", p.drawNormal))
	}
	all = append(all, grouped("grid", p.drawGrid))
	if p.normal != nil {
		all = append(all, grouped("edges", p.drawEdges))
	}
	runs := p.line()
	if len(runs) == 0 {
		return append(all, grouped("nothing", p.drawNothing))
	}
	marks := p.marks(p.column() * markSize * 1.6)
	return append(all, grouped("expected", func(c draw.Canvas, x, y func(float64) vg.Length) {
		p.drawExpected(c, x, y, marks)
	}), grouped("values", func(c draw.Canvas, x, y func(float64) vg.Length) {
		p.drawValues(c, x, y, runs)
	}), grouped("marks", func(c draw.Canvas, x, y func(float64) vg.Length) {
		p.drawMarks(out, c, x, y, marks)
	}))
}

func (p *picture) drawNormal(c draw.Canvas, _, y func(float64) vg.Length) {
	low, high := y(p.normal.Low), y(p.normal.High)
	c.FillPolygon(p.theme.band, []vg.Point{{X: c.Min.X, Y: low}, {X: c.Max.X, Y: low}, {X: c.Max.X, Y: high}, {X: c.Min.X, Y: high}})
}

// drawEdges draws the edges of the band, over the grid.
func (p *picture) drawEdges(c draw.Canvas, _, y func(float64) vg.Length) {
	edge := draw.LineStyle{Color: p.theme.edge, Width: 1, Dashes: []vg.Length{1, 4}}
	for _, at := range []vg.Length{y(p.normal.Low), y(p.normal.High)} {
		c.StrokeLine2(edge, c.Min.X, at, c.Max.X, at)
	}
}

func (p *picture) drawGrid(c draw.Canvas, _, y func(float64) vg.Length) {
	low, high := p.extent()
	style := draw.LineStyle{Color: p.theme.grid, Width: 1}
	for _, tick := range p.axes().Y.Tick.Marker.Ticks(low, high) {
		c.StrokeLine2(style, c.Min.X, y(tick.Value), c.Max.X, y(tick.Value))
	}
}

func (p *picture) drawNothing(c draw.Canvas, _, _ func(float64) vg.Length) {
	style := p.text(13, false, p.theme.muted)
	style.XAlign, style.YAlign = draw.XCenter, draw.YCenter
	c.FillText(style, c.Center(), "No values in this window")
}

func (p *picture) drawExpected(c draw.Canvas, x, y func(float64) vg.Length, marks []Point) {
	c.SetLineStyle(draw.LineStyle{Color: p.theme.edge, Width: 1.5})
	var path vg.Path
	for _, m := range marks {
		if m.Expected == nil {
			continue
		}
		const half = 3 // px of each end
		at, low, high := x(p.seconds(m.At)), y(m.Expected.Low), y(m.Expected.High)
		for _, end := range []vg.Length{low, high} {
			path.Move(vg.Point{X: at - half, Y: end})
			path.Line(vg.Point{X: at + half, Y: end})
		}
		path.Move(vg.Point{X: at, Y: low})
		path.Line(vg.Point{X: at, Y: high})
	}
	if path != nil {
		c.Stroke(path)
	}
}

// drawValues draws each run of values as a line. Values alone are dots, as all
// are when there is room for that.
func (p *picture) drawValues(c draw.Canvas, x, y func(float64) vg.Length, runs [][]spot) {
	var line, dots vg.Path
	n := 0
	for _, run := range runs {
		n += len(run)
	}
	const room = 12 // px for each dot
	for _, run := range runs {
		for i, s := range run {
			at := vg.Point{X: x(s.x), Y: y(s.y)}
			if i == 0 {
				line.Move(at)
			} else {
				line.Line(at)
			}
			if len(run) == 1 || n*room < p.Width {
				const radius = 2.2
				dots.Move(at.Add(vg.Point{X: radius}))
				dots.Arc(at, radius, 0, 2*math.Pi)
			}
		}
	}
	c.SetLineStyle(draw.LineStyle{Color: p.theme.line, Width: 1.5})
	c.Stroke(line)
	if dots != nil {
		c.Fill(dots)
	}
}

func (p *picture) drawMarks(out *canvas, c draw.Canvas, x, y func(float64) vg.Length, marks []Point) {
	for _, severity := range []plugins.Severity{plugins.Warning, plugins.Critical} {
		var here []vg.Point
		for _, m := range marks {
			if m.Severity != severity {
				continue
			}
			at := vg.Point{X: x(p.seconds(m.At)), Y: c.Min.Y + markSize}
			if !math.IsNaN(m.Value) {
				at.Y = y(m.Value)
			}
			here = append(here, at)
		}
		if len(here) > 0 {
			out.group(string(severity), func() { p.shapes(c, severity, here) })
		}
	}
}

// shapes draws the mark of a severity at each of the places. A rim in the
// colour of the background sets it off from the line.
func (p *picture) shapes(c draw.Canvas, severity plugins.Severity, at []vg.Point) {
	corners, colour := []vg.Point{{Y: 5.5}, {X: 5, Y: -3.5}, {X: -5, Y: -3.5}}, p.theme.warns
	if severity == plugins.Critical {
		corners, colour = []vg.Point{{Y: 5.5}, {X: 5.5}, {Y: -5.5}, {X: -5.5}}, p.theme.critical
	}
	var path vg.Path
	for _, place := range at {
		path.Move(place.Add(corners[0]))
		for _, corner := range corners[1:] {
			path.Line(place.Add(corner))
		}
		path.Close()
	}
	c.SetLineStyle(draw.LineStyle{Color: p.theme.background, Width: 2})
	c.Stroke(path)
	c.SetColor(colour)
	c.Fill(path)
}

// strip draws, above the axes, when the asset was there and when it was down.
func (p *picture) strip(inner draw.Canvas, a *plot.Plot) {
	x, _ := a.Transforms(&inner)
	bar := func(spans []span, low, high vg.Length) {
		var path vg.Path
		for _, s := range spans {
			from, to := x(s.from), x(s.to)
			to = max(to, from+2)
			path = append(path, vg.Rectangle{
				Min: vg.Point{X: from, Y: inner.Max.Y + low}, Max: vg.Point{X: to, Y: inner.Max.Y + high},
			}.Path()...)
		}
		if path != nil {
			inner.Fill(path)
		}
	}
	inner.SetColor(p.theme.up)
	bar(p.times(false), 5, 7)
	inner.SetColor(p.theme.critical)
	bar(p.times(true), 2, 10)
}
