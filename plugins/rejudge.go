package plugins

import (
	"fmt"
	"slices"
	"time"
)

// Rejudger is a plugin that can tell from its stored reports what it would have
// found under its own options. The pages are not needed, and not there.
type Rejudger interface {
	// Rejudge begins with an asset's stored checks. The function that it
	// returns is called with each check in the order of time. An error names an
	// option that cannot be judged without the pages.
	Rejudge(from Origin) (func(StoredCheck) Rejudged, error)
}

// Origin says where stored reports come from.
type Origin struct {
	Was   Plugin // the same plugin with the options that the asset has
	Whole bool   // the first check given is the asset's first
}

// StoredCheck is what is known of a check when one plugin judges it again.
type StoredCheck struct {
	At     time.Time // when the fetch began
	Status int       // HTTP status of the answer; 0 when none came
	Report *Report   // the plugin's own, without Changed and Past; not to be changed
}

// Metric returns a metric of the report, and whether it is there.
func (c *StoredCheck) Metric(name string) (value float64, ok bool) {
	return c.Report.metric(name)
}

// Finding returns the report's first finding of this kind, or nil.
func (c *StoredCheck) Finding(code string) *Finding {
	i := slices.IndexFunc(c.Report.Findings, func(f Finding) bool { return f.Code == code })
	if i < 0 {
		return nil
	}
	return &c.Report.Findings[i]
}

// Rejudged is what a plugin finds in a stored check.
type Rejudged struct {
	Plugin   string // filled in by Rejudgement
	Findings []Finding
	Estimate bool // a check of the page itself might have found otherwise
}

// Rejudgement judges the stored checks of one asset again, in the order of time.
// It is for one goroutine. Make it with [Suite.Rejudge].
type Rejudgement struct {
	judges   map[string]func(StoredCheck) Rejudged
	asserted *asserted
}

// Rejudgers names the plugins that can judge stored checks again, sorted.
func (s *Suite) Rejudgers() (names []string) {
	for _, e := range s.entries {
		if _, ok := e.plugin.(Rejudger); ok {
			names = append(names, e.name)
		}
	}
	return names
}

// Rejudge begins with the stored checks of an asset whose options make the suite
// was, of the same registry. whole tells whether the first check that will be
// given is the asset's first. An error names the plugin and the option that
// cannot be judged without the pages.
func (s *Suite) Rejudge(was *Suite, whole bool) (*Rejudgement, error) {
	r := &Rejudgement{judges: map[string]func(StoredCheck) Rejudged{}, asserted: s.asserted}
	for i, e := range s.entries {
		rejudger, ok := e.plugin.(Rejudger)
		if !ok {
			continue
		}
		judge, err := rejudger.Rejudge(Origin{Was: was.entries[i].plugin, Whole: whole})
		if err != nil {
			return nil, fmt.Errorf("plugin %q: %w", e.name, err)
		}
		r.judges[e.name] = judge
	}
	return r, nil
}

// Judge returns what each plugin that reported finds in a stored check, in the
// order of the reports, and last what is found by the assertions, if there are
// any. A plugin that cannot judge again, or that failed then, finds what it
// found. The HTTP status is the metric status_code of whichever plugin reports
// it.
func (r *Rejudgement) Judge(at time.Time, reports []Report) []Rejudged {
	status := 0
	for i := range reports {
		if code, ok := reports[i].metric("status_code"); ok {
			status = int(code)
		}
	}
	all := make([]Rejudged, 0, len(reports)+1)
	verdict, asserted := Up, Report{}
	for i := range reports {
		if reports[i].Plugin == AssertionsName {
			asserted = reports[i]
			continue
		}
		found := Rejudged{Findings: reports[i].Findings}
		if judge := r.judges[reports[i].Plugin]; judge != nil && reports[i].Error == "" {
			found = judge(StoredCheck{At: at, Status: status, Report: &reports[i]})
		}
		found.Plugin = reports[i].Plugin
		for _, f := range found.Findings {
			verdict = verdict.Worse(f.Verdict)
		}
		all = append(all, found)
	}
	if r.asserted != nil {
		all = append(all, r.asserted.again(reports, verdict, &asserted))
	}
	return all
}

func (r *Report) metric(name string) (value float64, ok bool) {
	i := slices.IndexFunc(r.Metrics, func(m Metric) bool { return m.Name == name })
	if i < 0 {
		return 0, false
	}
	return r.Metrics[i].Value, true
}
