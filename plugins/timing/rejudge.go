package timing

import "webmon/plugins"

// Rejudge implements [plugins.Rejudger]. All times are stored: the fixed limit is
// judged exactly, and so is the drift once its baselines are those of then. That
// is so from an asset's first check on; of an asset whose first checks are not
// given, stored findings stand until the baselines are full.
func (t *timing) Rejudge(from plugins.Origin) (func(plugins.StoredCheck) plugins.Rejudged, error) {
	was, _ := from.Was.(*timing)
	r := &rejudgement{timing: t, whole: from.Whole, drifted: was != nil && was.drift}
	return r.judge, nil
}

// rejudgement judges the checks of one asset again.
type rejudgement struct {
	*timing
	whole   bool
	drifted bool // the stored findings tell of drift
	m       memory
}

func (r *rejudgement) judge(check plugins.StoredCheck) (result plugins.Rejudged) {
	total, timed := check.Metric("total_seconds")
	if !timed {
		return plugins.Rejudged{Findings: check.Report.Findings}
	}
	result.Findings = r.timing.judge(total)
	if !r.drift || check.Status < 200 || check.Status > 399 {
		return result
	}
	for i := range r.m {
		window, watched := &r.m[i], watched[i]
		value, ok := check.Metric(watched.metric)
		if !ok {
			continue
		}
		if !r.whole && !window.Full(watched.limits) {
			if stored := check.Finding(watched.code); stored != nil && r.drifted {
				result.Findings = append(result.Findings, *stored)
				continue // it taught nothing
			}
			if r.drifted {
				window.Judge(value, watched.limits)
				continue
			}
			result.Estimate = true
		}
		if finding, slow := judgeDrift(window, i, value, check.At); slow {
			result.Findings = append(result.Findings, finding)
		}
	}
	return result
}
