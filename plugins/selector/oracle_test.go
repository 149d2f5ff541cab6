package selector

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/andybalholm/cascadia"
	"golang.org/x/net/html"
)

// The oracle is golang.org/x/net/html's tree, searched by cascadia itself.
func TestAgreesWithParser(t *testing.T) {
	t.Parallel()
	found := 0
	for seed := range uint64(300) {
		random := rand.New(rand.NewPCG(seed, 1))
		page := generatedPage(random)
		root, err := html.Parse(strings.NewReader(page))
		if err != nil {
			t.Fatal(err)
		}
		for range 20 {
			source := generatedSelector(random)
			oracle, err := cascadia.ParseGroup(source)
			if err != nil {
				t.Fatalf("%s: %v", source, err)
			}
			want := marks(root, oracle)
			s := compile(t, source)
			var got []string
			s.keys["m"] = true
			for _, e := range readTree([]byte(page), s.keys).match(s) {
				got = append(got, mark(e.node))
				if source := page[e.span.start:e.span.end]; got[len(got)-1] != "" && !strings.Contains(source[:20], " m="+got[len(got)-1]+" ") {
					t.Errorf("seed %d: element %s is said to be %q", seed, mark(e.node), source)
				}
			}
			if !slices.Equal(got, want) {
				t.Fatalf("seed %d: %s matches %q, the parser's tree has %q\n%s", seed, source, got, want, page)
			}
			found += len(want)
		}
	}
	if found < 1000 {
		t.Errorf("only %d elements were found: the test says little", found)
	}
}

// marks returns the marks of the outermost elements that match.
func marks(node *html.Node, selector cascadia.Matcher) (list []string) {
	if node.Type == html.ElementNode && selector.Match(node) {
		return []string{mark(node)}
	}
	for child := range node.ChildNodes() {
		list = append(list, marks(child, selector)...)
	}
	return list
}

// mark returns the number of an element, nothing for one that is only implied.
func mark(node *html.Node) string {
	for _, attribute := range node.Attr {
		if attribute.Key == "m" {
			return attribute.Val
		}
	}
	return ""
}

// generatedPage writes an ordinary page in which end tags that may be left out
// sometimes are. Every element has a number as its mark.
func generatedPage(random *rand.Rand) string {
	var page strings.Builder
	count := 0
	start := func(name string) {
		count++
		fmt.Fprintf(&page, "<%s m=%d class='%s' title='t%d &gt;'>", name, count,
			[]string{"a", "b", "a c", "d-e"}[random.IntN(4)], random.IntN(3))
	}
	end := func(name string, optional bool) {
		if !optional || random.IntN(2) == 0 {
			fmt.Fprintf(&page, "</%s>", name)
		}
	}
	var write func(depth int)
	write = func(depth int) {
		for range 1 + random.IntN(4) {
			switch kind := random.IntN(9); {
			case kind < 4 && depth < 5:
				name := []string{"div", "section", "x-box", "ARTICLE"}[random.IntN(4)]
				start(name)
				write(depth + 1)
				end(name, false)
			case kind == 4:
				start("ul")
				for range 1 + random.IntN(4) {
					start("li")
					page.WriteString("item")
					end("li", true)
				}
				end("ul", false)
			case kind == 5:
				start("table")
				for range 1 + random.IntN(3) {
					start("tr")
					for range 1 + random.IntN(3) {
						name := []string{"td", "th"}[random.IntN(2)]
						start(name)
						page.WriteString("cell")
						end(name, true)
					}
					end("tr", true)
				}
				end("table", false)
			case kind == 6:
				start("p")
				page.WriteString("text ")
				start("b")
				page.WriteString("&amp; more</b></p>")
			case kind == 7:
				start("img")
				start("br")
				page.WriteString("<!-- <p> --><script>'<p>'</script>")
			default:
				start("svg")
				start("g")
				start("path")
				page.WriteString("</path></g></svg>")
			}
		}
	}
	if random.IntN(2) == 0 {
		page.WriteString("<!DOCTYPE html><html m=h ><head m=e >")
	}
	start("title")
	page.WriteString("A page</title>")
	if random.IntN(2) == 0 {
		page.WriteString("<body m=b >")
	}
	write(0)
	return page.String()
}

func generatedSelector(random *rand.Rand) string {
	simple := []string{"div", "p", "*", "li", "td", "tr", "tbody", "b", "section", "x-box", "ul", "img", "body", "svg", "path",
		".a", ".c", "[title]", "[title='t1 >']", "[class^=d]", "[m$='1']", ".a.c", "#x", "html", "article"}
	pseudo := []string{":first-child", ":last-child", ":nth-child(2n+1)", ":nth-child(3)", ":nth-last-child(2)", ":only-child", ":first-of-type",
		":last-of-type", ":nth-of-type(2)", ":only-of-type", ":not(.a)", ":not(div, p)", ":not(:first-child)", ":has(.a)", ":has(p, li)",
		":haschild(b)", ":not(:has(td))", ":root"}
	var selector strings.Builder
	for i := range 1 + random.IntN(4) {
		if i > 0 {
			selector.WriteString([]string{" ", " > ", "+", " ~", "  ", ">", " , "}[random.IntN(7)])
		}
		selector.WriteString(simple[random.IntN(len(simple))])
		if random.IntN(3) == 0 {
			selector.WriteString(pseudo[random.IntN(len(pseudo))])
		}
	}
	return selector.String()
}
