// Package htmlstats is the plugin that learns what is normal for a page, and
// says when the page changes more than it should.
//
// It looks at a page in three ways. Numbers (sizes, counts of elements) are
// compared with those of the last versions. Sets (hosts of scripts and frames,
// targets of forms, titles, code in the page) are searched for what was never
// there; how much that counts depends on how often this very page brings such
// news. And the structure and vocabulary are compared with those of the version
// before. Each reason is worth points, and their sum is the score.
//
// A page whose score alarms is set aside: it teaches nothing, so a defacement
// cannot make itself normal. A page that stays as it has become is adopted
// after a few checks, unless what is new bears on security: that stays an alarm
// until somebody accepts it.
package htmlstats

import (
	"context"
	"slices"

	"webmon/plugins"
	"webmon/plugins/selector"
)

// Definition describes the plugin.
func Definition() plugins.Definition {
	return plugins.Definition{
		Name:    "htmlstats",
		Doc:     "What an HTML page is made of, and whether it leaves what is normal for it.",
		When:    "the points of all that is unusual reach the profile's mark, or something else came in place of the page",
		Metrics: metricDocs(),
		Options: optionDocs(),
		New:     New,
	}
}

type htmlstats struct {
	profile profile
	k       float64
	ignored [numMetrics]bool
	skipped selector.Selection // elements that are no part of the page

	selectors []string // of skipped, as they were given
}

// Inspect implements [plugins.Plugin]. Only complete, good answers are looked
// at; all others say nothing of the page and teach nothing.
func (h *htmlstats) Inspect(_ context.Context, page *plugins.Page, past []byte) (plugins.Report, error) {
	m := new(memory)
	body, known := m.readHead(past)
	if page.Err != nil || page.Truncated || page.Status < 200 || page.Status > 399 {
		if !known {
			past = nil
		}
		return plugins.Report{Past: past}, nil
	}
	isHTML := page.IsHTML()
	same := known && m.hash == page.Hash() && m.isHTML == isHTML
	calm := assessment{structure: 1, vocabulary: 1, unchanged: true}
	if same && m.calm && m.checks == manyChecks {
		return plugins.Report{Metrics: m.metrics(&calm), Past: past}, nil
	}
	if !known || !m.readBody(body) {
		*m, same = memory{}, false
	}
	if same && m.calm {
		m.checks++
		return plugins.Report{Metrics: m.metrics(&calm), Past: m.encode()}, nil
	}
	return h.inspect(m, h.measure(page, isHTML), page.Hash(), same), nil
}

// inspect judges a version and remembers it.
func (h *htmlstats) inspect(m *memory, v *version, hash uint64, same bool) plugins.Report {
	a := h.assess(m, v)
	a.unchanged = same
	m.lastNormal = m.normal()
	m.hash, m.isHTML, m.calm = hash, v.isHTML, false
	m.show(v)
	report := plugins.Report{Metrics: m.metrics(&a)}
	report.Findings = h.settle(m, v, &a, a.score >= h.profile.alarm)
	report.Changed = slices.ContainsFunc(report.Findings, func(f plugins.Finding) bool { return f.Verdict != "" })
	if m.calm {
		m.lastNormal = nil // it is the page itself
	}
	report.Past = m.encode()
	return report
}

// settle says what is to be said of a version, and learns it or sets it aside.
func (h *htmlstats) settle(m *memory, v *version, a *assessment, alarm bool) (findings []plugins.Finding) {
	s := stateOf(v, a)
	switch {
	case m.isAccepted(&s, a, alarm):
		m.knowAll(a.news)
		m.adopt(v, append(a.accepted, a.deviations...), a.used)
		m.calm = true
	case a.instead != "":
		findings = append(findings, inconclusive(m, v, a.instead))
		m.aside = &s // to be accepted; it is never adopted
	case alarm && m.isVariant(&s, a, h.profile.alarm):
		findings = append(findings, plugins.Finding{
			Severity: plugins.Info, Code: knownVariant, Message: "The page is in another state, which it has been in before.",
		})
	case alarm:
		findings = h.findings(m, v, a, true)
		m.bring(a.news)
		switch {
		case m.setAside(s, v.at):
			m.adopt(v, append(a.accepted, a.deviations...), a.used)
			m.calm = true
		case m.row >= relearnAfter && s.adoptable && m.isSettled(v.at):
			m.startAnew(v)
			m.calm = true
		}
	default:
		if a.score >= h.profile.notice {
			findings = h.findings(m, v, a, false)
		}
		m.endEpisode()
		if len(a.used) > 0 {
			m.adopt(v, a.accepted, a.used)
		} else {
			m.learn(v)
		}
		m.calm = true
	}
	return findings
}

// metrics lists what the last page measures, sorted by name. An element that
// was never there is left out.
func (m *memory) metrics(a *assessment) []plugins.Metric {
	list := make([]plugins.Metric, 0, 80)
	derived := a.metrics(m.isHTML)
	for _, id := range byName {
		switch {
		case !m.isHTML && id != pageBytes:
			continue
		case id.isTag() && !m.everSeen(int(id.tag())):
			continue
		}
		for len(derived) > 0 && derived[0].Name < names[id] {
			list, derived = append(list, derived[0]), derived[1:]
		}
		list = append(list, plugins.Metric{Name: names[id], Value: float64(m.last[id])})
	}
	return append(list, derived...)
}

// metrics lists what an assessment measures, sorted by name.
func (a *assessment) metrics(isHTML bool) []plugins.Metric {
	unchanged := 0.0
	if a.unchanged {
		unchanged = 1
	}
	if !isHTML {
		return []plugins.Metric{{Name: scoreName, Value: a.score}, {Name: unchangedName, Value: unchanged}}
	}
	return []plugins.Metric{
		{Name: scoreName, Value: a.score},
		{Name: structureName, Value: round6(a.structure)},
		{Name: unchangedName, Value: unchanged},
		{Name: vocabularyName, Value: round6(a.vocabulary)},
	}
}
