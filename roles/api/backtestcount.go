package api

import (
	"encoding/json"
	"slices"
	"strings"

	"webmon/plugins"
	"webmon/store"
	"webmon/store/secret"
)

// backtest counts what plugin options would have found in stored results.
type backtest struct {
	options map[string]json.RawMessage
	asserts []plugins.Assertion // to be tried; nil: each asset's own
	can     []string            // the plugins that judge again
	report  backtestReport

	asset                 *store.Asset
	secrets               *strings.Replacer // of the asset, as hider makes it
	alarmed, triedAlarmed bool              // the check before
}

// begin turns to another asset.
func (b *backtest) begin(asset *store.Asset) {
	b.asset, b.secrets, b.alarmed, b.triedAlarmed = asset, asset.Hider(), false, false
}

// judge takes in a result and what is found in it now, report by report.
func (b *backtest) judge(r *store.Result, found []plugins.Rejudged) {
	counts := !r.At.Before(b.report.From)
	alarmed, tried, verdict := false, false, plugins.Up
	for i := range r.Reports {
		alarmed = alarmed || alarming(r.Reports[i].Findings)
	}
	for i := range found {
		tried = tried || alarming(found[i].Findings)
		for _, f := range found[i].Findings {
			verdict = verdict.Worse(f.Verdict)
		}
		if !counts {
			continue
		}
		name := found[i].Plugin
		if found[i].Estimate {
			b.report.Estimated = note(b.report.Estimated, name)
		} else if name != plugins.AssertionsName && !slices.Contains(b.can, name) {
			b.report.Kept = note(b.report.Kept, name)
		}
	}
	if counts {
		b.report.Checks++
		b.report.Stored.add(alarmed, b.alarmed)
		b.report.Tried.add(tried, b.triedAlarmed)
		if tried && !b.triedAlarmed && len(b.report.Alerts) < maxBacktestAlerts {
			b.report.Alerts = append(b.report.Alerts, backtestAlert{
				Asset: b.asset.ID, URL: secret.MaskURL(b.asset.URL), At: r.At, Verdict: verdict, OpenedBefore: alarmed, Findings: viewAlarms(found, b.secrets),
			})
		}
	}
	b.alarmed, b.triedAlarmed = alarmed, tried
}

func (c *backtestCounts) add(alarmed, before bool) {
	if alarmed {
		c.Alarmed++
		if !before {
			c.Opened++
		}
	}
}

func note(names []string, name string) []string {
	if slices.Contains(names, name) {
		return names
	}
	return append(names, name)
}

func alarming(findings []plugins.Finding) bool {
	return slices.ContainsFunc(findings, func(f plugins.Finding) bool { return f.Alarming() })
}

func viewAlarms(found []plugins.Rejudged, secrets *strings.Replacer) []backtestFinding {
	view := []backtestFinding{}
	for i := range found {
		for j := range found[i].Findings {
			if f := &found[i].Findings[j]; f.Alarming() {
				shown := backtestFinding{Plugin: found[i].Plugin, Finding: viewFinding(f)}
				if secrets != nil {
					shown.hide(secrets)
				}
				view = append(view, shown)
			}
		}
	}
	return view
}
