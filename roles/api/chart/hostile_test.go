package chart

import (
	"math"
	"strings"
	"testing"
	"time"

	"webmon/plugins"
)

func TestHostileTexts(t *testing.T) {
	t.Parallel()
	c := hour()
	c.Name = "</title><script>alert(1)</script>\x00\x1b\u202e\ufffe\xff]]>&\"' \n\t onload=x " + strings.Repeat("ﷺ日本𝕏e\u0301", 500)
	c.Metric = `extract.value_"><svg onload="x`
	c.Unit = `"<b>&`
	root, source := drawn(t, c)
	if strings.Contains(source, "<script") || strings.Contains(source, "<svg o") || strings.Contains(source, "<b>") || strings.ContainsAny(source, "\x00\x1b\u202e\ufffe") {
		t.Errorf("not escaped: %s", source)
	}
	for _, child := range root.Children {
		if child.XMLName.Local == "text" && len(child.Text) > 600 {
			t.Errorf("a text of %d bytes is not cut", len(child.Text))
		}
	}
	badge := Badge{Label: c.Name, Verdict: `"><x>`}
	if source := string(badge.SVG()); strings.Contains(source, "<script") || strings.Contains(source, "<x>") {
		t.Errorf("not escaped: %s", source)
	}
	parse(t, badge.SVG())
}

// Any numbers make a picture, of a size that can be shown.
func TestHostileNumbers(t *testing.T) {
	t.Parallel()
	tiny, huge := math.SmallestNonzeroFloat64, math.MaxFloat64
	for _, unit := range []string{"seconds", "bytes", "count", "ratio", "points", "timestamp", "code", "bool", "number", ""} {
		for _, values := range [][]float64{
			{}, {0}, {-1}, {huge, -huge}, {tiny, -tiny}, {tiny}, {huge}, {1e16, 1e16 + 2}, {1e-9, 2e-9}, {math.Inf(1), math.Inf(-1)}, {1e300, tiny},
		} {
			c := hour()
			c.Unit, c.Points = unit, nil
			for i := range 10_000 {
				p := Point{At: c.From.Add(time.Duration(i) * 350 * time.Millisecond), Value: math.NaN(), Down: i%2 == 0, Severity: plugins.Critical}
				if len(values) > 0 && i%3 > 0 {
					p.Value = values[i%len(values)]
					p.Expected, c.Normal = &Band{-huge, p.Value}, &Band{p.Value, huge}
				}
				c.Points = append(c.Points, p)
			}
			_, source := drawn(t, c)
			if strings.Contains(source, "NaN") || strings.Contains(source, "Inf") || len(source) > 200_000 {
				t.Errorf("%s %v: %d bytes: %.200s", unit, values, len(source), source)
			}
		}
	}
}
