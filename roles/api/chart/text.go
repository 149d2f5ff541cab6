package chart

import (
	"strings"
	"unicode"

	"golang.org/x/image/font"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
	"gonum.org/v1/plot"
	plotfont "gonum.org/v1/plot/font"
)

// families are what texts are written in. Widths are measured in the first
// one, which has those of Arial and Helvetica; where a viewer has only wider
// letters, textLength keeps them in place.
const families = "Liberation Sans,Arial,Helvetica,sans-serif"

// face is the font of a size in px.
func face(size float64, bold bool) plotfont.Face {
	f := plotfont.Font{Typeface: "Liberation", Variant: "Sans", Size: plotfont.Length(size)}
	if bold {
		f.Weight = font.WeightBold
	}
	return plot.DefaultTextHandler.Cache().Lookup(f, f.Size)
}

// measure is the width of a text in px. Letters that the font does not have are
// taken to be as wide as high, as those of East Asia and emoji are, and marks
// on other letters to have no width.
func measure(f plotfont.Face, s string) float64 {
	var buffer sfnt.Buffer
	em := fixed.Int26_6(f.Face.UnitsPerEm())
	width := fixed.Int26_6(0)
	for _, r := range s {
		if unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf) {
			continue
		}
		advance := em
		if glyph, err := f.Face.GlyphIndex(&buffer, r); err == nil && glyph != 0 {
			if a, err := f.Face.GlyphAdvance(&buffer, glyph, em, font.HintingNone); err == nil {
				advance = a
			}
		}
		width += advance
	}
	return float64(width) / float64(em) * f.Font.Size.Points()
}

// fit cuts a text so that it is at most so many px wide. An ellipsis shows
// where something is missing.
func fit(f plotfont.Face, s string, width float64) string {
	if measure(f, s) <= width {
		return s
	}
	runes := []rune(s)
	low, high := 0, len(runes) // the longest beginning that fits is from low to before high
	for low+1 < high {
		middle := (low + high) / 2
		if measure(f, string(runes[:middle])+"…") <= width {
			low = middle
		} else {
			high = middle
		}
	}
	return strings.TrimRight(string(runes[:low]), " ") + "…"
}

// plain makes a text of others one line of what XML may hold and people can
// see: no control characters, none that turn the direction of what follows.
func plain(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r), r == 0xfffe, r == 0xffff:
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\ufffd"))
	return strings.Join(strings.Fields(s), " ")
}
