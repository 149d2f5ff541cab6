// Package content is the plugin that tells whether the text of a page changed.
package content

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/cespare/xxhash/v2"

	"webmon/plugins"
)

// Definition describes the plugin.
func Definition() plugins.Definition {
	return plugins.Definition{
		Name: "content",
		Doc:  "Whether the text a reader sees changed since the last check, and the page's title.",
		When: "the text changed (worth noting only)",
		Metrics: []plugins.MetricDoc{
			{Name: "text_bytes", Unit: "bytes", Doc: "Visible text of an HTML page, white space collapsed."},
			{Name: "words_count", Unit: "count", Doc: "Words of the visible text of an HTML page."},
		},
		New: New,
	}
}

type content struct{}

// New makes the plugin. It takes no options.
func New(raw json.RawMessage) (plugins.Plugin, error) {
	if err := plugins.DecodeOptions(raw, &struct{}{}); err != nil {
		return nil, err
	}
	return content{}, nil
}

// Inspect implements [plugins.Plugin]. It remembers what it says of the page,
// so that an unchanged body is not parsed again. Anything but a complete,
// good answer teaches it nothing.
func (content) Inspect(_ context.Context, page *plugins.Page, past []byte) (plugins.Report, error) {
	before, known := decode(past)
	if page.Err != nil || page.Status < 200 || page.Status > 399 {
		if !known {
			past = nil
		}
		return plugins.Report{Past: past}, nil
	}
	now := before
	if isHTML := page.IsHTML(); !known || before.body != page.Hash() || before.isHTML != isHTML {
		now = look(page, isHTML)
		past = now.encode()
	}
	report := now.report()
	report.Past = past
	if known && (now.text != before.text || now.isHTML != before.isHTML) {
		report.Changed = true
		report.Findings = []plugins.Finding{{
			Severity: plugins.Info, Code: "content_changed",
			Message:  change(before, now),
			Observed: plugins.Text(hex(now.text)), Expected: plugins.Text(hex(before.text)),
		}}
	}
	return report, nil
}

// look reads what is to be known of a page.
func look(page *plugins.Page, isHTML bool) summary {
	if !isHTML {
		return summary{body: page.Hash(), text: page.Hash()}
	}
	outline := page.Outline()
	s := summary{
		body: page.Hash(), isHTML: true, title: outline.Title,
		text: xxhash.Sum64String(outline.Text), textBytes: len(outline.Text),
	}
	if outline.Text != "" {
		s.words = 1 + strings.Count(outline.Text, " ")
	}
	return s
}

func (s summary) report() plugins.Report {
	report := plugins.Report{Facts: map[string]string{"hash": hex(s.text)}}
	if s.isHTML {
		report.Metrics = []plugins.Metric{
			{Name: "text_bytes", Value: float64(s.textBytes)},
			{Name: "words_count", Value: float64(s.words)},
		}
	}
	if s.title != "" {
		report.Facts["title"] = s.title
	}
	return report
}

func change(before, now summary) string {
	switch {
	case before.isHTML != now.isHTML:
		return "The page changed between HTML and something else."
	case !now.isHTML:
		return "The body changed."
	case before.title != now.title:
		return fmt.Sprintf("The text changed to %s from %d; the title to %q from %q.", words(now.words), before.words, now.title, before.title)
	}
	return fmt.Sprintf("The text changed to %s from %d.", words(now.words), before.words)
}

func words(n int) string {
	if n == 1 {
		return "1 word"
	}
	return fmt.Sprintf("%d words", n)
}

func hex(hash uint64) string { return fmt.Sprintf("%016x", hash) }
