package chart

import (
	"encoding/xml"
	"math"
	"regexp"
	"strings"
	"testing"
	"time"

	"webmon/plugins"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// hour is a chart of an hour until noon, with a check in each minute whose
// value is the number of the minute.
func hour() *Chart {
	c := &Chart{
		Name: "Bakery", Metric: "htmlstats.page_bytes", Unit: "bytes",
		From: noon.Add(-time.Hour), To: noon, Every: time.Minute, Width: 600, Height: 300, Theme: "light",
	}
	for i := range 60 {
		c.Points = append(c.Points, Point{At: c.From.Add(time.Duration(i) * time.Minute), Value: float64(i)})
	}
	return c
}

// element is a part of a picture.
type element struct {
	XMLName  xml.Name
	Class    string    `xml:"class,attr"`
	D        string    `xml:"d,attr"`
	Fill     string    `xml:"fill,attr"`
	Text     string    `xml:",chardata"`
	Children []element `xml:",any"`
}

// drawn gives the picture, which is XML, and its source.
func drawn(t *testing.T, c *Chart) (*element, string) {
	t.Helper()
	svg, err := c.SVG()
	if err != nil {
		t.Fatal(err)
	}
	return parse(t, svg), string(svg)
}

func parse(t *testing.T, svg []byte) *element {
	t.Helper()
	var root element
	if err := xml.Unmarshal(svg, &root); err != nil {
		t.Fatalf("%v in %s", err, svg)
	}
	return &root
}

// find gives the group of a class, nil when there is none.
func (e *element) find(class string) *element {
	for i := range e.Children {
		child := &e.Children[i]
		if child.Class == class {
			return child
		}
		if found := child.find(class); found != nil {
			return found
		}
	}
	return nil
}

// starts counts the lines and shapes in the paths of a group that are of a
// colour, or of any.
func (e *element) starts(fill string) (n int) {
	if e == nil {
		return 0
	}
	for i := range e.Children {
		if child := &e.Children[i]; fill == "" || child.Fill == fill {
			n += strings.Count(child.D, "M")
		}
	}
	return n
}

func TestChartIsOneLine(t *testing.T) {
	t.Parallel()
	root, source := drawn(t, hour())
	if values := root.find("values"); values.starts("none") != 1 || strings.Count(values.Children[0].D, "L") != 59 {
		t.Errorf("60 values in a row are %d lines: %s", values.starts("none"), source)
	}
	for _, class := range []string{"normal", "edges", "warning", "critical", "nothing"} {
		if root.find(class) != nil {
			t.Errorf("there is a group %q: %s", class, source)
		}
	}
	for _, text := range []string{">Bakery</text>", ">bytes</text>", ">11:30</text>", "1 Mar 2026 11:00 – 12:00 UTC", "60 checks. Values from 0 bytes to 59 bytes"} {
		if !strings.Contains(source, text) {
			t.Errorf("%q is missing in %s", text, source)
		}
	}
}

func TestGapIsAGap(t *testing.T) {
	t.Parallel()
	c := hour()
	c.Points[20].Value = math.NaN()
	if root, source := drawn(t, c); root.find("values").starts("none") != 2 {
		t.Errorf("a check without a value is no gap: %s", source)
	}
	c = hour()
	c.Points = append(c.Points[:20], c.Points[30:]...)
	if root, source := drawn(t, c); root.find("values").starts("none") != 2 {
		t.Errorf("ten minutes without checks are no gap: %s", source)
	}
	c.Every = 0
	if root, source := drawn(t, c); root.find("values").starts("none") != 1 {
		t.Errorf("checks on demand have gaps: %s", source)
	}
	// Every ten minutes at first, then every minute.
	c = hour()
	for i := range 4 {
		c.Points[i].At = c.From.Add(time.Duration(i-3) * 10 * time.Minute)
	}
	c.From = c.From.Add(-time.Hour)
	if root, source := drawn(t, c); root.find("values").starts("none") != 1 {
		t.Errorf("a new interval makes gaps: %s", source)
	}
	// What lies outside of the window is not there.
	c = hour()
	c.From, c.To = c.From.Add(10*time.Minute), c.To.Add(-10*time.Minute)
	if _, source := drawn(t, c); !strings.Contains(source, "41 checks. Values from 10 bytes to 50 bytes") {
		t.Errorf("checks outside of the window: %s", source)
	}
	// A gap that is narrower than can be seen is none.
	c = hour()
	c.Points = nil
	for i := range 7200 {
		c.Points = append(c.Points, Point{At: c.From.Add(time.Duration(i) * 500 * time.Millisecond), Value: 1})
		if i%2 == 1 {
			c.Points[i].Value = math.NaN()
		}
	}
	if root, source := drawn(t, c); root.find("values").starts("none") != 1 {
		t.Errorf("half a second is a gap: %s", source)
	}
	// A value between two gaps is a dot.
	c = hour()
	for i := range c.Points {
		if i != 30 {
			c.Points[i].Value = math.NaN()
		}
	}
	if root, source := drawn(t, c); root.find("values").starts("#0757b5") != 1 {
		t.Errorf("a value alone is no dot: %s", source)
	}
}

func TestFindingsAreMarked(t *testing.T) {
	t.Parallel()
	c := hour()
	c.Points[5].Severity = plugins.Info
	c.Points[10].Severity = plugins.Warning
	c.Points[20].Severity, c.Points[20].Value = plugins.Warning, math.NaN()
	c.Points[30].Severity, c.Points[30].Expected = plugins.Critical, &Band{-100, 10}
	root, source := drawn(t, c)
	// Each mark is drawn twice: its rim and itself.
	if w, k := root.find("warning").starts("#9a5b00"), root.find("critical").starts("#c4161e"); w != 2 || k != 1 {
		t.Errorf("%d warnings and %d critical are marked: %s", w, k, source)
	}
	warning, critical := root.find("warning").Children[0].D, root.find("critical").Children[0].D
	if strings.Count(warning, "L") != 2*2 || strings.Count(critical, "L") != 3 {
		t.Errorf("not triangles and diamonds: %s and %s", warning, critical)
	}
	if root.find("expected").starts("") != 3 { // the span and its ends
		t.Errorf("what was expected is not drawn: %s", source)
	}
	if !strings.Contains(source, ">−100</text>") {
		t.Errorf("the axis does not reach what was expected: %s", source)
	}
	for _, text := range []string{">critical: 1</text>", ">warning: 2</text>", ">expected then, ± σ</text>", "Marked are 1 critical and 2 warnings"} {
		if !strings.Contains(source, text) {
			t.Errorf("%q is missing in %s", text, source)
		}
	}
}

// Of marks that would cover each other the most serious is drawn, and then the
// one farthest from what was expected.
func TestMarksDoNotCoverEachOther(t *testing.T) {
	t.Parallel()
	c := hour()
	c.Points = nil
	for i := range 3000 {
		c.Points = append(c.Points, Point{
			At: c.From.Add(time.Duration(i) * time.Second), Value: float64(i % 7), Severity: plugins.Warning, Expected: &Band{-1, 1},
		})
	}
	c.Points[1500].Severity = plugins.Critical
	root, source := drawn(t, c)
	if n := root.find("warning").starts("#9a5b00"); n < 30 || n > 75 {
		t.Errorf("%d marks on 500 px", n)
	}
	if root.find("critical").starts("#c4161e") != 1 {
		t.Errorf("the critical one is covered: %s", source)
	}
	p := c.picture(&theme{})
	for _, mark := range p.marks(p.column() * 8) {
		if mark.Severity == plugins.Warning && mark.Value != 6 {
			t.Fatalf("marked is %v, not what is farthest", mark.Value)
		}
	}
}

func TestBandIsDrawn(t *testing.T) {
	t.Parallel()
	c := hour()
	c.Normal = &Band{20, 2000}
	root, source := drawn(t, c)
	if root.find("normal").starts("#e3f4e6") != 1 || root.find("edges").starts("") != 2 {
		t.Errorf("no band: %s", source)
	}
	for _, text := range []string{">2,000</text>", ">normal now: 20 – 2,000 bytes</text>", "Normal now is 20 bytes to 2,000 bytes."} {
		if !strings.Contains(source, text) {
			t.Errorf("%q is missing in %s", text, source)
		}
	}
}

func TestDownIsAStrip(t *testing.T) {
	t.Parallel()
	c := hour()
	for i := 10; i < 20; i++ {
		c.Points[i].Down = true
	}
	c.Points[40].Down = true
	root, source := drawn(t, c)
	strip := root.find("availability")
	if up, down := strip.starts("#2a7f47"), strip.starts("#c4161e"); up != 3 || down != 2 {
		t.Errorf("%d stretches up and %d down: %s", up, down, source)
	}
	// Minutes 10 to 20 of 60, as wide as ten, and one as wide as one.
	wide := regexp.MustCompile(`M([\d.]+) [\d.]+L([\d.]+)`).FindAllStringSubmatch(strip.Children[1].D, -1)
	width := func(i int) float64 { return float(t, wide[i][2]) - float(t, wide[i][1]) }
	if ratio := width(0) / width(1); math.Abs(ratio-10) > 0.3 {
		t.Errorf("ten minutes are %v times as wide as one: %s", ratio, source)
	}
	if !strings.Contains(source, ">down: 11</text>") {
		t.Errorf("not in the legend: %s", source)
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	for want, change := range map[string]func(*Chart){
		"width":  func(c *Chart) { c.Width = MaxWidth + 1 },
		"height": func(c *Chart) { c.Height = MinHeight - 1 },
		"theme":  func(c *Chart) { c.Theme = "pink" },
		"To":     func(c *Chart) { c.To = c.From },
	} {
		c := hour()
		change(c)
		if _, err := c.SVG(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
}
