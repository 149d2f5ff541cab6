package tlscert

import (
	"strings"

	"webmon/plugins"
)

// Rejudge implements [plugins.Rejudger]. The time left is stored, so the answer
// is exact. The name of another certificate of the chain than the server's is
// known only from a stored finding.
func (t *tlscert) Rejudge(plugins.Origin) (func(plugins.StoredCheck) plugins.Rejudged, error) {
	return t.rejudge, nil
}

func (t *tlscert) rejudge(check plugins.StoredCheck) (result plugins.Rejudged) {
	leaf, shown := check.Metric(leafMetric)
	chain, _ := check.Metric(chainMetric)
	if !shown {
		return plugins.Rejudged{Findings: check.Report.Findings}
	}
	if early := check.Finding(leafCode + early); early != nil {
		result.Findings = append(result.Findings, *early)
	} else {
		result.Findings = t.judgeLeft(result.Findings, check.Report.Facts["subject"], leaf, check.At, leafCode, leafMetric)
	}
	if early := check.Finding(chainCode + early); early != nil {
		result.Findings = append(result.Findings, *early)
	} else if chain < leaf {
		result.Findings = t.judgeLeft(result.Findings, "an issuer in its chain", chain, check.At, chainCode, chainMetric)
	}
	for i, f := range result.Findings { // the stored ones name the certificate
		if stored := check.Finding(f.Code); stored != nil && stored.Severity == f.Severity && stored.Expected == f.Expected {
			result.Findings[i] = *stored
		}
	}
	for _, f := range check.Report.Findings {
		if !strings.HasPrefix(f.Code, leafCode+"_exp") && !strings.HasPrefix(f.Code, chainCode+"_") && f.Code != leafCode+early {
			result.Findings = append(result.Findings, f)
		}
	}
	return result
}
