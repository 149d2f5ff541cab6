// Package blockpage is the plugin that recognises answers that are not the
// page: captchas, firewalls, parked domains, maintenance, login walls, and
// error pages served with a status that says all is well.
package blockpage

import (
	"context"
	"encoding/json"
	"fmt"

	"webmon/plugins"
)

// Definition describes the plugin.
func Definition() plugins.Definition {
	return plugins.Definition{
		Name: "blockpage",
		Doc:  "Whether something else than the page was served: a captcha, a firewall, parking, maintenance, a login, an error text.",
		When: "a captcha, a firewall, parking, maintenance, a login or an error text came in place of the page",
		Metrics: []plugins.MetricDoc{
			{Name: "blocked", Unit: "bool", Doc: "1 when something else than the page was served, else 0."},
		},
		Facts: []plugins.FactDoc{
			{Name: "kind", Doc: "What was served in place of the page: the code of the finding, such as captcha."},
		},
		Options: []plugins.OptionDoc{{
			Name: "expect", Type: "list of strings", Default: "[]",
			Doc: `Kinds that are the page itself here, of ` + kindNames() + `.`,
		}},
		New: New,
	}
}

type blockpage struct{ expected [numKinds]bool }

type options struct {
	Expect []string `json:"expect"`
}

// New makes the plugin. See [Definition] for the options.
func New(raw json.RawMessage) (plugins.Plugin, error) {
	var o options
	if err := plugins.DecodeOptions(raw, &o); err != nil {
		return nil, err
	}
	b := new(blockpage)
	for _, name := range o.Expect {
		kind := kindNamed(name)
		if kind == none {
			return nil, fmt.Errorf(`option "expect": there is no kind %q; kinds are %s`, name, kindNames())
		}
		b.expected[kind] = true
	}
	return b, nil
}

// Inspect implements [plugins.Plugin]. It remembers whether the page had a
// password field when all was well, because a login is a wall only where there
// was none.
func (b *blockpage) Inspect(_ context.Context, page *plugins.Page, past []byte) (plugins.Report, error) {
	m, known := decode(past)
	if page.Err != nil || page.Status < 200 {
		return plugins.Nothing(past, known), nil
	}
	key := pageKey(page)
	if !known || m.key != key {
		m.key = key
		m.seen = recognise(page, m.open >= warmup)
		m.hasPassword = page.Status < 400 && page.IsHTML() && page.Outline().Passwords > 0
	}
	blocked := m.seen.kind != none && !b.expected[m.seen.kind] && m.accepted>>m.seen.kind&1 == 0
	if !blocked {
		m.learn(page)
	}
	report := plugins.Report{Metrics: []plugins.Metric{{Name: "blocked"}}, Past: m.encode()}
	if blocked {
		report.Metrics[0].Value = 1
		report.Facts = map[string]string{"kind": kinds[m.seen.kind].name}
		report.Findings = []plugins.Finding{{
			Severity: plugins.Warning, Code: kinds[m.seen.kind].name, Metric: "blocked",
			Message:  kinds[m.seen.kind].sentence + fmt.Sprintf(" It was recognised by %q.", m.seen.marker),
			Observed: plugins.Text(m.seen.marker), Verdict: plugins.Inconclusive,
		}}
	}
	return report, nil
}

// Accept implements [plugins.Accepter]: a kind is the page itself from now on.
// Without a code it is the kind that was seen last.
func (b *blockpage) Accept(past []byte, target plugins.Target) []byte {
	m, ok := decode(past)
	if !ok {
		return past
	}
	kind := m.seen.kind
	if target.Code != "" {
		kind = kindNamed(target.Code)
	}
	if kind == none {
		return past
	}
	m.accepted |= 1 << kind
	return m.encode()
}
