package selector

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

func compile(t testing.TB, list ...string) Selection {
	t.Helper()
	s, err := Compile(list)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestWithoutAndOnly(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ source, selector, without, only string }{
		{"<p>a</p><p class=x>b</p>c", ".x", "<p>a</p>c", "<p class=x>b</p>"},
		{"<p>a<p class='y x'>b<p>c", ".x", "<p>a<p>c", "<p class='y x'>b"},
		{"<div id=a><div id=b>1</div><div>2</div></div>3", "div", "3", "<div id=a><div id=b>1</div><div>2</div></div>"},
		{"<ul><li>1<li>2</ul>3", "li", "<ul></ul>3", "<li>1\n<li>2"},
		{"<ul><li>1<li>2<li>3</ul>", "li:nth-child(2)", "<ul><li>1<li>3</ul>", "<li>2"},
		{"<img src=a><img src=b alt>", "img[alt]", "<img src=a>", "<img src=b alt>"},
		{"<a href='x?a&amp;b'>1</a>", "a[href='x?a&b']", "", "<a href='x?a&amp;b'>1</a>"},
		{"<table><tr><td>1<td>2<tr><td>3</table>", "table > tbody > tr:nth-child(2) > td", "<table><tr><td>1<td>2<tr></table>", "<td>3"},
		{"<title>t</title><p>1<p>2", "html > body > p:first-child", "<title>t</title><p>2", "<p>1"},
		{"<head><title>t</title><div>1</div>", "head", "<div>1</div>", "<head><title>t</title>"},
		{"<script>if (a<b) '<p>'</script><p>1", "p", "<script>if (a<b) '<p>'</script>", "<p>1"},
		{"<noscript><p>1</p></noscript>2", "p", "<noscript><p>1</p></noscript>2", ""},
		{"<svg><path class=x /><g>1</g></svg>", ".x", "<svg><g>1</g></svg>", "<path class=x />"},
		{"<x-ad>1<x-b>2</x-ad>3", "x-ad", "3", "<x-ad>1<x-b>2</x-ad>"},
		{"<x-ad>1</x-b>2</x-ad>3", "x-ad", "3", "<x-ad>1</x-b>2</x-ad>"},
		{"<h1>a</h1><p>1<p>2<h2>b</h2><p>3", "h1 + p, h2 ~ p", "<h1>a</h1><p>2<h2>b</h2>", "<p>1\n<p>3"},
		{"<div><img></div><div>1</div>", "div:has(img)", "<div>1</div>", "<div><img></div>"},
		{"<div><b><img></b></div><p><img></p>", "*:haschild(img):not(b, i)", "<div><b><img></b></div>", "<p><img></p>"},
		{"<p id=1a>1<p id='b:c'>2<p>3", `#\31 a, #b\:c`, "<p>3", "<p id=1a>1\n<p id='b:c'>2"},
		{"<P CLASS=x ID=a>1</P>", "p.x#a", "", "<P CLASS=x ID=a>1</P>"},
		{"<p title='a > b, c'>1", `p[title="a > b, c"]`, "", "<p title='a > b, c'>1"},
		{"<div class=x>1</body></html><script>2", ".x", "", "<div class=x>1</body></html><script>2"},
		{"<div class=x>1</div></body></html><script>2", "script", "<div class=x>1</div></body></html>", "<script>2"},
		{"<p>1", ":root > head", "<p>1", ""},
		{"<p class=x", ".x", "<p class=x", ""},
		{"", "p", "", ""},
	} {
		s := compile(t, test.selector)
		if got := string(s.Without([]byte(test.source))); got != test.without {
			t.Errorf("%s without %s is %q, want %q", test.source, test.selector, got, test.without)
		}
		if got := string(s.Only([]byte(test.source))); got != test.only {
			t.Errorf("of %s only %s is %q, want %q", test.source, test.selector, got, test.only)
		}
	}
}

func TestPieces(t *testing.T) {
	t.Parallel()
	source := []byte("<main><p>1 <i class=ad>x</i>2<p class=ad>3<div>4</div></main><p>5")
	for _, test := range []struct {
		only, ignored string
		want          []string
	}{
		{"main p, div", ".ad", []string{"<p>1 2", "<div>4</div>"}},
		{"main p:nth-child(2)", ".ad", nil},
		{"p", "main", []string{"<p>5"}},
	} {
		var got []string
		for _, piece := range Pieces(source, compile(t, test.only), compile(t, test.ignored)) {
			got = append(got, string(piece))
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("only %s without %s: %q, want %q", test.only, test.ignored, got, test.want)
		}
	}
}

func TestBadSelectors(t *testing.T) {
	t.Parallel()
	for source, want := range map[string]string{
		"p[":                         `"p["`,
		"":                           `""`,
		"a,":                         `"a,"`,
		"p:hover":                    ":hover is not taken",
		"p:contains('x')":            ":contains is not taken",
		"p:is(a)":                    "unknown pseudoclass",
		"p::before":                  "pseudo-element",
		"p:not(a b)":                 "inside parentheses",
		"p:has(a > b)":               "inside parentheses",
		"p:has(:not(b))":             "no pseudo-classes",
		"p:not(:not(:not(:not(b))))": "inside parentheses",
		"p:not(:lang(de))":           ":lang is not taken",
		"p[a#=(x)]":                  "#=",
		strings.Repeat("a ", 33):     "more than 32 parts",
		strings.Repeat("a", 501):     "limit is 500",
		"p:nth-child(2):empty":       ":empty is not taken",
	} {
		_, err := Compile([]string{"p", source})
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), source[:min(len(source), 40)]) {
			t.Errorf("%q gives the error %v, want one with %q and the selector", source, err, want)
		}
	}
	if _, err := Compile(slices.Repeat([]string{"p"}, 51)); err == nil || !strings.Contains(err.Error(), "50") {
		t.Errorf("51 selectors: %v", err)
	}
}

// What is beyond the limits matches nothing, and what is before them does.
func TestLimits(t *testing.T) {
	t.Parallel()
	s := compile(t, "p")
	for _, test := range []struct {
		body string
		cut  int // elements that are found
	}{
		{strings.Repeat("<div>", maxNesting-3) + "<p>1", 1}, // html and body are around
		{strings.Repeat("<div>", maxNesting) + "<p>1", 0},
		{strings.Repeat("<br>", maxElements-3) + "<p>1</p>2<p>3</p>", 1},
		{strings.Repeat("<br>", maxElements) + "<p>1</p>", 0},
	} {
		if got := len(Pieces([]byte(test.body), s, Selection{})); got != test.cut {
			t.Errorf("%d found in a body of %d bytes, want %d", got, len(test.body), test.cut)
		}
	}
}

// However a page is made, it takes a moment and not minutes: without a budget
// each of these is beyond 10,000,000,000 steps.
func TestHostilePages(t *testing.T) {
	t.Parallel()
	many := make([]string, MaxSelectors)
	for i := range many {
		many[i] = strings.Repeat("b ", 31) + fmt.Sprintf("b:not(:nth-child(%d)):has(i,u)", i+2)
	}
	s := compile(t, many...)
	for name, body := range map[string]string{
		"deep":        strings.Repeat("<b>", 100_000),
		"unclosed":    strings.Repeat("<p><b>", 100_000),
		"wide":        strings.Repeat("<b></b>", 210_000),
		"attributes":  "<b" + strings.Repeat(" a", 250_000) + ">",
		"long values": strings.Repeat("<b class='"+strings.Repeat("x ", 50_000)+"'>", 10),
		"long names":  strings.Repeat("<"+strings.Repeat("x", 100_000)+">", 10),
		"end tags":    strings.Repeat("<x-a>", 100_000) + strings.Repeat("</x-b>", 100_000),
		"many tables": strings.Repeat("<table><td>", 50_000),
	} {
		if got := s.Without([]byte(body)); len(got) > len(body) {
			t.Errorf("%s: %d bytes became %d", name, len(body), len(got))
		}
		compile(t, "b:nth-last-child(2n+1) ~ b b, .none:has(b)").Only([]byte(body))
	}
}

func FuzzSelection(f *testing.F) {
	f.Add("p", "<p>a<p>b")
	f.Add("div > .a:not(p), #b\\:c", "<div><p class=a id=b:c></div></body></html>")
	f.Add("td:nth-child(2n)", "<table><td>1<td>2<svg><p>x</svg><x-a></x-b></x-a></table>")
	f.Add("[a='b c' i]/**/+ p", "<!--<p>--><script><p></script><a b='c")
	f.Fuzz(func(t *testing.T, selector, body string) {
		s, err := Compile([]string{selector})
		if err != nil {
			return
		}
		without := s.Without([]byte(body))
		if !isSubsequence(without, []byte(body)) {
			t.Errorf("%q without %q is %q, which is not a part of it", body, selector, without)
		}
		rest := body
		pieces := Pieces([]byte(body), s, Selection{})
		for _, piece := range pieces {
			_, after, found := strings.Cut(rest, string(piece))
			if !found {
				t.Fatalf("%q is not in %q", piece, rest)
			}
			rest = after
		}
		if len(pieces) == 0 && string(without) != body {
			t.Errorf("nothing matched, but %q became %q", body, without)
		}
	})
}

func isSubsequence(part, whole []byte) bool {
	for _, c := range part {
		i := bytes.IndexByte(whole, c)
		if i < 0 {
			return false
		}
		whole = whole[i+1:]
	}
	return true
}

func BenchmarkWithout(b *testing.B) {
	random := rand.New(rand.NewPCG(1, 1))
	var page strings.Builder
	for page.Len() < 30<<10 {
		page.WriteString(generatedPage(random))
	}
	body := []byte(page.String()[:30<<10])
	s := compile(b, ".ad", "#banner", "main > div:nth-child(2) li", "[data-clock]")
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		s.Without(body)
	}
}
