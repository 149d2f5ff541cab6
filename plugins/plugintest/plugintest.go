// Package plugintest is the conformance suite that every plugin must pass. A
// plugin's test is one line: plugintest.Run(t, myplugin.Definition()).
// Only tests import this package.
package plugintest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"webmon/plugins"
)

// Run checks that the plugin keeps the contract of [plugins.Plugin]: it takes
// any page and any past, is a pure function, describes what it reports, and
// refuses options that it does not know.
func Run(t *testing.T, def plugins.Definition) {
	t.Helper()
	t.Run("definition", func(t *testing.T) { t.Parallel(); checkDefinition(t, def) })
	t.Run("options", func(t *testing.T) { t.Parallel(); checkOptions(t, def) })
	t.Run("pages", func(t *testing.T) { t.Parallel(); checkPages(t, def) })
	t.Run("damaged pasts", func(t *testing.T) { t.Parallel(); checkDamagedPasts(t, def) })
	t.Run("accept", func(t *testing.T) { t.Parallel(); checkAccept(t, def) })
	t.Run("shared use", func(t *testing.T) { t.Parallel(); checkSharedUse(t, def) })
}

func checkDefinition(t *testing.T, def plugins.Definition) {
	if _, err := plugins.NewRegistry(def); err != nil {
		t.Error(err)
	}
	if def.Doc == "" {
		t.Error("the plugin has no description")
	}
	for _, metric := range def.Metrics {
		if suffix, known := suffixes[metric.Unit]; !known || !strings.HasSuffix(metric.Name, suffix) || metric.Doc == "" {
			t.Errorf("metric %q: unit %q must be known and end its name, and it needs a description", metric.Name, metric.Unit)
		}
	}
	for _, option := range def.Options {
		if option.Name == "" || option.Type == "" || option.Default == "" || option.Doc == "" {
			t.Errorf("option %+v is not fully described", option)
		}
	}
}

func checkOptions(t *testing.T, def plugins.Definition) {
	for _, fine := range []string{"", "null", "{}", " {} "} {
		if _, err := def.New(json.RawMessage(fine)); err != nil {
			t.Errorf("options %q: %v", fine, err)
		}
	}
	for _, wrong := range []string{"[]", `"text"`, "1", "{", "{}{}", `{"a":}`} {
		if _, err := def.New(json.RawMessage(wrong)); err == nil {
			t.Errorf("options %q are accepted", wrong)
		}
	}
	if _, err := def.New(json.RawMessage(`{"no_such_option": 1}`)); err == nil || !strings.Contains(err.Error(), "no_such_option") {
		t.Errorf("an unknown option gives the error %v, want one that names it", err)
	}
	for _, option := range def.Options {
		raw := fmt.Sprintf(`{%q: {"of": "the wrong type"}}`, option.Name)
		if _, err := def.New(json.RawMessage(raw)); err == nil || !strings.Contains(err.Error(), option.Name) {
			t.Errorf("a bad value for %s gives the error %v, want one that names it", option.Name, err)
		}
	}
}

func checkPages(t *testing.T, def plugins.Definition) {
	plugin := newPlugin(t, def)
	for _, named := range Pages(t) {
		t.Run(named.Name, func(t *testing.T) {
			for _, past := range pasts(t, plugin) {
				inspect(t, def, plugin, named, past)
			}
		})
	}
}

func checkDamagedPasts(t *testing.T, def plugins.Definition) {
	plugin := newPlugin(t, def)
	pages := Pages(t)[:2] // a good one, and one that teaches nothing
	for _, past := range pasts(t, plugin) {
		// Long pasts are sampled: some two hundred cuts and flips each.
		step := max(1, len(past)/200)
		for i := 0; i < len(past); i += step {
			flipped := bytes.Clone(past)
			flipped[i] ^= 1 << (i % 8)
			for _, page := range pages {
				inspect(t, def, plugin, page, past[:i:i])
				inspect(t, def, plugin, page, flipped)
			}
		}
		for _, page := range pages {
			inspect(t, def, plugin, page, append(bytes.Clone(past), past...))
			inspect(t, def, plugin, page, bytes.Repeat([]byte{0xff}, 3*plugins.MaxPast))
		}
	}
}

// checkSharedUse calls one plugin on one page from many goroutines; the race
// detector sees what they should not share.
func checkSharedUse(t *testing.T, def plugins.Definition) {
	plugin := newPlugin(t, def)
	pasts := pasts(t, plugin)
	past := pasts[len(pasts)-1]
	for _, named := range Pages(t) {
		page := named.New()
		reports := make([]plugins.Report, 8)
		var wg sync.WaitGroup
		for i := range reports {
			wg.Go(func() {
				reports[i], _ = plugin.Inspect(t.Context(), page, past) // errors are for checkPages
			})
		}
		wg.Wait()
		for _, report := range reports[1:] {
			if !reflect.DeepEqual(report, reports[0]) {
				t.Errorf("page %q: two goroutines get different reports", named.Name)
			}
		}
	}
}

func newPlugin(t *testing.T, def plugins.Definition) plugins.Plugin {
	t.Helper()
	plugin, err := def.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return plugin
}

// pasts returns nothing, and what the plugin remembers after one check, after
// many of the same page, and after many of different ones.
func pasts(t *testing.T, plugin plugins.Plugin) [][]byte {
	t.Helper()
	after := func(pages ...*plugins.Page) (past []byte) {
		for _, page := range pages {
			report, err := plugin.Inspect(t.Context(), page, past)
			if err != nil {
				t.Fatal(err)
			}
			past = report.Past
		}
		return past
	}
	var same, changing []*plugins.Page
	for i := range 20 {
		same = append(same, goodPage(5))
		changing = append(changing, goodPage(i*i))
	}
	return [][]byte{nil, after(same[:1]...), after(same...), after(changing...)}
}

// inspect calls the plugin twice with equal arguments, and checks that it
// gives the same valid report and leaves its arguments alone.
func inspect(t *testing.T, def plugins.Definition, plugin plugins.Plugin, named NamedPage, past []byte) {
	t.Helper()
	page, pastBefore := named.New(), bytes.Clone(past)
	report, err := plugin.Inspect(t.Context(), page, past)
	if err != nil {
		t.Fatalf("page %q: %v", named.Name, err)
	}
	checkReport(t, def, report)
	if !bytes.Equal(past, pastBefore) {
		t.Errorf("page %q: the past was changed", named.Name)
	}
	untouched := named.New()
	if !bytes.Equal(page.Body, untouched.Body) || !reflect.DeepEqual(page.Header, untouched.Header) ||
		!slices.Equal(page.Redirects, untouched.Redirects) || page.Status != untouched.Status {
		t.Errorf("page %q was changed", named.Name)
	}
	first := fmt.Sprintf("%#v", report) // a copy: the report may not lean on its page
	clear(page.Body)
	if fmt.Sprintf("%#v", report) != first {
		t.Errorf("page %q: the report changes with the page's body", named.Name)
	}
	again, err := plugin.Inspect(t.Context(), untouched, past)
	if err != nil || !reflect.DeepEqual(again, report) {
		t.Errorf("page %q: the same page and past give another report", named.Name)
	}
}
