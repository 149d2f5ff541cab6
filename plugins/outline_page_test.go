package plugins

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode"
)

func TestOutlineOfHead(t *testing.T) {
	t.Parallel()
	got := readOutline([]byte(`<html lang=" de-AT "><head><meta charset="UTF-8"><base href="/b/"><base href="/c/">
<META NAME=Description CONTENT="What it &amp; is">
<meta name=robots content=noindex><meta name=robots content=nofollow>
<meta name="generator" content="Press 1"><meta name=viewport content="width=device-width">
<meta property="og:title" content="OG"><meta property="og:title" content="second">
<meta http-equiv="Refresh" content="5; URL='https://x.test/?a=1&amp;b=2'">
<meta http-equiv=Content-Security-Policy content="default-src 'self'"><meta http-equiv=content-security-policy content="img-src 'none'">
<meta name=referrer content=origin>
<link rel="canonical" href="https://x.test/"><link rel=alternate hreflang=en href=/en><link rel=alternate type=rss href=/rss>
<link rel="not-a-stylesheet" href=x><link rel="alternate
stylesheet" href=y.css integrity=sha256-x><link rel=stylesheet>
</head><noscript><meta http-equiv=refresh content="0;/noscript"><meta name=generator content=other></noscript>`))
	want := map[string]string{
		"Lang": "de-AT", "Charset": "utf-8", "Base": "/b/", "Description": "What it & is", "Robots": "noindex, nofollow",
		"Generator": "Press 1", "Viewport": "width=device-width", "Policy": "default-src 'self', img-src 'none'", "Referrer": "origin", "OGTitle": "OG",
		"Refresh": "https://x.test/?a=1&b=2", "Canonical": "https://x.test/",
	}
	for field, value := range want {
		if text := reflect.ValueOf(*got).FieldByName(field).String(); text != value {
			t.Errorf("%s is %q, want %q", field, text, value)
		}
	}
	if !slices.Equal(got.Hreflangs, []Hreflang{{"en", "/en"}}) {
		t.Errorf("hreflangs %q", got.Hreflangs)
	}
	if !slices.Equal(got.Stylesheets, []Stylesheet{{"y.css", true}}) || got.Counts.Stylesheets != 1 {
		t.Errorf("style sheets %+v", got.Stylesheets)
	}
}

func TestRefresh(t *testing.T) {
	t.Parallel()
	for content, want := range map[string]string{
		"0;url=/x": "/x", "5": "", " 3.5 , URL = '/x' trailing": "/x", "0; /x": "/x", `0;url="/x`: "/x", "0;urlish": "urlish", "": "", ";": "",
	} {
		if got := string(refreshURL([]byte(content))); got != want {
			t.Errorf("%q leads to %q, want %q", content, got, want)
		}
	}
	o := readOutline([]byte(`<meta http-equiv=content-type content="text/html; Charset='ISO-8859-1'; x">`))
	if o.Charset != "iso-8859-1" || o.Refresh != "" {
		t.Errorf("charset %q, refresh %q", o.Charset, o.Refresh)
	}
}

func TestOutlineOfScripts(t *testing.T) {
	t.Parallel()
	const ld = `<script type="application/LD+json">{"name": "%s"}</script>`
	got := readOutline([]byte(`<script src=a.js async integrity="sha384-x" type=module></script><script defer src></script>` +
		`<script>track("abc123", 17);</script><script nonce=x>track('def', 4) // other</script><script>steal(atob("eA=="))</script>` +
		fmt.Sprintf(ld, "one") + fmt.Sprintf(ld, "two, longer") + `<script type="1234-text/javascript">x()</script>` +
		`<script> </script><noscript><script>a()</script></noscript><svg><script>b(1)</script><script href=x /></svg>`)).Scripts
	if len(got) != 12 {
		t.Fatalf("%d scripts: %+v", len(got), got)
	}
	if want := (Script{Src: "a.js", Type: "module", Integrity: true, Async: true}); !reflect.DeepEqual(got[0], want) {
		t.Errorf("got %+v, want %+v", got[0], want)
	}
	if want := (Script{Defer: true}); !reflect.DeepEqual(got[1], want) {
		t.Errorf("got %+v, want %+v", got[1], want)
	}
	if got[2].Fingerprint == 0 || got[2].Fingerprint != got[3].Fingerprint || got[2].Fingerprint == got[4].Fingerprint {
		t.Errorf("fingerprints %x %x %x: want the first two alike", got[2].Fingerprint, got[3].Fingerprint, got[4].Fingerprint)
	}
	if got[4].Signs.Decode != 1 || got[4].Bytes != len(`steal(atob("eA=="))`) || !got[4].Inline {
		t.Errorf("got %+v", got[4])
	}
	if !got[5].Data || got[5].Fingerprint == 0 || got[5].Fingerprint != got[6].Fingerprint {
		t.Errorf("data is told apart by its content: %+v, %+v", got[5], got[6])
	}
	if got[7].Data || got[7].Fingerprint == 0 {
		t.Errorf("got %+v, want code", got[7])
	}
	if got[8].Fingerprint != 0 || got[8].Bytes != 1 {
		t.Errorf("got %+v of a script of one blank", got[8])
	}
	if got[9].Fingerprint == 0 || got[10].Fingerprint == 0 || got[10].Bytes != len("b(1)") {
		t.Errorf("got %+v in noscript and %+v in SVG", got[9], got[10])
	}
}

func TestOutlineOfForms(t *testing.T) {
	t.Parallel()
	o := readOutline([]byte(`<input type=password><form action=" /login " method=POST><input name=u><input type=Password><select><option></select></form>
<textarea></textarea><form method=put><form method=dialog><input>`))
	want := []Form{{"/login", "post", 3, 1}, {"", "get", 0, 0}, {"", "dialog", 1, 0}}
	if !slices.Equal(o.Forms, want) || o.Passwords != 2 {
		t.Errorf("got %+v and %d passwords, want %+v and 2", o.Forms, o.Passwords, want)
	}
}

func TestOutlineOfWhatIsHidden(t *testing.T) {
	t.Parallel()
	for source, want := range map[string]struct {
		hints, frames int
	}{
		`<p hidden>`:                 {1, 0},
		`<p style="DISPLAY : None">`: {1, 0},
		`<p style="color:red;visibility:hidden!important">`:      {1, 0},
		`<p style="opacity:0"><p style="opacity:.0;">`:           {2, 0},
		`<p style="opacity:0.5;display:nonesuch;top:-20px">`:     {0, 0},
		`<p style="position:absolute;left:-9999px">`:             {1, 0},
		`<p style="text-indent: -999em">`:                        {1, 0},
		`<p style="display&#58;none">`:                           {1, 0},
		`<p style="font-size:0">`:                                {1, 0},
		`<p style=";;:;a:;display">`:                             {0, 0},
		`<iframe width=1 height=1></iframe>`:                     {0, 1},
		`<iframe width="100%" height="0"></iframe>`:              {0, 1},
		`<iframe width=1% height="300"></iframe>`:                {0, 0},
		`<iframe style="width:1px;height:1px"></iframe>`:         {0, 1},
		`<iframe style="width:2em;height:200px"></iframe>`:       {0, 0},
		`<iframe style="display:none"></iframe>`:                 {1, 1},
		`<noscript><iframe style="display:none"></noscript><p>x`: {1, 1},
		`<iframe></iframe>`:                                      {0, 0},
	} {
		o := readOutline([]byte(source))
		if o.HiddenHints != want.hints || o.HiddenFrames != want.frames {
			t.Errorf("%s: %d hints and %d frames, want %+v", source, o.HiddenHints, o.HiddenFrames, want)
		}
		if len(o.Frames) > 0 && o.Frames[0].Hidden != (want.frames > 0) {
			t.Errorf("%s: frame %+v", source, o.Frames[0])
		}
	}
}

func TestOutlineCounts(t *testing.T) {
	t.Parallel()
	o := readOutline([]byte(`<!-- one --><!doctype html><?php ?><p onclick=x OnLoad=y on=z onl1ne=a onward style=a id=b id=c><iframe srcdoc=x></iframe><a href=x rel="NoFollow x">`))
	if o.Comments != 2 || o.EventHandlers != 3 || o.InlineStyles != 1 || o.Attributes != 11 || o.DistinctTags != 3 {
		t.Errorf("got %+v", o)
	}
	if !slices.Equal(o.Frames, []Frame{{Srcdoc: true}}) || !slices.Equal(o.Links, []Link{{"x", "NoFollow x"}}) {
		t.Errorf("got %+v and %+v", o.Frames, o.Links)
	}
}

func TestOutlineHeadings(t *testing.T) {
	t.Parallel()
	o := readOutline([]byte(`before<h1> One <b>and</b>
half </h1>x<h1><img></h1><h1>Two<h1>Three</h1><noscript><h1>no</h1></noscript><h1>Four &amp;`))
	if want := []string{"One and half", "Two", "Three", "Four &"}; !slices.Equal(o.H1, want) {
		t.Errorf("got %q, want %q", o.H1, want)
	}
}

func TestOutlineText(t *testing.T) {
	t.Parallel()
	for source, want := range map[string]string{
		"a b":                    "a b",
		" \n a  b\u00a0 \u2003c": "a b c",
		"a <b> b</b> c":          "a b c",
		"one two three <i>four</i> five  six seven\neight nine": "one two three four five six seven eight nine",
		"12345678 ":               "12345678",
		"1234567 <i>8</i>":        "1234567 8",
		"1234567 \u00a08":         "1234567 8",
		"abcdefgh\xff\xfeijk":     "abcdefgh\uFFFDijk",
		"日本　語\u2028é":             "日本 語 é",
		"x\x00y":                  "x y",
		"<p>a<p>b<td>c<br>d<hr>e": "a b c d e",
		"<xmp>&amp; <p></xmp><textarea>&amp;</textarea>":                      "&amp; <p> &",
		"<svg><style>a</style><title>b</title><text>c</text></svg>d":          "c d",
		"<svg><p>a</svg>b<style>c</style>":                                    "a b",
		"<svg><foreignObject><style><p></style>a</foreignObject><style>b<p>c": "a c",
		"<svg><![CDATA[x<p>]]></svg>":                                         "x<p>",
		"<template>a<p>b</template>c":                                         "c",
		"<noscript>a<p>b</noscript>c":                                         "c",
		"<plaintext>a</plaintext>":                                            "a</plaintext>",
	} {
		if got := readOutline([]byte(source)).Text; got != want {
			t.Errorf("%q has the text %q, want %q", source, got, want)
		}
	}
	long := strings.Repeat("word ", 20)
	o := readOutline([]byte("<p>" + long + "</p><p>" + strings.Repeat("é", 400)))
	if o.Words != 21 || o.FirstWords != strings.TrimSpace(long[:16*5]) || len(o.Vocabulary) != 2 || len(o.Blocks) != 2 {
		t.Errorf("%d words, first %q, vocabulary %d, blocks %d", o.Words, o.FirstWords, o.Vocabulary, o.Blocks)
	}
}

func TestOutlinePaths(t *testing.T) {
	t.Parallel()
	o := readOutline([]byte(`<html><body><ul><li><a href=x>1</a><li><a>2</a></ul><p>a<p>b<div></div>
<table><tr><td>1<td>2<tr><td>3</table><svg><g><p>out</svg><br><x-y><b></x-y></body></html>`))
	want := []string{"html 1", "html>body 1", "body>p>br 1", "body>p>other 1", "body>ul>li 2", "body>table>tr 2", "html>body>div 1", "html>body>p 3",
		"html>body>svg 1", "html>body>table 1", "html>body>ul 1", "p>other>b 1", "ul>li>a 2", "table>tr>td 3", "body>svg>g 1"}
	var got []string
	for _, count := range o.TagPaths {
		got = append(got, fmt.Sprintf("%s %d", count.Path, count.Count))
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if !slices.IsSortedFunc(o.TagPaths, func(a, b PathCount) int { return int(a.Path) - int(b.Path) }) {
		t.Error("the paths are not sorted")
	}
}

// Text is copied many bytes at a time; this is what it has to come to.
func TestVisibleText(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 4))
	parts := []string{"a", "word", "longerword", "é", "日", "\u200b", " ", " ", " ", "  ", "\n", "\t\x00", "\u00a0", "\u3000", "\u2028", "x y z", "12345678"}
	for range 20000 {
		var whole string
		var text visibleText
		text.reset()
		for range 1 + random.IntN(4) {
			var piece string
			for range random.IntN(9) {
				piece += parts[random.IntN(len(parts))]
			}
			whole += piece
			text.add([]byte(piece + "after")[:len(piece)])
		}
		isSpace := func(c rune) bool { return c <= ' ' || unicode.IsSpace(c) }
		if want := strings.Join(strings.FieldsFunc(whole, isSpace), " "); string(text.bytes) != want {
			t.Fatalf("%q becomes %q, want %q", whole, text.bytes, want)
		}
	}
}

func TestFirstWords(t *testing.T) {
	t.Parallel()
	words := func(n int) string { return strings.TrimSpace(strings.Repeat("word ", n)) }
	for text, want := range map[string]string{
		"": "", "one": "one", words(16): words(16), words(17): words(16),
		strings.Repeat("ü", 150): strings.Repeat("ü", 150), "x" + strings.Repeat("ü", 150): "x" + strings.Repeat("ü", 149),
	} {
		if got := FirstWords(text); got != want {
			t.Errorf("%q begins with %q, want %q", text, got, want)
		}
	}
}
