package plugins

import (
	"net/http"
	"slices"
	"strings"
	"testing"
)

func TestOutlineLines(t *testing.T) {
	t.Parallel()
	for source, want := range map[string][]string{
		"":                                     nil,
		"<p> </p>":                             nil,
		"one":                                  {"one"},
		"<h1>One</h1><p>two <b>three</b> four": {"One", "two three four"},
		"<ul><li>a<li>b</ul><p><p>c":           {"a", "b", "c"},
		"a<br>b<hr>c":                          {"a", "b", "c"},
		"a <img> b<input>c":                    {"a b c"},
		"<table><tr><th>a<td>b<tr><td>c<td>d<p>e</table>": {"a b", "c d", "e"},
		"a<script>x</script>b":                            {"a b"},
		"<div>a<div>b</div>c</div>":                       {"a", "b", "c"},
	} {
		o := readOutline([]byte(source))
		var got []string
		start := 0
		for _, end := range o.Lines {
			got = append(got, strings.TrimSpace(o.Text[start:end]))
			start = end
		}
		if start != len(o.Text) || !slices.Equal(got, want) {
			t.Errorf("%s: lines %q of %q, want %q", source, got, o.Text, want)
		}
	}
	if o := readOutline([]byte(strings.Repeat("<p>a", 3*maxLines))); len(o.Lines) != maxLines {
		t.Errorf("%d lines, want %d", len(o.Lines), maxLines)
	}
}

func TestWithBody(t *testing.T) {
	t.Parallel()
	page := &Page{URL: "http://site.example/", Status: 200, Header: http.Header{"X": {"y"}}, Body: []byte("<title>a"), Redirects: []Hop{{Status: 301}}}
	if page.WithBody([]byte("<title>a")) != page {
		t.Error("the same body makes another page")
	}
	if page.Outline().Title != "a" || page.Hash() == 0 {
		t.Errorf("title %q", page.Outline().Title)
	}
	other := page.WithBody([]byte("<title>b"))
	if other.Outline().Title != "b" || other.Hash() == page.Hash() || other.URL != page.URL || other.Status != 200 || len(other.Redirects) != 1 || other.Header.Get("X") != "y" {
		t.Errorf("got %+v", other)
	}
	if page.Outline().Title != "a" {
		t.Error("the first page was changed")
	}
}
