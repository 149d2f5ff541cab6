package seo

import (
	"fmt"

	"webmon/plugins"
)

// judge takes the page in and says what it has lost. Being shut out of search
// engines degrades a page at once: each day of it costs weeks. Of the others, a
// title is worth a look and the rest worth noting when it happens.
func (m *memory) judge() (findings []plugins.Finding) {
	s := m.now
	if m.traits[indexable].Learn(s.noindex == "") > 0 {
		findings = append(findings, plugins.Finding{
			Severity: plugins.Warning, Code: "noindex", Metric: "indexable",
			Message:  fmt.Sprintf("Search engines are now told not to show the page, by %s.", s.noindex),
			Observed: plugins.Number(0), Expected: plugins.Number(1), Verdict: plugins.Degraded,
		})
	}
	if m.traits[ownCanonical].Learn(s.canonicalSite == "") > 0 {
		findings = append(findings, plugins.Finding{
			Severity: plugins.Warning, Code: "foreign_canonical",
			Message:  fmt.Sprintf("Search engines are now told that the page's true address is at %s, another site.", s.canonicalSite),
			Observed: plugins.Text(s.canonical), Verdict: plugins.Degraded,
		})
	}
	if m.traits[titled].Learn(s.title != "") > 0 {
		findings = append(findings, plugins.Finding{
			Severity: plugins.Warning, Code: "title_gone", Metric: "title_characters_count",
			Message: "The page has no title any more.", Observed: plugins.Number(0),
		})
	}
	for _, lesser := range []struct {
		trait              int
		there              bool
		code, metric, what string
	}{
		{described, s.description != "", "description_gone", "description_characters_count", "description for search engines"},
		{headed, s.h1 > 0, "h1_gone", "h1_count", "heading of the first level"},
		{translated, s.hreflangs > 0, "hreflang_gone", "hreflangs_count", "link to itself in other languages"},
	} {
		if m.traits[lesser.trait].Learn(lesser.there) == 1 {
			findings = append(findings, plugins.Finding{
				Severity: plugins.Info, Code: lesser.code, Metric: lesser.metric,
				Message: fmt.Sprintf("The page has no %s any more.", lesser.what), Observed: plugins.Number(0),
			})
		}
	}
	return findings
}
