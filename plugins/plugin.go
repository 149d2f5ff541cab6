package plugins

import (
	"context"
	"encoding/json"
	"strings"
)

// Plugin looks at pages. One value serves many goroutines at once.
type Plugin interface {
	// Inspect reports on page. past is the Report.Past of the previous check
	// of the same asset, or nil; it may come from an older version or be
	// damaged, and is then to be ignored, never an error. An error means the
	// plugin could not do its work, not that the page is bad.
	Inspect(ctx context.Context, page *Page, past []byte) (Report, error)
}

// Definition describes a plugin and makes it.
type Definition struct {
	Name    string      // lower case, one word; the prefix of its metrics
	Doc     string      // one sentence: what it measures
	When    string      // what it speaks up about: the end of a sentence that begins "It speaks up when"
	Metrics []MetricDoc // every metric it can report
	Facts   []FactDoc   // every fact it can report
	Options []OptionDoc // every option it takes

	// New makes the plugin for one asset's options: a JSON object, or nil
	// for defaults. Unknown options and bad values are errors that name them.
	New func(options json.RawMessage) (Plugin, error)
}

// MetricDoc describes a metric, or a family of metrics when Name has a part
// in angle brackets ("tag_<name>_count").
type MetricDoc struct {
	Name  string
	Unit  string // "seconds", "bytes", "count", "ratio", "points", "timestamp", "code", "bool" or "number"
	Doc   string
	Alias string // another word for it that people know and may use in assertions, if there is one
}

// Covers tells whether a metric of that name is described, exactly or as one of
// the family.
func (d *MetricDoc) Covers(name string) bool {
	before, rest, family := strings.Cut(d.Name, "<")
	if !family {
		return d.Name == name
	}
	_, after, _ := strings.Cut(rest, ">")
	return len(name) > len(before)+len(after) && strings.HasPrefix(name, before) && strings.HasSuffix(name, after)
}

// FactDoc describes a fact.
type FactDoc struct {
	Name string
	Doc  string
}

// OptionDoc describes an option that an asset may set for a plugin.
type OptionDoc struct {
	Name    string
	Type    string // "number", "string", "list of strings", …
	Default string
	Doc     string
}
