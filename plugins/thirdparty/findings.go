package thirdparty

import (
	"fmt"
	"slices"

	"webmon/plugins"
)

// kinds says how findings speak of each watched kind. A frame shows, and a
// form sends, what a visitor trusts the page with; scripts come and go more.
var kinds = [numWatched]struct {
	code, metric, what string
	severity           plugins.Severity
}{
	scripts: {"new_script_site", "script_sites_count", "Scripts now come from", plugins.Warning},
	frames:  {"new_frame_site", "frame_sites_count", "Frames now show", plugins.Critical},
	forms:   {"new_form_site", "form_sites_count", "Forms are now sent to", plugins.Critical},
}

// findings lists what there is to say, alarms first. minor are new sites that
// are no surprise; unpinned is how many more scripts and styles lack a hash.
func (t *thirdparty) findings(m *memory, minor [numWatched][]string, unpinned int) (all []plugins.Finding) {
	for kind := range kinds {
		pending := slices.DeleteFunc(slices.Clone(m.watched[kind].pending), func(site string) bool { return t.allowed[site] })
		if len(pending) > 0 {
			finding := newSite(kind, pending)
			finding.Severity, finding.Verdict = kinds[kind].severity, plugins.Changed
			finding.Message += `, never seen on this page before. If that is right, accept it, or add it to the option "allow".`
			all = append(all, finding)
		}
	}
	for kind, sites := range minor {
		if len(sites) > 0 {
			finding := newSite(kind, sites)
			finding.Severity = plugins.Info
			finding.Message += ", never seen before on this page. That is no surprise: a widespread service, or one of many new sites here."
			all = append(all, finding)
		}
	}
	if n := m.look.counts[mixedActive]; n > 0 {
		all = append(all, plugins.Finding{
			Severity: plugins.Warning, Code: "mixed_content", Metric: "mixed_active_count",
			Message:  fmt.Sprintf("This https page names plain http addresses for scripts, styles, frames or forms: %d. Browsers block most of them, and others on the way can read and change the rest.", n),
			Observed: plugins.Number(float64(n)), Expected: plugins.Number(0),
		})
	}
	if now := m.look.counts[missingIntegrity]; unpinned > 0 {
		all = append(all, plugins.Finding{
			Severity: plugins.Info, Code: "missing_integrity", Metric: "missing_integrity_count",
			Message:  fmt.Sprintf("More scripts and style sheets from other sites lack an integrity hash: %d, before %d.", now, now-unpinned),
			Observed: plugins.Number(float64(now)), Expected: plugins.Number(float64(now - unpinned)),
		})
	}
	return all
}

func newSite(kind int, sites []string) plugins.Finding {
	return plugins.Finding{
		Code: kinds[kind].code, Metric: kinds[kind].metric, Message: kinds[kind].what + " " + list(sites),
		Observed: plugins.Text(list(sites)), Expected: plugins.Text("sites seen before"),
		Evidence: sites[:min(len(sites), maxPending)],
	}
}
