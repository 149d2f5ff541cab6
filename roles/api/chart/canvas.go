package chart

import (
	"bytes"
	"encoding/xml"
	"image"
	"image/color"
	"math"
	"strconv"

	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
)

// canvas is what gonum.org/v1/plot draws on. It writes SVG, a px for each point
// of the plot. Why gonum's own canvas does not do is in
// docs/decisions/0024-charts.md.
type canvas struct {
	out    bytes.Buffer
	height float64
	state  state
	stack  []state
}

type state struct {
	m     [6]float64 // x' = m0·x + m2·y + m4, y' = m1·x + m3·y + m5
	width vg.Length
	dash  []vg.Length
	color color.Color
}

// newCanvas begins a picture. title and desc are for screen readers.
func newCanvas(width, height int, title, desc string) *canvas {
	c := &canvas{height: float64(height), state: state{m: [6]float64{0: 1, 3: 1}}}
	vg.Initialize(c)
	w, h := strconv.Itoa(width), strconv.Itoa(height)
	c.out.WriteString(`<svg xmlns="http://www.w3.org/2000/svg" role="img" width="` + w + `" height="` + h +
		`" viewBox="0 0 ` + w + ` ` + h + `" font-family="` + families + `" stroke-linejoin="round" stroke-linecap="round">`)
	c.element("title", title)
	c.element("desc", desc)
	return c
}

// end gives the picture.
func (c *canvas) end() []byte {
	c.out.WriteString("</svg>\n")
	return c.out.Bytes()
}

// group puts what draw draws into a group of its own, with a class that says
// what it is.
func (c *canvas) group(class string, draw func()) {
	c.out.WriteString(`<g class="` + class + `">`)
	draw()
	c.out.WriteString("</g>\n")
}

func (c *canvas) element(name, text string) {
	c.out.WriteString("<" + name + ">")
	c.escape(text)
	c.out.WriteString("</" + name + ">")
}

func (c *canvas) escape(text string) {
	_ = xml.EscapeText(&c.out, []byte(text)) // a buffer takes everything
}

func (c *canvas) SetLineWidth(w vg.Length)                  { c.state.width = w }
func (c *canvas) SetLineDash(dash []vg.Length, _ vg.Length) { c.state.dash = dash }
func (c *canvas) SetColor(colour color.Color)               { c.state.color = colour }
func (c *canvas) Rotate(rad float64) {
	sin, cos := math.Sincos(rad)
	c.apply(cos, sin, -sin, cos, 0, 0)
}
func (c *canvas) Translate(p vg.Point) { c.apply(1, 0, 0, 1, p.X.Points(), p.Y.Points()) }
func (c *canvas) Scale(x, y float64)   { c.apply(x, 0, 0, y, 0, 0) }
func (c *canvas) Push()                { c.stack = append(c.stack, c.state) }
func (c *canvas) Pop()                 { last := len(c.stack) - 1; c.state, c.stack = c.stack[last], c.stack[:last] }

// DrawImage draws nothing: charts have no images.
func (c *canvas) DrawImage(vg.Rectangle, image.Image) {}

// apply has what follows transformed before it is transformed as so far.
func (c *canvas) apply(a, b, d, e, x, y float64) {
	m := c.state.m
	c.state.m = [6]float64{
		m[0]*a + m[2]*b, m[1]*a + m[3]*b, m[0]*d + m[2]*e, m[1]*d + m[3]*e,
		m[0]*x + m[2]*y + m[4], m[1]*x + m[3]*y + m[5],
	}
}

// place is where a point is in SVG, whose y axis points down.
func (c *canvas) place(p vg.Point) (x, y float64) {
	m := c.state.m
	return m[0]*p.X.Points() + m[2]*p.Y.Points() + m[4], c.height - (m[1]*p.X.Points() + m[3]*p.Y.Points() + m[5])
}

func (c *canvas) Stroke(path vg.Path) {
	if c.state.width <= 0 {
		return
	}
	c.path(path)
	c.out.WriteString(` fill="none" stroke="` + hex(c.state.color) + `" stroke-width="`)
	c.number(c.state.width.Points())
	if len(c.state.dash) > 0 {
		c.out.WriteString(`" stroke-dasharray="`)
		for i, d := range c.state.dash {
			if i > 0 {
				c.out.WriteByte(' ')
			}
			c.number(d.Points())
		}
	}
	c.out.WriteString("\"/>\n")
}

func (c *canvas) Fill(path vg.Path) {
	c.path(path)
	c.out.WriteString(` fill="` + hex(c.state.color) + "\"/>\n")
}

func (c *canvas) path(path vg.Path) {
	c.out.WriteString(`<path d="`)
	for _, part := range path {
		switch part.Type {
		case vg.MoveComp:
			c.point("M", part.Pos)
		case vg.LineComp:
			c.point("L", part.Pos)
		case vg.CurveComp:
			c.point(map[int]string{1: "Q", 2: "C"}[len(part.Control)], part.Control[0])
			for _, p := range append(part.Control[1:], part.Pos) {
				c.point(" ", p)
			}
		case vg.ArcComp:
			c.arc(&part)
		case vg.CloseComp:
			c.out.WriteByte('Z')
		}
	}
	c.out.WriteByte('"')
}

// arc writes an arc in steps of at most a third of a circle, because SVG cannot
// write a whole one.
func (c *canvas) arc(a *vg.PathComp) {
	steps := max(1, int(math.Ceil(math.Abs(a.Angle)/(2*math.Pi/3)-1e-9)))
	sweep := "0" // counter-clockwise, as angles grow
	if a.Angle < 0 {
		sweep = "1"
	}
	on := func(angle float64) vg.Point {
		sin, cos := math.Sincos(angle)
		return a.Pos.Add(vg.Point{X: a.Radius * vg.Length(cos), Y: a.Radius * vg.Length(sin)})
	}
	c.point("L", on(a.Start))
	for i := range steps {
		c.out.WriteByte('A')
		c.number(a.Radius.Points())
		c.out.WriteByte(' ')
		c.number(a.Radius.Points())
		c.point(" 0 0 "+sweep+" ", on(a.Start+a.Angle*float64(i+1)/float64(steps)))
	}
}

func (c *canvas) point(command string, p vg.Point) {
	x, y := c.place(p)
	c.out.WriteString(command)
	c.number(x)
	c.out.WriteByte(' ')
	c.number(y)
}

// number writes tenths: finer is not to be seen.
func (c *canvas) number(v float64) {
	v = math.Round(v*10)/10 + 0 // no −0
	c.out.Write(strconv.AppendFloat(c.out.AvailableBuffer(), v, 'f', -1, 64))
}

func (c *canvas) FillString(f font.Face, p vg.Point, text string) {
	x, y := c.place(p)
	c.out.WriteString(`<text x="`)
	c.number(x)
	c.out.WriteString(`" y="`)
	c.number(y)
	if angle := math.Atan2(c.state.m[1], c.state.m[0]); angle != 0 {
		c.out.WriteString(`" transform="rotate(`)
		c.number(-angle * 180 / math.Pi)
		c.out.WriteByte(' ')
		c.number(x)
		c.out.WriteByte(' ')
		c.number(y)
		c.out.WriteByte(')')
	}
	c.out.WriteString(`" font-size="`)
	c.number(f.Font.Size.Points())
	if f.Font.Weight > 0 {
		c.out.WriteString(`" font-weight="bold`)
	}
	c.out.WriteString(`" fill="` + hex(c.state.color) + `" textLength="`)
	c.number(measure(f, text))
	c.out.WriteString(`" lengthAdjust="spacingAndGlyphs">`)
	c.escape(text)
	c.out.WriteString("</text>\n")
}

// hex is a colour in SVG. All colours of the themes are opaque.
func hex(c color.Color) string {
	if c == nil {
		c = color.Black
	}
	o := color.RGBAModel.Convert(c).(color.RGBA)
	return "#" + strconv.FormatUint(1<<24|uint64(o.R)<<16|uint64(o.G)<<8|uint64(o.B), 16)[1:]
}
