// Package htmlstats is the plugin that learns what is normal for a page, and
// says when the page changes more than it should.
//
// It measures a page in numbers: its size, and how many there are of each
// element. For each number it keeps a window of the last checks. A value
// further from the window's mean than k standard deviations is unusual, and a
// page with unusual values is set aside: it does not enter the windows, so a
// defacement cannot make itself normal at once. A page that stays as it has
// become is adopted after a few checks.
package htmlstats

import (
	"context"
	"encoding/json"
	"fmt"

	"webmon/plugins"
)

// Definition describes the plugin.
func Definition() plugins.Definition {
	return plugins.Definition{
		Name:    "htmlstats",
		Doc:     "Sizes and element counts of an HTML page, and whether they leave what is usual for it.",
		Metrics: metricDocs(),
		Options: []plugins.OptionDoc{
			{Name: "k", Type: "number", Default: "4", Doc: "How many standard deviations from the mean are still usual; 1 to 20."},
			{Name: "warmup", Type: "number", Default: "5", Doc: "Checks to learn from before anything is unusual; 2 to the window's length."},
			{Name: "window", Type: "number", Default: "60", Doc: "Checks that the mean and standard deviation are taken from; 5 to 240."},
			{Name: "ignore", Type: "list of strings", Default: "[]", Doc: `Metrics that are never unusual, such as ["tag_li_count"].`},
		},
		New: New,
	}
}

type htmlstats struct {
	judge
	warmup int
	window int
}

type options struct {
	K      float64  `json:"k"`
	Warmup int      `json:"warmup"`
	Window int      `json:"window"`
	Ignore []string `json:"ignore"`
}

// The defaults. With forty numbers a page and a check a minute, three standard
// deviations would be left by chance many times a day; four, a few times a
// month, and those mostly within the floors.
const (
	defaultK      = 4
	defaultWarmup = 5
	defaultWindow = 60
)

// New makes the plugin. See [Definition] for the options.
func New(raw json.RawMessage) (plugins.Plugin, error) {
	o := options{K: defaultK, Warmup: defaultWarmup, Window: defaultWindow}
	if err := plugins.DecodeOptions(raw, &o); err != nil {
		return nil, err
	}
	switch {
	case o.K < 1 || o.K > 20:
		return nil, fmt.Errorf("option %q: %v is not between 1 and 20", "k", o.K)
	case o.Window < 5 || o.Window > maxWindow:
		return nil, fmt.Errorf("option %q: %d is not between 5 and %d", "window", o.Window, maxWindow)
	case o.Warmup < 2 || o.Warmup > o.Window:
		return nil, fmt.Errorf("option %q: %d is not between 2 and the window's length, %d", "warmup", o.Warmup, o.Window)
	}
	h := &htmlstats{judge: newJudge(o.K), warmup: o.Warmup, window: o.Window}
	for _, name := range o.Ignore {
		m, ok := metricNamed(name)
		if !ok {
			return nil, fmt.Errorf("option %q: there is no metric %q; names are such as page_bytes and tag_script_count", "ignore", name)
		}
		h.ignored[m] = true
	}
	return h, nil
}

// Inspect implements [plugins.Plugin]. Only complete, good answers are looked
// at; all others say nothing of the page and teach nothing.
func (h *htmlstats) Inspect(_ context.Context, page *plugins.Page, past []byte) (plugins.Report, error) {
	m := memories.Get().(*memory)
	defer memories.Put(m)
	known := m.decode(past)
	if page.Err != nil || page.Truncated || page.Status < 200 || page.Status > 399 {
		if !known {
			past = nil
		}
		return plugins.Report{Past: past}, nil
	}

	now := &m.last
	if isHTML := page.IsHTML(); !known || m.hash != page.Hash() || m.last.isHTML != isHTML {
		m.hash = page.Hash()
		measure(page, isHTML, now)
	}
	unusual, judged := h.unusual(m, now)
	h.learn(m, now, unusual)
	return plugins.Report{
		Metrics:  reportMetrics(m, now),
		Findings: findings(unusual, judged),
		Changed:  len(unusual) > 0,
		Past:     m.encode(),
	}, nil
}
