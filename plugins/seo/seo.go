// Package seo is the plugin that looks at what a page tells search engines,
// and says when it shuts them out.
package seo

import (
	"context"

	"webmon/plugins"
)

// Definition describes the plugin.
func Definition() plugins.Definition {
	return plugins.Definition{
		Name: "seo",
		Doc:  "What an HTML page tells search engines, and whether it suddenly shuts them out.",
		When: "the page shuts out search engines, sends them to another site, or has lost its title",
		Metrics: []plugins.MetricDoc{
			{Name: "description_characters_count", Unit: "count", Doc: "Characters of the meta description, at most 300 bytes of it."},
			{Name: "h1_count", Unit: "count", Doc: "Headings of the first level."},
			{Name: "hreflangs_count", Unit: "count", Doc: "Links to the page in other languages, at most 200."},
			{Name: "indexable", Unit: "bool", Doc: "1 when neither header nor meta element forbids to index the page, else 0."},
			{Name: "title_characters_count", Unit: "count", Doc: "Characters of the title, at most 300 bytes of it."},
		},
		Facts: []plugins.FactDoc{
			{Name: "canonical", Doc: "The canonical address that the page names."},
			{Name: "description", Doc: "The meta description, at most 300 bytes of it."},
			{Name: "robots", Doc: "What the meta element robots says."},
			{Name: "title", Doc: "The title, at most 300 bytes of it."},
		},
		New: plugins.NoOptions(seo{}),
	}
}

type seo struct{}

// Inspect implements [plugins.Plugin]. Only complete, good HTML answers count.
// What a page never had is not missed.
func (seo) Inspect(_ context.Context, page *plugins.Page, past []byte) (plugins.Report, error) {
	m, known := decode(past)
	if !page.Good() || page.Truncated || !page.IsHTML() {
		return plugins.Nothing(past, known), nil
	}
	if key := pageKey(page); !known || m.key != key {
		m.key, m.now = key, look(page)
	}
	report := plugins.Report{
		Metrics: []plugins.Metric{
			{Name: "description_characters_count", Value: characters(m.now.description)},
			{Name: "h1_count", Value: float64(m.now.h1)},
			{Name: "hreflangs_count", Value: float64(m.now.hreflangs)},
			{Name: "indexable", Value: truth(m.now.noindex == "")},
			{Name: "title_characters_count", Value: characters(m.now.title)},
		},
		Facts:    m.now.facts(),
		Findings: m.judge(),
		Past:     m.encode(),
	}
	report.Changed = len(report.Findings) > 0
	return report, nil
}

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
