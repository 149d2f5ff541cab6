package plugins

import (
	"bytes"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestOutline(t *testing.T) {
	t.Parallel()
	const page = `<!DOCTYPE html>
<html><head><TITLE> A  page
 &amp; more </TITLE>
<link rel="icon" href="i.png"><link href=main.css REL="preload Stylesheet">
<style>p { color: red }</style>
<script src="/a.js">never run</script><script>go( "<p>" )</script></head>
<body><h1>Big&nbsp;news</h1><p>One<b>half</b> and <a href=" /x ">a&lt;b</a><a name=here></a>
<img src=1.png><img alt=""><iframe src="//ads.example/f">no <b>frames</b></iframe>
<form action="/login" method=post><input><textarea>typed</textarea></form><form></form>
<svg><title/><g><title>chart</title><path d="M0 0"/></g></svg>
<template><p>hidden</p></template>
<noscript><img src=pixel.gif><iframe src=tag>unclosed</noscript>
<x-card>custom</x-card></body></html>`
	got := readOutline([]byte(page))

	for name, want := range map[string]int{
		"html": 1, "head": 1, "title": 3, "link": 2, "style": 1, "script": 2, "body": 1, "h1": 1, "p": 2, "b": 1, "a": 2,
		"img": 3, "iframe": 2, "form": 2, "input": 1, "textarea": 1, "svg": 1, "g": 1, "path": 1, "template": 1, "noscript": 1,
	} {
		if got.Tags[TagNamed(name)] != want {
			t.Errorf("%d %s tags, want %d", got.Tags[TagNamed(name)], name, want)
		}
	}
	if got.Tags[OtherTag] != 1 || got.TagCount != 32 {
		t.Errorf("%d unknown of %d tags, want 1 of 32", got.Tags[OtherTag], got.TagCount)
	}
	want := Outline{
		Tags: got.Tags, TagCount: got.TagCount,
		Title: "A page & more",
		H1:    []string{"Big news"},
		Text:  "Big news Onehalf and a<b typed custom",
		Lines: []int{8, 24, 30, 37},

		Words: 7, FirstWords: "Big news Onehalf and a<b typed custom",
		Links:       []Link{{Href: "/x"}},
		Scripts:     []Script{{Src: "/a.js", Bytes: 9}, {Inline: true, Bytes: 11, Signs: ScriptSigns{LongestRun: 2}}},
		Forms:       []Form{{Action: "/login", Method: "post", Inputs: 2}, {Method: "get"}},
		Frames:      []Frame{{Src: "//ads.example/f"}, {Src: "tag"}},
		Images:      []string{"1.png", "pixel.gif"},
		Stylesheets: []Stylesheet{{Href: "main.css"}},
		Counts:      Counts{Links: 1, Scripts: 2, Forms: 2, Frames: 2, Images: 3, Stylesheets: 1},

		InlineScripts: 1, InlineScriptBytes: len(`never run`) + len(`go( "<p>" )`),
		DistinctTags: 22, Attributes: 15, Depth: 3, Closed: true, Opening: "h1+p>b+a",

		// Of these the other tests say what is in them.
		TagPaths: got.TagPaths, Vocabulary: got.Vocabulary, Blocks: got.Blocks, Simhash: got.Simhash,
	}
	want.Scripts[1].Fingerprint = got.Scripts[1].Fingerprint
	if !reflect.DeepEqual(*got, want) {
		t.Errorf("got  %+v\nwant %+v", *got, want)
	}
}

// A page that means harm costs no more than one of its size, and leaves a
// bounded outline.
func TestOutlineOfHostilePages(t *testing.T) {
	t.Parallel()
	const size = 1 << 20
	for name, unit := range map[string]string{
		"less-than signs":     "<",
		"nested elements":     "<div>",
		"nested noscripts":    "<noscript>",
		"unclosed raw text":   "<title>",
		"unclosed comments":   "<!--",
		"NULs":                "\x00",
		"invalid UTF-8":       "\xff\xfe\xc3",
		"invented elements":   "<aa\x00b><zz-9>",
		"long links":          `<a href="` + strings.Repeat("x", 5000) + `">`,
		"many links":          `<a href=x>`,
		"entities":            "&amp;&#x41;&notanentity",
		"attributes":          `<p a=1 b c='`,
		"end tags":            "</div></p></noscript>",
		"scripts in scripts":  "<script><!--<script>",
		"templates and svg":   "<template><svg><math>",
		"unclosed attributes": `<a href="`,
		"attribute names":     "<a " + strings.Repeat("b ", size/4) + ">",
		"headings":            "<h1>many words here ",
		"robots":              "<meta name=robots content=noindex>",
		"languages":           "<link rel=alternate hreflang=en href=x>",
		"elements of a form":  "<form><input><script></script><iframe></iframe><img src=x><link rel=stylesheet href=x>",
		"templates in code":   "<script>" + strings.Repeat("`${", size/4),
		"strings in code":     "<script>" + strings.Repeat(`'\`, size/4),
		"styles":              "<p style='" + strings.Repeat("left:-9;", size/16) + "'>",
		"ideographs":          "日本",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			body := bytes.Repeat([]byte(unit), size/len(unit))
			o := readOutline(body)
			if !utf8.ValidString(o.Text) || !utf8.ValidString(o.Title) {
				t.Error("the text is not valid UTF-8")
			}
			// A byte that is not UTF-8 becomes three.
			if len(o.Text) > 3*size || len(o.Title) > maxLine {
				t.Errorf("%d bytes of text, %d of title", len(o.Text), len(o.Title))
			}
			for kind, kept := range map[string]struct{ n, limit int }{
				"links": {len(o.Links), maxKept}, "scripts": {len(o.Scripts), maxKept}, "forms": {len(o.Forms), maxKept},
				"frames": {len(o.Frames), maxKept}, "images": {len(o.Images), maxKept}, "style sheets": {len(o.Stylesheets), maxKept},
				"words": {len(o.Vocabulary), maxWords}, "blocks": {len(o.Blocks), maxBlocks}, "paths": {len(o.TagPaths), maxPaths},
				"headings": {len(o.H1), maxHeadings}, "hreflangs": {len(o.Hreflangs), maxHreflangs},
			} {
				if kept.n > kept.limit {
					t.Errorf("%d %s kept, at most %d are to be", kept.n, kind, kept.limit)
				}
			}
			for _, link := range o.Links {
				if len(link.Href) > maxURL {
					t.Fatalf("an address of %d bytes kept", len(link.Href))
				}
			}
			for _, line := range append(o.H1, o.Robots, o.FirstWords, o.Description) {
				if len(line) > maxLine {
					t.Errorf("a line of %d bytes kept", len(line))
				}
			}
		})
	}
}

func TestOutlineKeepsNothingOfTheBody(t *testing.T) {
	t.Parallel()
	body := []byte(`<title>Title</title><h1>Head</h1><a href="/link">text</a>`)
	o := readOutline(body)
	for i := range body {
		body[i] = 'X'
	}
	if o.Title != "Title" || o.Text != "Head text" || o.H1[0] != "Head" || o.FirstWords != "Head text" || o.Links[0].Href != "/link" {
		t.Errorf("the outline changed with the body: %+v", o)
	}
}

func TestTags(t *testing.T) {
	t.Parallel()
	for i, name := range tagNames[1:] {
		if TagNamed(name) != Tag(i+1) || Tag(i+1).String() != name {
			t.Errorf("%q is listed twice, or is not tag %d", name, i+1)
		}
		if o := readOutline([]byte("<" + strings.ToUpper(name) + ">")); o.Tags[i+1] != 1 {
			t.Errorf("<%s> is not recognised", name)
		}
	}
	if TagNamed("other") != OtherTag || TagNamed("blink-182") != OtherTag || Tag(255).String() != "other" {
		t.Error("an unknown element must be the other tag")
	}
}

func TestIsHTML(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		contentType, body string
		want              bool
	}{
		{"text/html", "", true},
		{"Text/HTML; charset=utf-8", "{}", true},
		{" application/xhtml+xml", "", true},
		{"application/json", "<html>", false},
		{"", "<!doctype html>", true},
		{"", "plain", false},
		{"", "", false},
	} {
		page := &Page{Body: []byte(test.body)}
		if test.contentType != "" {
			page.Header = http.Header{"Content-Type": {test.contentType}}
		}
		if page.IsHTML() != test.want {
			t.Errorf("content type %q, body %q: got %t", test.contentType, test.body, !test.want)
		}
	}
}
