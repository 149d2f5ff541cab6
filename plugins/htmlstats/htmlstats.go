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
)

// Definition describes the plugin.
func Definition() plugins.Definition {
	return plugins.Definition{
		Name:    "htmlstats",
		Doc:     "What an HTML page is made of, and whether it leaves what is normal for it.",
		Metrics: metricDocs(),
		Options: optionDocs(),
		New:     New,
	}
}

type htmlstats struct {
	profile profile
	k       float64
	ignored [numMetrics]bool
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
	unchanged := known && m.calm && m.hash == page.Hash() && m.isHTML == isHTML
	if unchanged && m.checks == manyChecks {
		return plugins.Report{Metrics: m.metrics(&assessment{structure: 1, vocabulary: 1}), Past: past}, nil
	}
	if !known || !m.readBody(body) {
		*m = memory{}
		unchanged = false
	}
	if unchanged {
		m.checks++
		return plugins.Report{Metrics: m.metrics(&assessment{structure: 1, vocabulary: 1}), Past: m.encode()}, nil
	}
	return h.inspect(m, measure(page, isHTML), page.Hash()), nil
}

// inspect judges a version and remembers it.
func (h *htmlstats) inspect(m *memory, v *version, hash uint64) plugins.Report {
	a := h.assess(m, v)
	m.hash, m.isHTML, m.calm = hash, v.isHTML, false
	m.show(v)
	report := plugins.Report{Metrics: m.metrics(&a)}
	s := stateOf(v, &a)
	switch alarm := a.score >= h.profile.alarm; {
	case a.instead != "":
		report.Findings = append(report.Findings, inconclusive(m, v, a.instead))
		report.Changed = true
	case alarm && m.isVariant(&s):
		report.Findings = append(report.Findings, plugins.Finding{
			Severity: plugins.Info, Code: "known_variant", Message: "The page is in another state, which it has been in before.",
		})
	case alarm:
		report.Findings = h.findings(m, v, &a, true)
		report.Changed = true
		switch {
		case m.setAside(s):
			m.adopt(v, a.deviations)
			m.calm = true
		case m.row >= relearnAfter && s.adoptable:
			m.startAnew(v)
			m.calm = true
		}
	default:
		if a.score >= h.profile.notice {
			report.Findings = h.findings(m, v, &a, false)
		}
		m.endEpisode()
		m.learn(v)
		m.calm = true
	}
	report.Past = m.encode()
	return report
}

// Accept takes note that the page that alarms is normal from now on: when it
// is seen again, it is learned. It returns what to remember instead of past.
// When nothing alarms, or past cannot be read, it returns past.
func Accept(past []byte) []byte {
	m := new(memory)
	body, ok := m.readHead(past)
	if !ok || !m.readBody(body) || m.aside == nil {
		return past
	}
	m.aside.accepted = true
	return m.encode()
}

// metrics lists what the last page measures, sorted by name. An element that
// was never there is left out.
func (m *memory) metrics(a *assessment) []plugins.Metric {
	list := make([]plugins.Metric, 0, 80)
	for _, id := range byName {
		switch {
		case !m.isHTML && id != pageBytes:
			continue
		case id.isTag() && !m.everSeen(int(id.tag())):
			continue
		}
		list = append(list, plugins.Metric{Name: names[id], Value: float64(m.last[id])})
	}
	list = append(list, plugins.Metric{Name: scoreName, Value: round6(a.score)})
	if m.isHTML {
		list = append(list, plugins.Metric{Name: structureName, Value: round6(a.structure)}, plugins.Metric{Name: vocabularyName, Value: round6(a.vocabulary)})
	}
	slices.SortFunc(list, func(a, b plugins.Metric) int {
		switch {
		case a.Name < b.Name:
			return -1
		case a.Name > b.Name:
			return 1
		}
		return 0
	})
	return list
}
