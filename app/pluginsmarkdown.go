package app

import (
	"fmt"
	"strings"

	"webmon/plugins"
)

// pluginsMarkdown describes plugins as docs/plugins.md does.
func pluginsMarkdown(registry *plugins.Registry) string {
	definitions := registry.Definitions()
	var md strings.Builder
	md.WriteString("# The plugins\n\n<!-- Written by `make docs` from the plugins' own descriptions; do not edit. -->\n\n" +
		"What each plugin measures, and which options an asset may give it, as in `\"plugins\": {\"timing\": {\"slow_after\": \"2s\"}}`.\n" +
		"In results a metric has the plugin's name before its own: `timing.total_seconds`. `webmon plugins show NAME` prints the same.\n" +
		"What [assertions](assertions.md) call it is often shorter.\n\n")
	table(&md, []string{"plugin", "measures", "speaks up when"})
	for _, d := range definitions {
		row(&md, fmt.Sprintf("[%s](#%[1]s)", d.Name), strings.TrimSuffix(d.Doc, "."), d.When)
	}
	for _, d := range definitions {
		fmt.Fprintf(&md, "\n## %s\n\n%s\n\nIt speaks up when %s.\n\n", d.Name, d.Doc, d.When)
		table(&md, []string{"metric", "unit", "in assertions", "meaning"})
		for _, m := range d.Metrics {
			row(&md, code(m.Name), m.Unit, code(shortest(registry.Words(d.Name, m.Name))), m.Doc)
		}
		if len(d.Facts) > 0 {
			md.WriteByte('\n')
			table(&md, []string{"fact", "in assertions", "meaning"})
		}
		for _, f := range d.Facts {
			row(&md, code(f.Name), code(d.Name+"."+f.Name), f.Doc)
		}
		if len(d.Options) == 0 {
			md.WriteString("\nIt takes no options.\n")
			continue
		}
		md.WriteByte('\n')
		table(&md, []string{"option", "type", "default", "meaning"})
		for _, o := range d.Options {
			row(&md, code(o.Name), o.Type, code(o.Default), o.Doc)
		}
	}
	return md.String()
}

func table(md *strings.Builder, heads []string) {
	row(md, heads...)
	md.WriteString("|" + strings.Repeat("---|", len(heads)) + "\n")
}

func row(md *strings.Builder, cells ...string) {
	for i, cell := range cells {
		if i == 0 {
			md.WriteByte('|')
		}
		md.WriteString(" " + strings.NewReplacer("|", `\|`, "\n", " ").Replace(cell) + " |")
	}
	md.WriteByte('\n')
}

func code(text string) string { return "`" + text + "`" }
