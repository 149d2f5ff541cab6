// Package thirdparty is the plugin that knows from which other sites a page
// takes its scripts, frames and the like, and says when a new one appears.
package thirdparty

import (
	"context"
	"encoding/json"
	"fmt"

	"webmon/plugins"
)

// Definition describes the plugin.
func Definition() plugins.Definition {
	return plugins.Definition{
		Name: "thirdparty",
		Doc:  "Other sites that an HTML page takes scripts, frames, styles and images from or sends forms to, and whether one is new.",
		When: "a site of scripts, frames or forms is new and not that of a widespread service, or parts of an https page come by plain http",
		Metrics: []plugins.MetricDoc{
			{Name: "form_sites_count", Unit: "count", Doc: "Other sites that forms are sent to."},
			{Name: "frame_sites_count", Unit: "count", Doc: "Other sites shown in frames."},
			{Name: "image_sites_count", Unit: "count", Doc: "Other sites that images come from."},
			{Name: "missing_integrity_count", Unit: "count", Doc: "Scripts and style sheets from other sites without an integrity hash."},
			{Name: "mixed_active_count", Unit: "count", Doc: "Scripts, style sheets, frames and forms with a plain http address on an https page."},
			{Name: "mixed_images_count", Unit: "count", Doc: "Images with a plain http address on an https page."},
			{Name: "script_sites_count", Unit: "count", Doc: "Other sites that scripts come from."},
			{Name: "style_sites_count", Unit: "count", Doc: "Other sites that style sheets come from."},
		},
		Facts: []plugins.FactDoc{
			{Name: "form_sites", Doc: "The other sites that forms are sent to."},
			{Name: "frame_sites", Doc: "The other sites shown in frames."},
			{Name: "script_sites", Doc: "The other sites that scripts come from."},
		},
		Options: []plugins.OptionDoc{{
			Name: "allow", Type: "list of strings", Default: "[]",
			Doc: `Sites that are never new, such as ["cdn.example.com"]; the whole of example.com is meant.`,
		}},
		New: New,
	}
}

type thirdparty struct{ allowed map[string]bool } // by site

type options struct {
	Allow []string `json:"allow"`
}

// New makes the plugin. See [Definition] for the options.
func New(raw json.RawMessage) (plugins.Plugin, error) {
	var o options
	if err := plugins.DecodeOptions(raw, &o); err != nil {
		return nil, err
	}
	t := &thirdparty{allowed: make(map[string]bool, len(o.Allow))}
	for _, name := range o.Allow {
		site := new(plugins.Page).SiteOf("//" + name)
		if site == "" || site == "*" || len(site) > maxSite {
			return nil, fmt.Errorf(`option "allow": %q is not the name of a host, such as cdn.example.com`, name)
		}
		t.allowed[site] = true
	}
	return t, nil
}

// Inspect implements [plugins.Plugin]. Anything but a complete, good HTML
// answer teaches it nothing. A new site stays a finding for as long as it is
// on the page: it never becomes usual by staying, because that is what an
// intruder's script would do.
func (t *thirdparty) Inspect(_ context.Context, page *plugins.Page, past []byte) (plugins.Report, error) {
	m, known := decode(past)
	if page.Err != nil || page.Truncated || page.Status < 200 || page.Status > 399 || !page.IsHTML() {
		return plugins.Nothing(past, known), nil
	}
	key := pageKey(page.Hash(), address(page))
	var minor [numWatched][]string
	var unpinned int
	switch {
	case !known || m.key != key:
		now, seen := look(page)
		if known {
			unpinned = now.counts[missingIntegrity] - m.look.counts[missingIntegrity]
		}
		m.key, m.look = key, now
		var homes []string
		if m.checks < warmup { // later an intruder may have said whose page it is
			homes = page.Homes()
		}
		minor = m.learn(seen, homes, t.allowed)
		past = m.encode()
	case m.checks < warmup:
		m.checks++
		past = m.encode()
	}
	findings := t.findings(&m, minor, unpinned)
	return plugins.Report{
		Metrics: m.look.metrics(), Facts: m.look.facts(), Findings: findings,
		Changed: len(findings) > 0 && findings[0].Verdict == plugins.Changed, Past: past,
	}, nil
}
