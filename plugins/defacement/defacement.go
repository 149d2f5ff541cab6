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
	"webmon/plugins/lexicon"
)

// Definition describes the plugin.
func Definition() plugins.Definition {
	return plugins.Definition{
		Name: "defacement",
		Doc:  "Whether an HTML page reads as if intruders had left their name on it.",
		When: "an intruder left a name",
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
	own     *lexicon.Lexicon // the asset's own words; nil for none
	more    []string         // the same, as they are looked for
	allowed map[string]bool
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
	d := &defacement{allowed: make(map[string]bool, len(o.Allow))}
	for _, word := range o.Allow {
		d.allowed[normal(word)] = true
	}
	if len(o.Words) > maxOptionWords {
		return nil, fmt.Errorf(`option "words": %d are given, the limit is %d`, len(o.Words), maxOptionWords)
	}
	var terms []lexicon.Term
	for _, word := range o.Words {
		for _, text := range []string{strings.ToLower(word), normal(word)} { // as it stands in the text, and in a title
			if !lexicon.Valid(text) || len(text) > maxEvidence/2 {
				return nil, fmt.Errorf(`option "words": %q is not 3 to %d bytes that begin with a letter or a digit`, word, maxEvidence/2)
			}
			terms = append(terms, lexicon.Term{Class: lexicon.Signature, Text: text})
			d.more = append(d.more, text)
		}
	}
	if len(terms) > 0 {
		d.own = lexicon.New(terms)
	}
	return d, nil
}

// Inspect implements [plugins.Plugin]. A page that is found defaced is never
// learned, so the finding stays until the page is right again. Error pages
// teach nothing, but are looked at: they can be defaced, too.
func (d *defacement) Inspect(_ context.Context, page *plugins.Page, past []byte) (plugins.Report, error) {
	m, known := decode(past)
	if page.Err != nil || page.Truncated || page.Status < 200 || !page.IsHTML() {
		return plugins.Nothing(past, known), nil
	}
	if key := page.Hash() + uint64(page.Status); !known || m.key != key {
		now, found := d.look(page)
		m.key = key
		m.points, m.evidence = judge(&m, now, found)
		m.strangers = nil
		switch {
		case m.points >= alarm:
			m.strangers = m.strange(found)
		case page.Status < 400:
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
			Severity: plugins.Critical, Code: code, Metric: "suspicion_points",
			Message:  message(m.evidence),
			Observed: plugins.Number(float64(m.points) / pointScale), Expected: plugins.Number(0),
			Verdict: plugins.Changed, Evidence: m.strangers[:min(len(m.strangers), maxNamed)],
		}}
	}
	return report, nil
}

// The sentence of a finding.
const (
	saying = "The page looks defaced: "
	parted = "; "
	ending = "."
)

func message(reasons []string) string { return saying + strings.Join(reasons, parted) + ending }

// reasonsIn undoes message. A reason that itself holds what parts two comes in
// parts.
func reasonsIn(message string) []string {
	return strings.Split(strings.TrimSuffix(strings.TrimPrefix(message, saying), ending), parted)
}
