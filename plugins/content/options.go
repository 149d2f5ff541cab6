package content

import (
	"encoding/json"
	"fmt"

	"github.com/cespare/xxhash/v2"

	"webmon/plugins"
	"webmon/plugins/selector"
)

type options struct {
	Watch           []string `json:"watch"`
	Ignore          []string `json:"ignore"`
	Mask            []string `json:"mask"`
	MaskExpressions []string `json:"mask_expressions"`
	Alert           bool     `json:"alert"`
}

type content struct {
	watch, ignore selector.Selection
	masks         []mask
	alert         bool
	config        uint64 // hash of the options that the text depends on
}

func optionDocs() []plugins.OptionDoc {
	return []plugins.OptionDoc{
		{Name: "watch", Type: "list of strings", Default: "[]", Doc: `CSS selectors such as ["main", "#price"]: of an HTML page only the text of what they match counts. Nothing given is the whole page.`},
		{Name: "ignore", Type: "list of strings", Default: "[]", Doc: `CSS selectors such as [".ad", "footer time"]: the text of what they match does not count.`},
		{Name: "mask", Type: "list of strings", Default: "[]", Doc: `What may change without the text counting as changed: "dates", "times" (of day), "ages" (as in "5 minutes ago") and "numbers". Each is replaced, as by [date].`},
		{Name: "mask_expressions", Type: "list of strings", Default: "[]", Doc: `Up to 10 regular expressions (RE2), such as "Visitors: \\d+". What they match in a line is replaced by [masked] before anything else is.`},
		{Name: "alert", Type: "true or false", Default: "false", Doc: "Whether a change of the text is a warning with the verdict changed, at the one check that brings it. Otherwise it is only noted."},
	}
}

// New makes the plugin. See [Definition] for the options. Selectors and
// expressions that do not compile are errors.
func New(raw json.RawMessage) (plugins.Plugin, error) {
	var o options
	if err := plugins.DecodeOptions(raw, &o); err != nil {
		return nil, err
	}
	c := &content{alert: o.Alert}
	var err error
	if c.watch, err = selector.Compile(o.Watch); err != nil {
		return nil, fmt.Errorf("option %q: %w", "watch", err)
	}
	if c.ignore, err = selector.Compile(o.Ignore); err != nil {
		return nil, fmt.Errorf("option %q: %w", "ignore", err)
	}
	if c.masks, err = compileMasks(o.MaskExpressions, o.Mask); err != nil {
		return nil, err
	}
	c.config = xxhash.Sum64String(fmt.Sprintf("%q %q %q %q", o.Watch, o.Ignore, o.Mask, o.MaskExpressions))
	return c, nil
}
