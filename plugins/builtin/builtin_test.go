package builtin_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"webmon/plugins"
	"webmon/plugins/builtin"
	"webmon/plugins/plugintest"
)

func TestRegistry(t *testing.T) {
	t.Parallel()
	var names []string
	for _, def := range builtin.Registry().Definitions() {
		names = append(names, def.Name)
		if def.When == "" {
			t.Errorf("%s does not say when it speaks up", def.Name)
		}
	}
	want := []string{
		"availability", "blockpage", "content", "defacement", "extract", "fingerprint", "headers", "htmlstats", "jsonshape", "protocol", "seo", "thirdparty", "timing", "tlscert",
	}
	if !slices.Equal(names, want) {
		t.Errorf("the built-in plugins are %v, want %v", names, want)
	}
}

func TestConformance(t *testing.T) {
	t.Parallel()
	for _, def := range builtin.Registry().Definitions() {
		t.Run(def.Name, func(t *testing.T) {
			t.Parallel()
			plugintest.Run(t, def)
		})
	}
}

// All plugins together, over all pages in turn, with one memory.
func TestSuite(t *testing.T) {
	t.Parallel()
	registry := builtin.Registry()
	suite, err := registry.Suite(nil)
	if err != nil {
		t.Fatal(err)
	}
	var memory []byte
	for range 3 {
		for _, named := range plugintest.Pages(t) {
			outcome := suite.Inspect(t.Context(), named.New(), memory)
			if len(outcome.Reports) != len(registry.Definitions()) || outcome.Verdict.Rank() < plugins.Up.Rank() {
				t.Errorf("page %q: %d reports, verdict %q", named.Name, len(outcome.Reports), outcome.Verdict)
			}
			for _, report := range outcome.Reports {
				if report.Error != "" {
					t.Errorf("page %q: %s", named.Name, report.Error)
				}
				// Else each check pays for a map in which to look for names given twice.
				if !slices.IsSortedFunc(report.Metrics, func(a, b plugins.Metric) int { return strings.Compare(a.Name, b.Name) }) {
					t.Errorf("page %q: the metrics of %s are not sorted: %v", named.Name, report.Plugin, report.Metrics)
				}
			}
			memory = outcome.Memory
		}
	}
}

// The whole cost of a check's plugins, the page unchanged or another each time.
func BenchmarkSuite(b *testing.B) {
	suite, err := builtin.Registry().Suite(nil)
	if err != nil {
		b.Fatal(err)
	}
	for name, bodies := range map[string]int{"calm": 1, "lively": 2} {
		b.Run(name, func(b *testing.B) {
			var pages [2][]byte
			for i := range pages {
				item := fmt.Sprintf("<li class=item><a href='/item'>An item</a> of <b>the %d. list</b> with text</li>\n", i)
				pages[i] = []byte("<!doctype html><html><body><ul>" + strings.Repeat(item, 350) + "</ul></body></html>")
			}
			header := http.Header{"Content-Type": {"text/html"}}
			var memory []byte
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				page := &plugins.Page{Status: 200, Header: header, Body: pages[i%bodies]}
				memory = suite.Inspect(b.Context(), page, memory).Memory
				i++
			}
			b.ReportMetric(float64(len(memory)), "memory-bytes")
		})
	}
}
