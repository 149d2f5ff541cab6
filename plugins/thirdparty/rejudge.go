package thirdparty

import (
	"slices"
	"strings"

	"webmon/plugins"
)

// Rejudge implements [plugins.Rejudger]. Sites that are allowed now are taken out
// of what was found. From the first one on this is an estimate, because allowed
// sites do not make a page one that often brings new ones; and so it is when
// sites were allowed that are no longer.
func (t *thirdparty) Rejudge(from plugins.Origin) (func(plugins.StoredCheck) plugins.Rejudged, error) {
	r := &rejudgement{allowed: t.allowed}
	if was, ok := from.Was.(*thirdparty); ok {
		for site := range was.allowed {
			r.estimate = r.estimate || !t.allowed[site]
		}
	}
	return r.judge, nil
}

type rejudgement struct {
	allowed  map[string]bool
	estimate bool
}

func (r *rejudgement) judge(check plugins.StoredCheck) plugins.Rejudged {
	var findings []plugins.Finding
	for _, f := range check.Report.Findings {
		left := slices.DeleteFunc(slices.Clone(f.Evidence), func(site string) bool { return r.allowed[site] })
		switch {
		case !isNewSite(f.Code) || len(left) == len(f.Evidence):
			findings = append(findings, f)
			continue
		case len(left) > 0:
			f.Message = strings.Replace(f.Message, list(f.Evidence), list(left), 1)
			f.Observed, f.Evidence = plugins.Text(list(left)), left
			findings = append(findings, f)
		}
		r.estimate = true
	}
	return plugins.Rejudged{Findings: findings, Estimate: r.estimate}
}

func isNewSite(code string) bool {
	for _, kind := range kinds {
		if kind.code == code {
			return true
		}
	}
	return false
}
