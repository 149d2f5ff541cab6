package chart

import (
	"fmt"
	"image/color"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"webmon/plugins"
)

func float(t *testing.T, text string) float64 {
	t.Helper()
	v, err := strconv.ParseFloat(text, 64)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// Thinning out keeps the extremes of every column, and their order.
func TestLineKeepsExtremes(t *testing.T) {
	t.Parallel()
	c := hour()
	c.Points, c.Width = nil, 300
	random := rand.New(rand.NewPCG(1, 2))
	for i := range 36_000 {
		c.Points = append(c.Points, Point{At: c.From.Add(time.Duration(i) * 100 * time.Millisecond), Value: random.NormFloat64()})
	}
	p := c.picture(&theme{})
	runs := p.line()
	if len(runs) != 1 || len(runs[0]) > 4*300 {
		t.Fatalf("%d runs, the first of %d", len(runs), len(runs[0]))
	}
	if !slices.IsSortedFunc(runs[0], func(a, b spot) int { return int(math.Copysign(1, a.x-b.x)) }) {
		t.Error("not in the order of time")
	}
	extent := func(of []spot) map[int][2]float64 {
		all := map[int][2]float64{}
		for _, s := range of {
			e, ok := all[int(s.x/p.column())]
			if !ok {
				e = [2]float64{s.y, s.y}
			}
			all[int(s.x/p.column())] = [2]float64{min(e[0], s.y), max(e[1], s.y)}
		}
		return all
	}
	var all []spot
	for _, point := range p.points {
		all = append(all, spot{p.seconds(point.At), point.Value})
	}
	if got, want := extent(runs[0]), extent(all); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Error("a column lost its extremes")
	}
}

func TestTimeTicks(t *testing.T) {
	t.Parallel()
	for window, want := range map[time.Duration]string{
		time.Minute:           "11:59:00 11:59:15 11:59:30 11:59:45 12:00:00",
		time.Hour:             "11:00 11:15 11:30 11:45 12:00",
		24 * time.Hour:        "12:00 18:00 1 Mar 06:00 12:00",
		7 * 24 * time.Hour:    "24 Feb 26 Feb 28 Feb",
		30 * 24 * time.Hour:   "2 Feb 9 Feb 16 Feb 23 Feb",
		365 * 24 * time.Hour:  "Apr 2025 Jul 2025 Oct 2025 Jan 2026",
		3650 * 24 * time.Hour: "Jan 2018 Jan 2020 Jan 2022 Jan 2024 Jan 2026",
	} {
		from := noon.Add(-window)
		var labels []string
		for _, tick := range (timeTicks{base: from, most: 5}).Ticks(0, window.Seconds()) {
			labels = append(labels, tick.Label)
		}
		if got := strings.Join(labels, " "); got != want {
			t.Errorf("%v: %s, want %s", window, got, want)
		}
	}
}

func TestValueTicks(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		low, high float64
		whole     bool
		want      string
	}{
		{0, 10, false, "0 2 4 6 8 10"},
		{0, 1, true, "0 1"},
		{0.97, 1.03, false, "0.98 1.00 1.02"},
		{-30, 30, false, "−20 0 20"},
		{0, 61_000, true, "0 20,000 40,000 60,000"},
		{1e16, 1e16 + 1e10, false, "1e+16 1.0000002e+16 1.0000004e+16 1.0000006e+16 1.0000008e+16 1.000001e+16"},
	} {
		var labels []string
		for _, tick := range (valueTicks{most: 5, whole: test.whole}).Ticks(test.low, test.high) {
			labels = append(labels, tick.Label)
		}
		if got := strings.Join(labels, " "); got != test.want {
			t.Errorf("%v to %v: %s, want %s", test.low, test.high, got, test.want)
		}
	}
}

func TestUnits(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		of    string
		value float64
		want  string
	}{
		{"seconds", 0.2134, "213 ms"}, {"seconds", 0.00005, "0.05 ms"}, {"seconds", 12, "12 s"}, {"seconds", 90 * 86400, "90 days"},
		{"bytes", 131, "131 bytes"}, {"bytes", 6163, "6.02 KiB"}, {"bytes", 5 << 20, "5 MiB"},
		{"count", 1234567, "1,234,567 count"}, {"ratio", 0.3333, "0.33 ratio"}, {"number", -2.5, "−2.5"}, {"number", -1e-20, "−1e−20"}, {"", 0, "0"},
	} {
		u := unitOf(test.of, math.Abs(test.value))
		p := &picture{Chart: &Chart{Unit: test.of}, unit: u}
		if got := p.value(test.value/u.by, true); got != test.want {
			t.Errorf("%v %s: %s, want %s", test.value, test.of, got, test.want)
		}
	}
	if got := percent(99.9999); got != "99.99 %" {
		t.Errorf("nearly all is %s", got)
	}
	if got := percent(100); got != "100 %" {
		t.Errorf("all is %s", got)
	}
}

func TestExtent(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		unit      string
		values    []float64
		normal    *Band
		low, high float64
	}{
		{"ratio", nil, nil, 0, 1},
		{"ratio", []float64{1, 2.1}, nil, 0, 2.188}, // 0 is near
		{"ratio", []float64{10, 11}, nil, 9.92, 11.08},
		{"ratio", []float64{-10, 10}, nil, -11.6, 11.6},
		{"ratio", []float64{10, 10}, nil, 9, 11}, // always the same
		{"count", []float64{2, 2}, nil, 1, 3},
		{"count", []float64{0, 0}, nil, 0, 1},
		{"code", []float64{200, 500}, nil, 176, 524},
		{"ratio", []float64{10, 10}, &Band{9, 14}, 8.6, 14.4},
		{"bool", []float64{1, 1}, nil, -0.15, 1.15},
	} {
		c := hour()
		c.Unit, c.Points, c.Normal = test.unit, nil, test.normal
		for _, v := range test.values {
			c.Points = append(c.Points, Point{At: c.From, Value: v})
		}
		if low, high := c.picture(&theme{}).extent(); math.Abs(low-test.low) > 1e-9 || math.Abs(high-test.high) > 1e-9 {
			t.Errorf("%v: from %v to %v, want %v to %v", test, low, high, test.low, test.high)
		}
	}
}

func TestPlain(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		" a\n\tb  c ": "a b c", "a\x00\x1b\u009f\u202e\u2066\ufffeb": "ab", "\xff": "\ufffd", "Bäckerei 日本": "Bäckerei 日本",
	} {
		if got := plain(text); got != want {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
	}
}

func TestFit(t *testing.T) {
	t.Parallel()
	f := face(12, false)
	for _, text := range []string{"", "short", strings.Repeat("W", 500), strings.Repeat("日本", 200), strings.Repeat("i ", 300)} {
		got := fit(f, text, 100)
		if measure(f, got) > 100 || measure(f, text) <= 100 && got != text || measure(f, text) > 100 && !strings.HasSuffix(got, "…") {
			t.Errorf("%.20s becomes %s, %v px", text, got, measure(f, got))
		}
	}
	if narrow, wide := measure(f, "iiii"), measure(f, "WWWW"); narrow*2 > wide {
		t.Errorf("i is %v wide, W is %v", narrow, wide)
	}
}

// TestContrast holds the colours to WCAG 2.2 AA.
func TestContrast(t *testing.T) {
	t.Parallel()
	check := func(what string, a, b color.RGBA, least float64) {
		t.Helper()
		if got := contrast(a, b); got < least {
			t.Errorf("%s: contrast %.2f, at least %v is needed", what, got, least)
		}
	}
	for name, theme := range themes {
		check(name+" text", theme.text, theme.background, 4.5)
		check(name+" muted", theme.muted, theme.background, 4.5)
		check(name+" muted on the band", theme.muted, theme.band, 4.5)
		for _, ground := range []color.RGBA{theme.background, theme.band} {
			for _, shape := range []color.RGBA{theme.line, theme.edge, theme.critical, theme.warns, theme.up} {
				check(fmt.Sprint(name, " ", shape), shape, ground, 3)
			}
		}
	}
	for _, verdict := range plugins.Verdicts {
		colour, ok := badgeColours[verdict]
		if !ok {
			t.Errorf("no colour for %s", verdict)
		}
		check(string(verdict), rgb(colour), rgb(0xffffff), 4.5)
	}
}

func contrast(a, b color.RGBA) float64 {
	light, dark := luminance(a), luminance(b)
	if light < dark {
		light, dark = dark, light
	}
	return (light + 0.05) / (dark + 0.05)
}

func luminance(c color.RGBA) float64 {
	linear := func(v uint8) float64 {
		s := float64(v) / 255
		if s <= 0.04045 {
			return s / 12.92
		}
		return math.Pow((s+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(c.R) + 0.7152*linear(c.G) + 0.0722*linear(c.B)
}

func BenchmarkChart(b *testing.B) {
	c := hour()
	c.Points, c.Width, c.From = nil, 800, noon.Add(-10_000*time.Minute)
	random := rand.New(rand.NewPCG(1, 2))
	for i := range 10_000 {
		c.Points = append(c.Points, Point{At: c.From.Add(time.Duration(i) * time.Minute), Value: 6000 + 100*random.NormFloat64()})
	}
	c.Normal = &Band{5600, 6400}
	b.ReportAllocs()
	size := 0
	for b.Loop() {
		svg, err := c.SVG()
		if err != nil {
			b.Fatal(err)
		}
		size = len(svg)
	}
	b.ReportMetric(float64(size), "bytes")
}
