package plugins

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// BenchmarkOutline reads pages of about 30 KB.
func BenchmarkOutline(b *testing.B) {
	for name, write := range map[string]func(*strings.Builder, *rand.Rand){
		"list": writeListItem, "scripts": writeScriptElement, "text": writeParagraph,
		"generated": func(page *strings.Builder, random *rand.Rand) { page.WriteString(generatedPage(random)) },
	} {
		b.Run(name, func(b *testing.B) {
			var page strings.Builder
			page.WriteString(`<!DOCTYPE html><html lang=en><head><meta charset=utf-8><title>A page</title></head><body>`)
			for random := rand.New(rand.NewPCG(1, 1)); page.Len() < 30<<10; {
				write(&page, random)
			}
			page.WriteString("</body></html>")
			body := []byte(page.String())
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			for b.Loop() {
				readOutline(body)
			}
		})
	}
}

func writeListItem(page *strings.Builder, random *rand.Rand) {
	id := random.IntN(1e6)
	fmt.Fprintf(page, `<li class="item item-%d"><a class="title" href="/products/%d/%s?ref=list&amp;page=2" data-id="%d">`+
		`<img src="/thumbs/%d.jpg" alt="" width="120" height="80" loading="lazy"><h3>%s %s</h3></a>`+
		`<p class="price"><span>%d.%02d</span> <small>per %s</small></p><button type="button">Buy</button></li>`+"\n    ",
		id%7, id, word(random), id, id, word(random), word(random), id%900, id%100, word(random))
}

func writeScriptElement(page *strings.Builder, random *rand.Rand) {
	page.WriteString("<script>(function(w, d) {\n")
	for range 12 {
		fmt.Fprintf(page, "  var %s = w.%s || []; // %s\n  if (%s.length > %d && /^%s$/.test(d.title)) { %s.push({\"%s\": '%s', n: %d}); }\n",
			word(random), word(random), word(random), word(random), random.IntN(99), word(random),
			word(random), word(random), word(random), random.IntN(9999))
	}
	page.WriteString("})(window, document);</script>\n<p>" + word(random) + "</p>")
}

func writeParagraph(page *strings.Builder, random *rand.Rand) {
	page.WriteString("<p>")
	for i := range 80 {
		if i%20 == 10 {
			fmt.Fprintf(page, `<a href="/wiki/%s">%s</a>, `, word(random), word(random))
		}
		page.WriteString(word(random) + " ")
	}
	page.WriteString("</p>\n")
}

// word makes one of some thousand words of one to three syllables.
func word(random *rand.Rand) string {
	syllables := []string{"ba", "ter", "in", "gos", "le", "man", "ro", "vi", "sta", "ken", "pol", "dun"}
	var word strings.Builder
	for range 1 + random.IntN(3) {
		word.WriteString(syllables[random.IntN(len(syllables))])
	}
	return word.String()
}
