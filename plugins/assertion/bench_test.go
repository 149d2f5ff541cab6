package assertion_test

import (
	"strings"
	"testing"

	"webmon/plugins/assertion"
)

// What assertions cost at each check, and once when they are first met.
func BenchmarkJudge(b *testing.B) {
	worst := values()
	worst["seo.title"] = strings.Repeat("a", 4096)
	for name, source := range map[string]string{
		"number":   "status == 200",
		"three":    "status == 200 && timing.total < 0.3 && page.links_count > 5",
		"text":     `lower(seo.title) contains "shop" && header["content-type"] startsWith "text/"`,
		"regex":    `seo.title matches "^A S.op"`,
		"costly":   `seo.title matches "(.*.*.*.*.*){9}$"`,
		"lacking":  "timing.ttfb < 0.3",
		"failing":  "timing.total > 0.3",
		"in range": "status in 200..299",
	} {
		b.Run(name, func(b *testing.B) {
			page := values()
			if name == "costly" {
				page = worst
			}
			a, err := assertion.Compile(source, vocabulary())
			if err != nil {
				b.Fatal(err)
			}
			all := []*assertion.Assertion{a}
			b.ReportAllocs()
			for b.Loop() {
				assertion.Judge(all, page)
			}
		})
	}
}

func BenchmarkCompile(b *testing.B) {
	v := vocabulary()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := assertion.Compile("status == 200 && timing.total < 0.3 && page.links_count > 5", v); err != nil {
			b.Fatal(err)
		}
	}
}
