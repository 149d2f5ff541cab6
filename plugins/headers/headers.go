// Package headers is the plugin that scores the security headers of an answer
// after the public rules of the Mozilla Observatory, and says when one that
// was there is gone.
package headers

import (
	"context"
	"encoding/json"
	"fmt"

	"webmon/plugins"
)

// Definition describes the plugin.
func Definition() plugins.Definition {
	return plugins.Definition{
		Name: "headers",
		Doc:  "How well the answer's headers protect its visitors, and whether a protection was lost.",
		Metrics: []plugins.MetricDoc{
			{Name: "cookies_count", Unit: "count", Doc: "Cookies that the answer sets."},
			{Name: "protections_count", Unit: "count", Doc: "Protections that are there, of those that the facts name."},
			{Name: "score_points", Unit: "points", Doc: "0 to 100 after the rules of the Mozilla Observatory, without those that need more than one answer."},
			{Name: "unprotected_cookies_count", Unit: "count", Doc: "Cookies without Secure, or for sessions without HttpOnly."},
		},
		New: New,
	}
}

type headers struct{}

// New makes the plugin. It takes no options.
func New(raw json.RawMessage) (plugins.Plugin, error) {
	if err := plugins.DecodeOptions(raw, &struct{}{}); err != nil {
		return nil, err
	}
	return headers{}, nil
}

// Inspect implements [plugins.Plugin]. It never looks at the body. Only good
// answers count: errors often come from another server, without the headers.
//
// A header that is gone may be one server of many that is set up wrongly, so
// the first checks without it are a warning and no more. When it stays away
// the asset is degraded: it works, but protects its visitors less.
func (headers) Inspect(_ context.Context, page *plugins.Page, past []byte) (plugins.Report, error) {
	m, known := decode(past)
	if page.Err != nil || page.Status < 200 || page.Status > 299 {
		if !known {
			past = nil
		}
		return plugins.Report{Past: past}, nil
	}
	now := assess(page)
	missed := m.learn(now.protections)
	report := plugins.Report{
		Metrics: []plugins.Metric{
			{Name: "cookies_count", Value: float64(now.cookies.all)},
			{Name: "protections_count", Value: float64(now.protections.count())},
			{Name: "score_points", Value: float64(now.score)},
			{Name: "unprotected_cookies_count", Value: float64(now.cookies.unprotected)},
		},
		Facts: now.facts,
		Past:  m.encode(),
	}
	for p, checks := range missed {
		if checks == 0 {
			continue
		}
		finding := plugins.Finding{
			Severity: plugins.Warning, Code: protections[p].name + "_lost", Metric: "score_points",
			Message:  fmt.Sprintf("%s was there until now, and is gone.", protections[p].what),
			Observed: plugins.Text("none"), Expected: plugins.Text(protections[p].name),
		}
		if checks >= plugins.StreakAgree {
			finding.Verdict = plugins.Degraded
		}
		report.Findings = append(report.Findings, finding)
	}
	report.Changed = len(report.Findings) > 0
	return report, nil
}
