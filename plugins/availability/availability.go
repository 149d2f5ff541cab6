// Package availability is the plugin that tells whether an asset answers, and
// with the status it should.
package availability

import (
	"context"
	"encoding/json"
	"fmt"

	"webmon/plugins"
)

// Definition describes the plugin.
func Definition() plugins.Definition {
	return plugins.Definition{
		Name: "availability",
		Doc:  "Whether the asset answers, and with an expected HTTP status.",
		When: "nothing answers, or the status is not an expected one",
		Metrics: []plugins.MetricDoc{
			{Name: "redirects_count", Unit: "count", Doc: "Redirects that were followed."},
			{Name: "status_code", Unit: "code", Doc: "HTTP status of the answer; missing when nothing answered."},
			{Name: "up", Unit: "bool", Doc: "1 when an answer with an expected status came, else 0."},
		},
		Facts: []plugins.FactDoc{
			{Name: "error", Doc: "Why nothing answered, in words."},
			{Name: "error_class", Doc: "The same in one word: dns, refused, reset, unreachable, timeout, tls, too_many_redirects, protocol, decode, forbidden, request or other."},
			{Name: "final_url", Doc: "Where the page was found, if that is not where it was asked for."},
		},
		Options: []plugins.OptionDoc{{
			Name: "expect_status", Type: "list of numbers and ranges", Default: `["200-399"]`,
			Doc: `The statuses that are fine, such as [200, "301-308"].`,
		}},
		New: New,
	}
}

type availability struct{ expected statuses }

type options struct {
	ExpectStatus []json.RawMessage `json:"expect_status"`
}

// New makes the plugin. See [Definition] for the options.
func New(raw json.RawMessage) (plugins.Plugin, error) {
	var o options
	if err := plugins.DecodeOptions(raw, &o); err != nil {
		return nil, err
	}
	if o.ExpectStatus == nil {
		return &availability{expected: statuses{{200, 399}}}, nil
	}
	expected, err := parseStatuses(o.ExpectStatus)
	if err != nil {
		return nil, fmt.Errorf("option %q: %w", "expect_status", err)
	}
	return &availability{expected: expected}, nil
}

// Inspect implements [plugins.Plugin]. It remembers nothing.
func (a *availability) Inspect(_ context.Context, page *plugins.Page, _ []byte) (plugins.Report, error) {
	redirects := plugins.Metric{Name: "redirects_count", Value: float64(len(page.Redirects))}
	if page.Err != nil || page.Status == 0 {
		class, cause := failure(page)
		return plugins.Report{
			Metrics: []plugins.Metric{redirects, {Name: "up", Value: 0}},
			Facts:   facts(page, "error_class", string(class), "error", cause),
			Findings: []plugins.Finding{{
				Severity: plugins.Critical, Code: "unreachable_" + string(class),
				Message: explain(class) + ": " + cause + ".",
				Metric:  "up", Observed: plugins.Text(string(class)), Verdict: plugins.Down,
			}},
		}, nil
	}
	report := plugins.Report{
		Metrics: []plugins.Metric{redirects, {Name: "status_code", Value: float64(page.Status)}, {Name: "up", Value: 1}},
		Facts:   facts(page),
	}
	if finding, wrong := a.judge(page.Status); wrong {
		report.Metrics[2].Value = 0
		report.Findings = append(report.Findings, finding)
	}
	if page.Truncated {
		report.Findings = append(report.Findings, plugins.Finding{
			Severity: plugins.Info, Code: "body_truncated",
			Message: fmt.Sprintf("The body is longer than the size limit; only its first %d bytes were looked at.", len(page.Body)),
		})
	}
	return report, nil
}

const unexpectedStatus = "unexpected_status"

// judge tells whether the status of an answer is another than it should be.
func (a *availability) judge(status int) (finding plugins.Finding, wrong bool) {
	if a.expected.contain(status) {
		return plugins.Finding{}, false
	}
	return plugins.Finding{
		Severity: plugins.Critical, Code: unexpectedStatus,
		Message: fmt.Sprintf("The answer is %s, expected is %s.", statusText(status), a.expected),
		Metric:  "status_code", Observed: plugins.Number(float64(status)), Expected: plugins.Text(a.expected.String()),
		Verdict: plugins.Down,
	}, true
}

// facts returns the given pairs of name and text, and where the page was found
// if that is not where it was asked for. It returns nil for nothing.
func facts(page *plugins.Page, pairs ...string) map[string]string {
	if page.FinalURL != "" && page.FinalURL != page.URL {
		pairs = append(pairs, "final_url", clip(page.FinalURL, maxAddress))
	}
	if len(pairs) == 0 {
		return nil
	}
	facts := make(map[string]string, len(pairs)/2)
	for i := 0; i < len(pairs); i += 2 {
		facts[pairs[i]] = pairs[i+1]
	}
	return facts
}
