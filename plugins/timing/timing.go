// Package timing is the plugin that tells how long the phases of a fetch took,
// and when they take longer than is usual for the asset.
package timing

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"time"

	"webmon/plugins"
)

// Definition describes the plugin.
func Definition() plugins.Definition {
	return plugins.Definition{
		Name: "timing",
		Doc:  "How long each phase of an answered fetch took; a phase that was not needed took 0.",
		When: "checks in a row are slower than usual, or one takes longer than slow_after",
		Metrics: []plugins.MetricDoc{
			{Name: "connect_seconds", Unit: "seconds", Doc: "TCP connections, all redirects together."},
			{Name: "dns_seconds", Unit: "seconds", Doc: "Name resolution, all redirects together."},
			{Name: "first_byte_seconds", Unit: "seconds", Doc: "From the last request to the first byte of its answer.", Alias: "ttfb"},
			{Name: "tls_seconds", Unit: "seconds", Doc: "TLS handshakes, all redirects together."},
			{Name: "total_seconds", Unit: "seconds", Doc: "From the start of the check to the end of the body."},
			{Name: "transfer_seconds", Unit: "seconds", Doc: "From the first byte of the answer to the end of the body."},
		},
		Options: []plugins.OptionDoc{
			{Name: "drift", Type: "true or false", Default: "true", Doc: "Whether to warn when checks in a row are slower than is usual for the asset."},
			{Name: "slow_after", Type: "duration", Default: "none", Doc: `An answer that takes longer in all, such as "2s", is a warning.`},
		},
		New: New,
	}
}

type timing struct {
	slowAfter time.Duration // 0: never slow
	drift     bool
}

type options struct {
	SlowAfter string `json:"slow_after"`
	Drift     bool   `json:"drift"`
}

// New makes the plugin. See [Definition] for the options.
func New(raw json.RawMessage) (plugins.Plugin, error) {
	o := options{Drift: true}
	if err := plugins.DecodeOptions(raw, &o); err != nil {
		return nil, err
	}
	if o.SlowAfter == "" {
		return &timing{drift: o.Drift}, nil
	}
	limit, err := time.ParseDuration(o.SlowAfter)
	if err != nil || limit <= 0 {
		return nil, fmt.Errorf(`option "slow_after": %q is not a time above zero: write a number with a unit, such as 500ms or 2s`, o.SlowAfter)
	}
	return &timing{slowAfter: limit, drift: o.Drift}, nil
}

// Inspect implements [plugins.Plugin]. A fetch without an answer has no
// metrics and teaches nothing: the ten seconds of a timeout say nothing of how
// fast the page is. Errors have metrics, but are often faster than the page.
func (t *timing) Inspect(_ context.Context, page *plugins.Page, past []byte) (plugins.Report, error) {
	if !t.drift {
		past = nil
	}
	if page.Err != nil || page.Status == 0 {
		_, known := decode(past)
		return plugins.Nothing(past, known), nil
	}
	total := seconds(page.Timing.Total)
	report := plugins.Report{Metrics: []plugins.Metric{
		{Name: "connect_seconds", Value: seconds(page.Timing.Connect)},
		{Name: "dns_seconds", Value: seconds(page.Timing.DNS)},
		{Name: "first_byte_seconds", Value: seconds(page.Timing.FirstByte)},
		{Name: "tls_seconds", Value: seconds(page.Timing.TLS)},
		{Name: "total_seconds", Value: total},
		{Name: "transfer_seconds", Value: seconds(page.Timing.Transfer)},
	}}
	report.Findings = t.judge(total)
	if t.drift {
		m, known := decode(past)
		if !known {
			past = nil
		}
		if page.Status >= 200 && page.Status < 400 {
			report.Findings = append(report.Findings, m.judge(report.Metrics, page.At)...)
			past = m.encode()
		}
		report.Past = past
	}
	return report, nil
}

const slow = "slow"

// judge tells whether a check of so many seconds is too slow.
func (t *timing) judge(total float64) []plugins.Finding {
	took := time.Duration(math.Round(total*1e6)) * time.Microsecond
	if t.slowAfter == 0 || took <= t.slowAfter {
		return nil
	}
	return []plugins.Finding{{
		Severity: plugins.Warning, Code: slow,
		Message: fmt.Sprintf("The check took %v, more than %v.", took.Round(time.Millisecond), t.slowAfter),
		Metric:  "total_seconds", Observed: plugins.Number(total), Expected: plugins.Number(t.slowAfter.Seconds()),
		Verdict: plugins.Degraded,
	}}
}

// seconds rounds to a microsecond: finer steps are noise, and cost space.
func seconds(d time.Duration) float64 {
	return float64(d.Round(time.Microsecond).Microseconds()) / 1e6
}
