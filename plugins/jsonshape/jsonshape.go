// Package jsonshape is the plugin that remembers which keys a JSON answer has
// and of which types their values are, and says when those that others may
// rely on are gone or of another type.
package jsonshape

import (
	"bytes"
	"context"
	"strings"

	"webmon/plugins"
)

// Definition describes the plugin.
func Definition() plugins.Definition {
	return plugins.Definition{
		Name: "jsonshape",
		Doc:  "The keys and types of a JSON answer, and whether one is gone or another than before; nothing for other answers.",
		When: "a key that was always there is gone, a value is of another type, or the answer is no JSON any more",
		Metrics: []plugins.MetricDoc{
			{Name: "paths_count", Unit: "count", Doc: "Different paths of keys, at most 200."},
			{Name: "valid", Unit: "bool", Doc: "1 when the answer is JSON, 0 when it is not but was before."},
		},
		New: plugins.NoOptions(jsonshape{}),
	}
}

type jsonshape struct{}

// maxBody is the largest answer that is looked at.
const maxBody = 4 << 20

// Inspect implements [plugins.Plugin]. Only complete, good answers count.
func (jsonshape) Inspect(_ context.Context, page *plugins.Page, past []byte) (plugins.Report, error) {
	m, known := decode(past)
	if !page.Good() || page.Truncated || len(page.Body) > maxBody || !known && !looksJSON(page) {
		return plugins.Nothing(past, known), nil
	}
	var news []plugins.Finding
	if !known || m.body != page.Hash() {
		now, ok := readShape(page.Body)
		if !ok && !known {
			return plugins.Report{}, nil
		}
		m.body, m.valid, m.count = page.Hash(), ok, len(now)
		news = m.compare(now)
	} else if m.checks < warmup {
		m.checks++
	}
	report := plugins.Report{Metrics: []plugins.Metric{{Name: "paths_count", Value: float64(m.count)}, {Name: "valid", Value: 1}}}
	if !m.valid {
		report.Metrics[1].Value = 0
	}
	report.Findings = append(m.alarms(), news...)
	report.Changed = len(report.Findings) > 0
	m.tire()
	report.Past = m.encode()
	return report, nil
}

// looksJSON tells whether it is worth reading a body as JSON.
func looksJSON(page *plugins.Page) bool {
	kind := strings.ToLower(page.Header.Get("Content-Type"))
	switch {
	case strings.Contains(kind, "json"):
		return true
	case kind != "" && !strings.HasPrefix(kind, "text/plain"):
		return false
	}
	body := bytes.TrimLeft(page.Body[:min(len(page.Body), 512)], " \t\r\n")
	return len(body) > 0 && (body[0] == '{' || body[0] == '[')
}
