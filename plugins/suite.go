package plugins

import (
	"context"
	"fmt"
	"math"
	"slices"
)

// Suite is every plugin, configured for one asset, and what is asserted of it.
// One suite serves many goroutines at once. Make it with [Registry.Suite] or
// [Registry.Asserting].
type Suite struct {
	entries  []entry   // sorted by name
	asserted *asserted // nil without assertions
}

type entry struct {
	name   string
	plugin Plugin
}

// Outcome is what all plugins together say of one page.
type Outcome struct {
	Reports []Report // one a plugin, sorted by plugin name, and last that on assertions, if there are any; their Past is nil, Memory has it
	Verdict Verdict  // the worst that any finding says; Up when none says anything
	Changed bool     // a plugin says the page is not what it remembered
	Memory  []byte   // what to hand in at the next check; nil when nothing is to be remembered
}

// Inspect runs every plugin on page. memory is the Outcome.Memory of the
// previous check of the same asset, or nil; a damaged one counts as nil.
//
// A plugin that errs or panics gets a report with nothing but Error in it, and
// remembers what it remembered before. So does one that alarms about something
// that must never become normal; see [Suite.Never].
func (s *Suite) Inspect(ctx context.Context, page *Page, memory []byte) Outcome {
	outcome := Outcome{Verdict: Up, Reports: make([]Report, len(s.entries), len(s.entries)+1)}
	pasts, refused := decodeMemory(memory, s.entries)
	for i, e := range s.entries {
		report, err := e.inspect(ctx, page, pasts[i])
		if err != nil {
			outcome.Reports[i] = Report{Plugin: e.name, Error: err.Error()}
			continue
		}
		if !refuses(refused, e.name, report.Findings) {
			pasts[i] = report.Past
		}
		report.Past = nil
		report.Plugin = e.name
		report.Metrics = cleanMetrics(report.Metrics)
		report.Findings = cleanFindings(report.Findings)
		for _, finding := range report.Findings {
			outcome.Verdict = outcome.Verdict.Worse(finding.Verdict)
		}
		outcome.Changed = outcome.Changed || report.Changed
		outcome.Reports[i] = report
	}
	outcome.Memory = encodeMemory(s.entries, pasts, refused)
	if s.asserted != nil {
		report := s.asserted.report(s.asserted.of(page, outcome.Reports, outcome.Verdict))
		report.Findings = cleanFindings(report.Findings)
		for _, finding := range report.Findings {
			outcome.Verdict = outcome.Verdict.Worse(finding.Verdict)
		}
		outcome.Reports = append(outcome.Reports, report)
	}
	return outcome
}

// inspect calls the plugin and turns a panic, and a past that is too large to
// be remembered, into errors.
func (e entry) inspect(ctx context.Context, page *Page, past []byte) (report Report, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("plugin %s panicked: %v", e.name, cause)
		}
	}()
	report, err = e.plugin.Inspect(ctx, page, past)
	if err == nil && len(report.Past) > MaxPast {
		err = fmt.Errorf("plugin %s wants to remember %d bytes, the limit is %d", e.name, len(report.Past), MaxPast)
	}
	return report, err
}

// cleanMetrics drops values that are not finite and all but the first of
// metrics with the same name. It copies only when there is something to drop,
// and looks for duplicates cheaply when the names are sorted, as they mostly are.
func cleanMetrics(metrics []Metric) []Metric {
	clean := true
	for i, metric := range metrics {
		if !finite(metric.Value) || i > 0 && metrics[i-1].Name >= metric.Name {
			clean = false
			break
		}
	}
	if clean {
		return metrics
	}
	seen := make(map[string]bool, len(metrics))
	kept := make([]Metric, 0, len(metrics))
	for _, metric := range metrics {
		if finite(metric.Value) && !seen[metric.Name] {
			seen[metric.Name] = true
			kept = append(kept, metric)
		}
	}
	return kept
}

// cleanFindings takes numbers that are not finite out of findings, because
// JSON cannot hold them.
func cleanFindings(findings []Finding) []Finding {
	bad := func(f Finding) bool {
		return !finite(f.StdDev) || !finite(f.ZScore) || !finite(f.Points) || !finite(f.Observed.number) || !finite(f.Expected.number)
	}
	if !slices.ContainsFunc(findings, bad) {
		return findings
	}
	findings = slices.Clone(findings)
	for i := range findings {
		f := &findings[i]
		if !finite(f.StdDev) || !finite(f.ZScore) {
			f.StdDev, f.ZScore = 0, 0
		}
		if !finite(f.Points) {
			f.Points = 0
		}
		if !finite(f.Observed.number) {
			f.Observed = Value{}
		}
		if !finite(f.Expected.number) {
			f.Expected = Value{}
		}
	}
	return findings
}

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }
