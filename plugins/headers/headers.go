// Package headers is the plugin that scores how an answer protects its visitors,
// by its headers and by what an HTML body adds to them, after the public rules
// of the Mozilla HTTP Observatory, and says when a protection is gone.
package headers

import (
	"context"
	"fmt"

	"github.com/cespare/xxhash/v2"

	"webmon/plugins"
)

// Definition describes the plugin.
func Definition() plugins.Definition {
	return plugins.Definition{
		Name: "headers",
		Doc:  "How well an answer's headers protect its visitors, and whether a protection was lost.",
		When: "a protection that was usual is gone",
		Metrics: []plugins.MetricDoc{
			{Name: "cookies_count", Unit: "count", Doc: "Cookies that the answer sets."},
			{Name: "protections_count", Unit: "count", Doc: "Protections that are there: https, HSTS, CSP, a CSP against scripts, nosniff, frames, referrer, cookies."},
			{Name: "score_points", Unit: "points", Doc: "After the rules of the Mozilla HTTP Observatory, as far as one answer shows: 100 less what is wrong, and more than 100 for what is better than it must be. The fact grade is its letter, A+ to F."},
			{Name: "unprotected_cookies_count", Unit: "count", Doc: "Cookies without Secure, or for sessions without HttpOnly."},
		},
		Facts: []plugins.FactDoc{
			{Name: "csp", Doc: "How strict the Content Security Policy is: none, invalid, … to \"strict, nothing by default\"."},
			{Name: "frame_protection", Doc: "What keeps other sites from framing the page, or none."},
			{Name: "grade", Doc: "The grade that the points stand for, A+ to F."},
			{Name: "hsts", Doc: "How HSTS is set, or none."},
			{Name: "integrity", Doc: "Whether scripts from other sites are pinned by a hash: yes, missing, not needed, …"},
			{Name: "nosniff", Doc: "Whether X-Content-Type-Options is nosniff: yes or none."},
			{Name: "referrer_policy", Doc: "What the Referrer-Policy gives away; private is best."},
		},
		New: plugins.NoOptions(headers{}),
	}
}

type headers struct{}

// Inspect implements [plugins.Plugin]. It reads the body only when it is HTML
// and another than at the check before. Only good answers count: errors often
// come from another server, without the headers.
//
// A header that is gone may be one server of many that is set up wrongly, so
// the first checks without it are a warning and no more. When it stays away
// the asset is degraded: it works, but protects its visitors less.
func (headers) Inspect(_ context.Context, page *plugins.Page, past []byte) (plugins.Report, error) {
	m, known := decode(past)
	if !page.Good() {
		return plugins.Nothing(past, known), nil
	}
	var d *document
	if page.IsHTML() {
		if key := page.Hash()*31 + xxhash.Sum64String(address(page)); !known || m.key != key {
			m.key, m.document = key, readDocument(page)
		}
		d = &m.document
	}
	now := assess(page, d)
	missed := m.learn(&now.protections)
	report := plugins.Report{
		Metrics: []plugins.Metric{
			{Name: "cookies_count", Value: float64(now.cookies.all)},
			{Name: "protections_count", Value: float64(now.count())},
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
