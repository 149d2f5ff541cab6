package extract

import (
	"strings"
	"testing"

	"webmon/plugins"
)

// Judging again by other bounds is tested with all plugins together, in builtin.
func TestRejudgeRefusesOtherNumbers(t *testing.T) {
	t.Parallel()
	make := func(options string) plugins.Plugin {
		plugin, err := New([]byte(options))
		if err != nil {
			t.Fatal(err)
		}
		return plugin
	}
	was := make(`{"values": [{"name": "price", "kind": "css", "expression": ".price"}]}`)
	for options, refused := range map[string]bool{
		``: false, `{"values": [{"name": "price", "kind": "css", "expression": ".price", "max": 3, "k": 9}]}`: false,
		`{"values": [{"name": "price", "kind": "css", "expression": ".cost"}]}`:                  true,
		`{"values": [{"name": "cost", "kind": "css", "expression": ".price"}]}`:                  true,
		`{"values": [{"name": "price", "kind": "css", "expression": ".price", "decimal": ","}]}`: true,
	} {
		_, err := make(options).(plugins.Rejudger).Rejudge(plugins.Origin{Was: was})
		if (err != nil) != refused || refused && !strings.Contains(err.Error(), "values") {
			t.Errorf("%s: %v", options, err)
		}
	}
}

func TestBaselines(t *testing.T) {
	t.Parallel()
	plugin, err := New([]byte(`{"values": [{"name": "price", "kind": "regex", "expression": "\\d+"}, {"name": "rare", "kind": "regex", "expression": "x(\\d+)"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	var past []byte
	for range 12 {
		report, err := plugin.Inspect(t.Context(), &plugins.Page{Status: 200, Body: []byte("100")}, past)
		if err != nil {
			t.Fatal(err)
		}
		past = report.Past
	}
	all := plugin.(plugins.Baseliner).Baselines(past)
	if len(all) != 1 || all[0].Metric != "value_price" || all[0].Expected != 100 || all[0].Low != 96 || all[0].High != 104 || all[0].N != 12 {
		t.Errorf("got %+v", all)
	}
	if all := plugin.(plugins.Baseliner).Baselines(past[1:]); len(all) != 0 {
		t.Errorf("of a damaged past: %+v", all)
	}
}
