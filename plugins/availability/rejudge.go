package availability

import (
	"slices"

	"webmon/plugins"
)

// Rejudge implements [plugins.Rejudger]. The status is stored, so the answer is
// exact.
func (a *availability) Rejudge(plugins.Origin) (func(plugins.StoredCheck) plugins.Rejudged, error) {
	return func(check plugins.StoredCheck) plugins.Rejudged {
		status, answered := check.Metric("status_code")
		if !answered {
			return plugins.Rejudged{Findings: check.Report.Findings}
		}
		var findings []plugins.Finding
		if finding, wrong := a.judge(int(status)); wrong {
			findings = append(findings, finding)
		}
		others := slices.DeleteFunc(slices.Clone(check.Report.Findings), func(f plugins.Finding) bool { return f.Code == unexpectedStatus })
		return plugins.Rejudged{Findings: append(findings, others...)}
	}, nil
}
