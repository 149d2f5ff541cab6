package chart

import (
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"webmon/plugins"
)

// Badge is a word on an asset, to be put into a text. [Badge.SVG] draws it.
type Badge struct {
	Label        string // what it is about; any text, cut where it would be very wide
	Verdict      plugins.Verdict
	Availability *float64 // percent; nil when it is not known
}

// badgeColours have a contrast of at least 4.5:1 to the white letters on them.
var badgeColours = map[plugins.Verdict]uint32{
	plugins.Unknown: 0x59636e, plugins.Up: 0x1d7a3a, plugins.Degraded: 0x8f5a00,
	plugins.Changed: 0xb02a8f, plugins.Inconclusive: 0x5b4bb8, plugins.Down: 0xc4161e,
}

// SVG draws the badge, 20 px high and as wide as its words. A verdict that is
// none is drawn as unknown.
func (b *Badge) SVG() []byte {
	const (
		height, pad = 20, 7 // px
		widest      = 220   // px of the label
	)
	f := face(11, false)
	colour, known := badgeColours[b.Verdict]
	words := string(b.Verdict)
	if !known {
		colour, words = badgeColours[plugins.Unknown], string(plugins.Unknown)
	}
	if b.Availability != nil {
		words += " · " + percent(*b.Availability)
	}
	whole := plain(b.Label)
	label := fit(f, whole, widest)
	left := int(measure(f, label)+0.5) + 2*pad
	right := int(measure(f, words)+0.5) + 2*pad
	out := newCanvas(left+right, height, whole+": "+words, "The verdict of the last check, and in how many checks the asset was there.")
	c := draw.NewCanvas(out, vg.Length(left+right), height)
	part := func(class string, x, width int, colour uint32, text string) {
		out.group(class, func() {
			c.SetColor(rgb(colour))
			c.Fill(vg.Rectangle{Min: vg.Point{X: vg.Length(x)}, Max: vg.Point{X: vg.Length(x + width), Y: height}}.Path())
			c.SetColor(rgb(0xffffff))
			c.FillString(f, vg.Point{X: vg.Length(x + pad), Y: 6}, text)
		})
	}
	part("label", 0, left, 0x3a4149, label)
	part("verdict", left, right, colour, words)
	return out.end()
}
