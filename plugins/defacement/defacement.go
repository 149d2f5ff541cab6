// Package defacement is the plugin that recognises a page on which intruders
// left their name.
//
// It looks for what they say, in several languages, where they say it, and for
// a title, language or text that is another than before. Words alone are also
// found in the news, and a new title alone is a new design: only strong words
// in a prominent place, or several signs together, are a finding.
package defacement

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"webmon/plugins"
)

// Definition describes the plugin.
func Definition() plugins.Definition {
	return plugins.Definition{
		Name: "defacement",
		Doc:  "Whether an HTML page reads as if intruders had left their name on it.",
		Metrics: []plugins.MetricDoc{
			{Name: "suspicion_points", Unit: "points", Doc: "What speaks for a defacement, together; an alarm from 3 on."},
		},
		Options: []plugins.OptionDoc{
			{Name: "allow", Type: "list of strings", Default: "[]", Doc: `Words that do not count, such as ["hacker"], for a site that is about them.`},
			{Name: "words", Type: "list of strings", Default: "[]", Doc: "More words that count as strongly as \"hacked by\"."},
		},
		New: New,
	}
}

type defacement struct {
	words   *lexicon
	allowed map[string]bool
	more    []string
}

type options struct {
	Allow []string `json:"allow"`
	Words []string `json:"words"`
}

// maxOptionWords bounds what each new version of a page is searched for.
const maxOptionWords = 50

// New makes the plugin. See [Definition] for the options.
func New(raw json.RawMessage) (plugins.Plugin, error) {
	var o options
	if err := plugins.DecodeOptions(raw, &o); err != nil {
		return nil, err
	}
	allowed, more := make(map[string]bool, len(o.Allow)), make([]string, 0, len(o.Words))
	for _, word := range o.Allow {
		allowed[normal(word)] = true
	}
	for _, word := range o.Words {
		if word = normal(word); len(word) < 3 || len(word) > maxEvidence/2 {
			return nil, fmt.Errorf(`option "words": %q is not a word of 3 to %d bytes`, word, maxEvidence/2)
		}
		more = append(more, word)
	}
	if len(more) > maxOptionWords {
		return nil, fmt.Errorf(`option "words": %d are given, the limit is %d`, len(more), maxOptionWords)
	}
	return &defacement{words: newLexicon(more, allowed), allowed: allowed, more: more}, nil
}

// Inspect implements [plugins.Plugin]. A page that is found defaced is never
// learned, so the finding stays until the page is right again. Error pages
// teach nothing, but are looked at: they can be defaced, too.
func (d *defacement) Inspect(_ context.Context, page *plugins.Page, past []byte) (plugins.Report, error) {
	m, known := decode(past)
	if page.Err != nil || page.Truncated || page.Status < 200 || !page.IsHTML() {
		if !known {
			past = nil
		}
		return plugins.Report{Past: past}, nil
	}
	if key := page.Hash() + uint64(page.Status); !known || m.key != key {
		now, found := d.look(page.Outline())
		m.key = key
		m.points, m.evidence = judge(&m, now, found)
		if m.points < alarm && page.Status < 400 {
			m.learn(now, found)
		}
		past = m.encode()
	}
	report := plugins.Report{
		Metrics: []plugins.Metric{{Name: "suspicion_points", Value: float64(m.points) / pointScale}}, Past: past,
	}
	if m.points >= alarm {
		report.Changed = true
		report.Findings = []plugins.Finding{{
			Severity: plugins.Critical, Code: "defaced", Metric: "suspicion_points",
			Message:  "The page looks defaced: " + strings.Join(m.evidence, "; ") + ".",
			Observed: plugins.Number(float64(m.points) / pointScale), Expected: plugins.Number(0),
			Verdict: plugins.Changed, Evidence: m.evidence,
		}}
	}
	return report, nil
}
