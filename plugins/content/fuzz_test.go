package content

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"webmon/plugins"
)

func FuzzSummary(f *testing.F) {
	f.Add([]byte(nil))
	f.Add((&summary{body: 1, text: 2, isHTML: true, textBytes: 300, words: 40, title: "Title", kept: keep([]byte("text"))}).encode())
	f.Fuzz(func(t *testing.T, b []byte) {
		s, ok := decode(b)
		if !ok {
			return
		}
		if again, ok := decode(s.encode()); !ok || !reflect.DeepEqual(again, s) {
			t.Errorf("%+v became %+v", s, again)
		}
		s.remembered()
	})
}

func FuzzInspect(f *testing.F) {
	f.Add("text/html", "<p>a. b<td>c", "<p>a. c<td class=ad>c")
	f.Add("text/plain", "a\nb 2026-11-22", "b\na\x00")
	f.Add("application/json", `{"a": 1}`, `{"a": [1, "2"]}`)
	f.Add("application/xml", `<a><b/></a>`, ``)
	f.Fuzz(func(t *testing.T, kind, before, after string) {
		for _, options := range []string{"", `{"watch": ["p", "td"], "ignore": [".ad"], "mask": ["dates", "numbers"]}`} {
			a := newAsset(t, options)
			a.check(page(kind, before))
			report := a.check(page(kind, after))
			for _, finding := range report.Findings {
				if finding.Message == "" || !utf8.ValidString(finding.Message) || len(finding.Evidence) > 10 {
					t.Errorf("finding %+v", finding)
				}
				for _, piece := range finding.Evidence {
					if len(piece) > 200 || len(piece) < 3 || !utf8.ValidString(piece) {
						t.Errorf("evidence %q", piece)
					}
				}
			}
			if diff := report.Facts["diff"]; len(diff) > 2000 || !utf8.ValidString(diff) || len(a.past) > 12<<10 {
				t.Errorf("diff %q, past of %d bytes", diff, len(a.past))
			}
			if again := a.check(page(kind, after)); again.Changed {
				t.Errorf("unchanged, and yet %+v", again.Findings)
			}
		}
	})
}

func BenchmarkInspectUnchanged(b *testing.B) {
	a := newAsset(b, "")
	unchanged := page("text/html", strings.Repeat("<p>some text</p>", 2000))
	a.check(unchanged)
	b.ReportAllocs()
	for b.Loop() {
		a.check(&plugins.Page{Status: 200, Header: unchanged.Header, Body: unchanged.Body})
	}
}

// BenchmarkInspectChanged reads a page of 30 KB with 300 lines, of which one is
// another each time. What the page alone costs is shared with other plugins.
func BenchmarkInspectChanged(b *testing.B) {
	words := strings.Fields(news)
	var bodies [2]string
	for i := range bodies {
		var body strings.Builder
		for n := range 250 {
			fmt.Fprintf(&body, "<li class=item><a href='/item/%d'>Item %d</a> %s %s %s %s</li>\n", n, n, words[n%13+7], words[n%7+9], words[n%11+8], words[n%5+12])
		}
		fmt.Fprintf(&body, "<p>This is version %d of the page.", i)
		bodies[i] = body.String() + "<script>" + strings.Repeat("code();", (30<<10-body.Len())/7) + "</script>"
	}
	read := func(i int) *plugins.Page {
		page := page("text/html", bodies[i%2])
		page.Outline()
		page.Hash()
		return page
	}
	b.Run("page alone", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			read(0)
		}
	})
	for name, options := range map[string]string{"plain": "", "ignore": `{"ignore": [".ad", "#count"]}`, "masks": `{"mask": ["dates", "times"]}`} {
		b.Run(name, func(b *testing.B) {
			a := newAsset(b, options)
			i := 0
			b.ReportAllocs()
			for b.Loop() {
				a.check(read(i))
				i++
			}
			b.ReportMetric(float64(len(a.past)), "memory-bytes")
		})
	}
}
