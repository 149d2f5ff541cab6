// Package extract is the plugin that takes numbers out of pages, such as a
// price or a queue's length, and learns what is usual for each.
package extract

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/cespare/xxhash/v2"

	"webmon/plugins"
)

// Definition describes the plugin.
func Definition() plugins.Definition {
	return plugins.Definition{
		Name: "extract",
		Doc:  "Numbers that the asset's options name, taken out of the body, each with its own baseline.",
		When: "a number leaves its own baseline or the limits that are set, or is gone",
		Metrics: []plugins.MetricDoc{
			{Name: "value_<name>", Unit: "number", Doc: "The number of that name; missing when it is not found."},
		},
		Options: []plugins.OptionDoc{{
			Name: "values", Type: "list of objects", Default: "[]",
			Doc: `Up to 10 numbers, such as {"name": "price", "kind": "css", "expression": ".price"}. Kinds are css, xpath, jsonpath and regex ` +
				`(the first group, if any). More fields: attribute (of the element, for css), decimal ("," where it parts the decimals), ` +
				`min and max (beyond is a warning), k (standard deviations that are usual, 4). An expression that would be too much work on a page is not ` +
				`followed, which is a warning: HTML and JSON are read up to 4 MiB, and a long regex is looked for at the beginning only.`,
		}},
		New: New,
	}
}

type extract struct {
	values []value
	config uint64 // hash of the options
}

type options struct {
	Values []spec `json:"values"`
}

// maxValues bounds what one asset costs.
const maxValues = 10

// New makes the plugin. See [Definition] for the options. Expressions that do
// not compile are errors.
func New(raw json.RawMessage) (plugins.Plugin, error) {
	var o options
	if err := plugins.DecodeOptions(raw, &o); err != nil {
		return nil, err
	}
	if len(o.Values) > maxValues {
		return nil, fmt.Errorf(`option "values": %d are given, the limit is %d`, len(o.Values), maxValues)
	}
	e := &extract{config: xxhash.Sum64(raw)}
	names := make(map[string]bool, len(o.Values))
	for i, spec := range o.Values {
		value, err := spec.compile()
		if err != nil {
			return nil, fmt.Errorf(`option "values": number %d (%q): %w`, i+1, clip(spec.Name), err)
		}
		if names[spec.Name] {
			return nil, fmt.Errorf(`option "values": the name %q is given twice`, spec.Name)
		}
		names[spec.Name] = true
		e.values = append(e.values, value)
	}
	return e, nil
}

// Named implements [plugins.Namer].
func (e *extract) Named() []string {
	names := make([]string, len(e.values))
	for i, value := range e.values {
		names[i] = value.metric()
	}
	return names
}

// Inspect implements [plugins.Plugin]. Only complete, good answers count. The
// body is parsed only when it is another than at the check before.
func (e *extract) Inspect(_ context.Context, page *plugins.Page, past []byte) (plugins.Report, error) {
	if len(e.values) == 0 {
		return plugins.Report{}, nil
	}
	m, known := e.decode(past)
	if !page.Good() || page.Truncated {
		return plugins.Nothing(past, known), nil
	}
	if !known || m.body != page.Hash() {
		m.body = page.Hash()
		source := &source{body: page.Body}
		for i, value := range e.values {
			n := &m.numbers[i]
			n.value, n.found, n.costly = value.read(source)
		}
	}
	var report plugins.Report
	for i, value := range e.values {
		n := &m.numbers[i]
		if n.found {
			report.Metrics = append(report.Metrics, plugins.Metric{Name: value.metric(), Value: n.value})
		}
		report.Findings = append(report.Findings, value.judge(n)...)
	}
	for _, finding := range report.Findings {
		report.Changed = report.Changed || finding.Verdict == plugins.Changed
	}
	report.Past = e.encode(&m)
	return report, nil
}

func clip(s string) string { return s[:min(len(s), 60)] }
