package htmlstats

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"webmon/plugins"
	"webmon/plugins/selector"
)

type options struct {
	Profile         string   `json:"profile"`
	K               float64  `json:"k"`
	Ignore          []string `json:"ignore"`
	IgnoreSelectors []string `json:"ignore_selectors"`
}

const (
	defaultProfile = "standard"
	defaultK       = 4
)

// profile says which scores are worth a person's time.
type profile struct {
	alarm, notice float64
}

var profiles = map[string]profile{
	"calm":     {alarm: 4, notice: 2},
	"standard": {alarm: 3, notice: 1.5},
	"strict":   {alarm: 2, notice: 1},
}

func optionDocs() []plugins.OptionDoc {
	return []plugins.OptionDoc{
		{Name: "profile", Type: "string", Default: defaultProfile, Doc: `From which score a page alarms, and from which it is noted: "calm" (4 and 2), "standard" (3 and 1.5) or "strict" (2 and 1).`},
		{Name: "k", Type: "number", Default: "4", Doc: "How many standard deviations from the median a number is still usual; 1 to 20."},
		{Name: "ignore", Type: "list of strings", Default: "[]", Doc: `Metrics that are never unusual, such as ["tag_li_count"]; with "scripts_count", new scripts are not either.`},
		{Name: "ignore_selectors", Type: "list of strings", Default: "[]", Doc: `CSS selectors such as [".ad", "#weather"]: the page is judged as if the elements they match were not there. What an intruder puts into them is not seen.`},
	}
}

// New makes the plugin. See [Definition] for the options.
func New(raw json.RawMessage) (plugins.Plugin, error) {
	o := options{Profile: defaultProfile, K: defaultK}
	if err := plugins.DecodeOptions(raw, &o); err != nil {
		return nil, err
	}
	p, ok := profiles[o.Profile]
	switch {
	case !ok:
		return nil, fmt.Errorf("option %q: there is no profile %q; give one of %s", "profile", o.Profile, strings.Join(slices.Sorted(maps.Keys(profiles)), ", "))
	case !(o.K >= 1 && o.K <= 20):
		return nil, fmt.Errorf("option %q: %v is not between 1 and 20", "k", o.K)
	}
	skipped, err := selector.Compile(o.IgnoreSelectors)
	if err != nil {
		return nil, fmt.Errorf("option %q: %w", "ignore_selectors", err)
	}
	h := &htmlstats{profile: p, k: o.K, skipped: skipped, selectors: o.IgnoreSelectors}
	for _, name := range o.Ignore {
		m, ok := metricNamed(name)
		if !ok {
			return nil, fmt.Errorf("option %q: there is no metric %q; names are such as page_bytes and tag_script_count", "ignore", name)
		}
		h.ignored[m] = true
	}
	return h, nil
}
