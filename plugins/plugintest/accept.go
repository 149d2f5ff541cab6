package plugintest

import (
	"bytes"
	"strings"
	"testing"

	"webmon/plugins"
)

// checkAccept checks a plugin that can learn single findings: it takes any past
// and any target, leaves its arguments alone, and accepting twice changes
// nothing more. What it remembers then is as good as what it wrote itself.
func checkAccept(t *testing.T, def plugins.Definition) {
	plugin := newPlugin(t, def)
	accepter, ok := plugin.(plugins.Accepter)
	if !ok {
		return
	}
	pages := Pages(t)
	for _, past := range pasts(t, plugin) {
		for _, named := range pages {
			report, err := plugin.Inspect(t.Context(), named.New(), past)
			if err != nil {
				t.Fatal(err)
			}
			report.Plugin = def.Name
			after := report.Past
			for _, target := range targets(def, report) {
				after = accept(t, accepter, after, target)
			}
			inspect(t, def, plugin, named, after)
		}
		for _, target := range targets(def, plugins.Report{}) {
			step := max(1, len(past)/40)
			for i := 0; i < len(past); i += step {
				flipped := bytes.Clone(past)
				flipped[i] ^= 1 << (i % 8)
				accept(t, accepter, past[:i:i], target)
				accept(t, accepter, flipped, target)
			}
		}
	}
	for _, target := range targets(def, plugins.Report{}) {
		for _, junk := range [][]byte{nil, {}, bytes.Repeat([]byte{0xff}, 3*plugins.MaxPast)} {
			if after := accept(t, accepter, junk, target); !bytes.Equal(after, junk) {
				t.Errorf("a past that cannot be read becomes %.100x by accepting %v", after, target)
			}
		}
	}
}

// targets are the whole plugin, what a report finds, and what none ever does.
func targets(def plugins.Definition, report plugins.Report) []plugins.Target {
	all := []plugins.Target{
		{}, {Plugin: def.Name}, {Plugin: def.Name, Code: "no_such_code", Evidence: "evidence"}, {Code: "\x00\xff", Evidence: strings.Repeat("\xff", 1<<20)},
	}
	for _, one := range plugins.Find([]plugins.Report{report}, plugins.Target{}) {
		all = append(all, one, plugins.Target{Code: one.Code}, plugins.Target{Code: one.Code, Evidence: "never.seen.example"})
	}
	return all
}

func accept(t *testing.T, accepter plugins.Accepter, past []byte, target plugins.Target) []byte {
	t.Helper()
	before := bytes.Clone(past)
	after := bytes.Clone(accepter.Accept(past, target))
	if !bytes.Equal(past, before) {
		t.Errorf("accepting %.100v changes the past it is given", target)
	}
	if len(after) > plugins.MaxPast && len(after) > len(past) {
		t.Errorf("after accepting %.100v %d bytes are to be remembered, the limit is %d", target, len(after), plugins.MaxPast)
	}
	if again := accepter.Accept(after, target); !bytes.Equal(again, after) {
		t.Errorf("accepting %.100v twice is not the same as once", target)
	}
	return after
}
