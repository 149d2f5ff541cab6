// Package fingerprint is the plugin that notes which software an asset names
// itself by, and when that changes.
package fingerprint

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/cespare/xxhash/v2"

	"webmon/plugins"
)

// Definition describes the plugin.
func Definition() plugins.Definition {
	return plugins.Definition{
		Name: "fingerprint",
		Doc:  "The software that headers and the generator element name, and whether it changed.",
		When: "a name or a version changes (worth noting only)",
		Metrics: []plugins.MetricDoc{
			{Name: "exposed_versions_count", Unit: "count", Doc: "Names among them that tell a version, which helps those who look for holes."},
		},
		Facts: []plugins.FactDoc{
			{Name: "aspnet", Doc: "The version of ASP.NET that a header names."},
			{Name: "generator", Doc: "The software that the generator element names."},
			{Name: "powered_by", Doc: "The header X-Powered-By."},
			{Name: "server", Doc: "The header Server."},
		},
		New: plugins.NoOptions(fingerprint{}),
	}
}

type fingerprint struct{}

// traits are what software is named by. Their order is remembered.
var traits = [...]struct{ fact, header, what string }{
	{"server", "Server", "server"},
	{"powered_by", "X-Powered-By", "software behind the server"},
	{"aspnet", "X-AspNet-Version", "version of ASP.NET"},
	{"generator", "", "software that made the page"},
}

const generator = len(traits) - 1

// Inspect implements [plugins.Plugin]. Only complete, good answers count:
// errors often come from another server. A change is worth noting and no more;
// an upgrade is one. Names seen lately are no change, because several servers
// may take turns.
func (fingerprint) Inspect(_ context.Context, page *plugins.Page, past []byte) (plugins.Report, error) {
	m, known := decode(past)
	if !page.Good() || page.Truncated {
		return plugins.Nothing(past, known), nil
	}
	if !known || m.body != page.Hash() {
		m.body, m.generator = page.Hash(), ""
		if page.IsHTML() {
			m.generator = clip(page.Outline().Generator)
		}
	}
	var report plugins.Report
	exposed := 0
	facts := make(map[string]string, len(traits))
	for i, trait := range traits {
		name := m.generator
		if i != generator {
			name = clip(page.Header.Get(trait.header))
		}
		if name != "" {
			facts[trait.fact] = name
		}
		if strings.ContainsAny(name, "0123456789") {
			exposed++
		}
		if before, fresh := m.learn(i, name); fresh && known {
			report.Findings = append(report.Findings, plugins.Finding{
				Severity: plugins.Info, Code: trait.fact + "_changed",
				Message:  fmt.Sprintf("The %s is now %s; before it was %s.", trait.what, orNone(name), orNone(before)),
				Observed: plugins.Text(orNone(name)), Expected: plugins.Text(orNone(before)),
			})
		}
	}
	report.Metrics = []plugins.Metric{{Name: "exposed_versions_count", Value: float64(exposed)}}
	if len(facts) > 0 {
		report.Facts = facts
	}
	report.Changed = len(report.Findings) > 0
	report.Past = m.encode()
	return report, nil
}

func orNone(name string) string {
	if name == "" {
		return "not named"
	}
	return fmt.Sprintf("%q", name)
}

const (
	pastVersion = 1
	maxName     = 150 // bytes
	maxRecent   = 4   // names remembered of each
)

// memory is what is remembered of an asset.
type memory struct {
	body      uint64 // hash of the body looked at last
	generator string // what that body names
	names     [len(traits)]struct {
		last   string
		recent []uint32 // hashes of names, the latest last
	}
}

// learn takes in a name. It tells whether it is new, and what it was before.
func (m *memory) learn(trait int, name string) (before string, fresh bool) {
	n := &m.names[trait]
	before, n.last = n.last, name
	hash := uint32(xxhash.Sum64String(name))
	at := slices.Index(n.recent, hash)
	if at >= 0 {
		n.recent = slices.Delete(n.recent, at, at+1)
	}
	n.recent = append(n.recent, hash)
	n.recent = n.recent[max(0, len(n.recent)-maxRecent):]
	return before, at < 0
}

func (m *memory) encode() []byte {
	w := plugins.NewPast(pastVersion)
	w.Hash(m.body)
	w.Text(m.generator)
	for _, n := range m.names {
		w.Text(n.last)
		w.Int(len(n.recent))
		for _, hash := range n.recent {
			w.Hash32(hash)
		}
	}
	return w.Bytes()
}

func decode(past []byte) (m memory, ok bool) {
	r := plugins.ReadPast(past, pastVersion)
	m.body = r.Hash()
	m.generator = r.Text(maxName)
	for i := range m.names {
		n := &m.names[i]
		n.last = r.Text(maxName)
		n.recent = make([]uint32, r.Int(maxRecent), maxRecent+1)
		for j := range n.recent {
			n.recent[j] = r.Hash32()
		}
	}
	if !r.OK() {
		return memory{}, false
	}
	return m, true
}

func clip(s string) string {
	return strings.ToValidUTF8(s[:min(len(s), maxName)], "")
}
