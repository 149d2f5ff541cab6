package builtin_test

import (
	"slices"
	"testing"

	"webmon/plugins"
	"webmon/plugins/builtin"
	"webmon/plugins/plugintest"
)

func TestRegistry(t *testing.T) {
	t.Parallel()
	var names []string
	for _, def := range builtin.Registry().Definitions() {
		names = append(names, def.Name)
	}
	want := []string{"availability", "content", "htmlstats", "timing", "tlscert"}
	if !slices.Equal(names, want) {
		t.Errorf("the built-in plugins are %v, want %v", names, want)
	}
}

func TestConformance(t *testing.T) {
	t.Parallel()
	for _, def := range builtin.Registry().Definitions() {
		t.Run(def.Name, func(t *testing.T) {
			t.Parallel()
			plugintest.Run(t, def)
		})
	}
}

// All plugins together, over all pages in turn, with one memory.
func TestSuite(t *testing.T) {
	t.Parallel()
	registry := builtin.Registry()
	suite, err := registry.Suite(nil)
	if err != nil {
		t.Fatal(err)
	}
	var memory []byte
	for range 3 {
		for _, named := range plugintest.Pages(t) {
			outcome := suite.Inspect(t.Context(), named.New(), memory)
			if len(outcome.Reports) != len(registry.Definitions()) || outcome.Verdict.Rank() < plugins.Up.Rank() {
				t.Errorf("page %q: %d reports, verdict %q", named.Name, len(outcome.Reports), outcome.Verdict)
			}
			for _, report := range outcome.Reports {
				if report.Error != "" {
					t.Errorf("page %q: %s", named.Name, report.Error)
				}
			}
			memory = outcome.Memory
		}
	}
}
