package plugins

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// The oracle is golang.org/x/net/html's parser: on well-formed pages with
// every tag written out, its tree has exactly the elements that were sent.
func TestOutlineAgreesWithParser(t *testing.T) {
	t.Parallel()
	for seed := range uint64(200) {
		page := generatedPage(rand.New(rand.NewPCG(seed, 1)))
		root, err := html.Parse(strings.NewReader(page))
		if err != nil {
			t.Fatal(err)
		}
		var want [NumTags]int
		var text strings.Builder
		var links int
		for node := range root.Descendants() {
			switch {
			case node.Type == html.ElementNode:
				want[TagNamed(strings.ToLower(node.Data))]++
				for _, attribute := range node.Attr {
					if node.Data == "a" && attribute.Key == "href" {
						links++
					}
				}
			case node.Type == html.TextNode && node.Parent.Data != "script" && node.Parent.Data != "style" && node.Parent.Data != "title":
				text.WriteString(node.Data)
			}
		}
		got := readOutline([]byte(page))
		for i, count := range want {
			if got.Tags[i] != count {
				t.Errorf("seed %d: %d %s tags, the parser has %d", seed, got.Tags[i], Tag(i), count)
			}
		}
		if got.Counts.Links != links {
			t.Errorf("seed %d: %d links, the parser has %d", seed, got.Counts.Links, links)
		}
		// Blanks at the edges of elements are this package's own matter.
		blankless := func(s string) string { return strings.Join(strings.Fields(s), "") }
		if blankless(got.Text) != blankless(text.String()) {
			t.Errorf("seed %d: text %q, the parser has %q", seed, got.Text, text.String())
		}
	}
}

// generatedPage writes a well-formed page of random content, with no tag left
// out.
func generatedPage(random *rand.Rand) string {
	var page strings.Builder
	page.WriteString("<!DOCTYPE html><html><head><title>Generated &copy;</title><style>b>i{}</style></head><body>")
	var write func(depth int)
	write = func(depth int) {
		for range random.IntN(6) {
			switch kind := random.IntN(12); {
			case kind < 4 && depth < 6:
				name := []string{"div", "section", "ul", "x-box", "blockquote", "ARTICLE"}[random.IntN(6)]
				fmt.Fprintf(&page, "<%s class='c %d' data-x>", name, random.IntN(9))
				write(depth + 1)
				fmt.Fprintf(&page, "</%s>", name)
			case kind == 4:
				fmt.Fprintf(&page, `<a href="/item?a=%d&amp;b=2">item <b>%d</b> &lt;tag&gt;</a>`, random.IntN(99), random.IntN(99))
			case kind == 5:
				page.WriteString("<br><img src=x.png alt='a > b'><hr/>")
			case kind == 6:
				page.WriteString(`<script>if (a < b) { document.write("<p>x</p>") }</script>`)
			case kind == 7:
				page.WriteString("<!-- a comment with <p>tags</p> -->")
			case kind == 8:
				page.WriteString(`<svg viewBox="0 0 1 1"><linearGradient><stop/></linearGradient><path d="M0"/></svg>`)
			case kind == 9:
				page.WriteString("<table><tbody><tr><td>cell\n\t1</td><td></td></tr></tbody></table>")
			default:
				fmt.Fprintf(&page, "some wörds %d &eacute;\n ", random.IntN(999))
			}
		}
	}
	for range 5 {
		write(0)
	}
	page.WriteString("</body></html>")
	return page.String()
}

// FuzzOutline compares the tags of any input with those of the tokenizer's
// own, allocating interface. Noscript and foreign content are read differently
// on purpose, so inputs with them are only read.
func FuzzOutline(f *testing.F) {
	for _, seed := range []string{
		"", "<", "</", "<a", "<p>text", "<a href='x'>y</a>", "<!--", "<!doctype", "<title>a<b>", "<script><!--<script></script>",
		"\x00<\x00p>", "<P\x00>", "<textarea></textarea>", "&amp;&#0;", "<a/b=c/>", "</p attr>", "<noscript><iframe></noscript><p>",
		"<svg><title/></svg><math><p>", "<frame><br/><x-y>", "\xff<\xffp>", "<template><p>x", "<plaintext></plaintext><p>",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		before := bytes.Clone(body)
		got := readOutline(body)
		if !bytes.Equal(before, body) {
			t.Fatal("the body was changed")
		}
		var want [NumTags]int
		z := html.NewTokenizer(bytes.NewReader(body))
		for z.Next() != html.ErrorToken {
			token := z.Token()
			switch token.Data {
			case "noscript", "svg", "math":
				return
			}
			if token.Type == html.StartTagToken || token.Type == html.SelfClosingTagToken {
				want[TagNamed(token.Data)]++
			}
		}
		if got.Tags != want {
			t.Errorf("got %v\nwant %v", got.Tags, want)
		}
	})
}
