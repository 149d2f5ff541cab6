package extract

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"webmon/plugins"
	"webmon/plugins/plugintest"
)

func newPlugin(t testing.TB, options string) plugins.Plugin {
	t.Helper()
	plugin, err := New(json.RawMessage(options))
	if err != nil {
		t.Fatal(err)
	}
	return plugin
}

func inspect(t testing.TB, plugin plugins.Plugin, body string, past []byte) plugins.Report {
	t.Helper()
	report, err := plugin.Inspect(t.Context(), &plugins.Page{Status: 200, Body: []byte(body)}, past)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func one(kind, expression, more string) string {
	raw, _ := json.Marshal(expression)
	return fmt.Sprintf(`{"values": [{"name": "n", "kind": %q, "expression": %s%s}]}`, kind, raw, more)
}

const shop = `<html><body><p class=price data-cents=1250>from € 1,234.50 a piece</p><ul><li>a<li>b<li>c</ul><b>−3</b></body></html>`

func TestRead(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		kind, expression, more, body string
		want                         any // nil: not found
	}{
		{"css", ".price", "", shop, 1234.5},
		{"css", "p[data-cents]", `, "attribute": "data-cents"`, shop, 1250.0},
		{"css", "b", "", shop, -3.0},
		{"css", ".none", "", shop, nil},
		{"css", "li", "", shop, nil},
		{"xpath", "//p[@class='price']", "", shop, 1234.5},
		{"xpath", "//p/@data-cents", "", shop, 1250.0},
		{"xpath", "count(//li)", "", shop, 3.0},
		{"xpath", "count(//li) > 2", "", shop, 1.0},
		{"xpath", "//none", "", shop, nil},
		{"regex", `data-cents=(\d+)`, "", shop, 1250.0},
		{"regex", `\d+\.\d+`, "", "v 1.5 of", 1.5},
		{"regex", `x(\d+)`, "", shop, nil},
		{"jsonpath", "$.queue[0].length", "", `{"queue": [{"length": 7}]}`, 7.0},
		{"jsonpath", "$.queue[-1].length", "", `{"queue": [{"length": 6}, {"length": 7}]}`, 7.0},
		{"jsonpath", "$.queue[5]", "", `{"queue": [{"length": 6}, {"length": 7}]}`, nil},
		{"jsonpath", "$.queue[?(@.name == 'b')].length", "", `{"queue": [{"name": "a", "length": 6}, {"name": "b", "length": 7}]}`, 7.0},
		{"jsonpath", "$..a..a..b", "", `{"a": [{"a": [[{"b": 5}], {"b": 6}]}], "b": 1}`, 5.0},
		{"jsonpath", "$..n", "", `{"b": {"n": 2}, "a": [{"n": 1}], "c": {"n": 3}}`, 1.0},
		{"jsonpath", "$.*[0]", "", `{"b": [2], "a": [1]}`, 1.0},
		{"jsonpath", "$['b', 'a'][-1]", "", `{"b": [2], "a": [1]}`, 2.0},
		{"jsonpath", "$..length", "", `{"queue": [{"name": "a"}, {"name": "b", "length": 7}]}`, 7.0},
		{"jsonpath", "$.queue[0:1].length", "", `{"queue": [{"length": 6}, {"length": 7}]}`, 6.0},
		{"jsonpath", "$.ok", "", `{"ok": true}`, 1.0},
		{"jsonpath", "$.price", "", `{"price": "12.5 EUR"}`, 12.5},
		{"jsonpath", "$.none", "", `{"price": 1}`, nil},
		{"jsonpath", "$.a", "", `{"a": {}}`, nil},
		{"jsonpath", "$.a", "", `not JSON`, nil},
		{"regex", ".+", `, "decimal": ","`, "1.234,5 EUR", 1234.5},
		{"regex", ".+", "", "1 234 567", 1234567.0},
		{"regex", ".+", "", "1e3", 1000.0},
		{"regex", ".+", "", "1.2.3", nil},
		{"regex", ".+", "", "9e999", nil},
	} {
		report := inspect(t, newPlugin(t, one(test.kind, test.expression, test.more)), test.body, nil)
		var got any
		if len(report.Metrics) > 0 {
			got = report.Metrics[0].Value
		}
		if got != test.want || (test.want == nil) != (len(report.Findings) == 1) {
			t.Errorf("%s %s of %.40s: %v, want %v; %+v", test.kind, test.expression, test.body, got, test.want, report.Findings)
		}
	}
}

// Each step is a check of the same asset.
func TestFindings(t *testing.T) {
	t.Parallel()
	plugin := newPlugin(t, one("regex", `\d+`, `, "min": 5, "max": 1000`))
	var past []byte
	for i := range 12 {
		report := inspect(t, plugin, fmt.Sprint(100+i%2), past)
		if past = report.Past; len(report.Findings) > 0 {
			t.Fatalf("warming up: %+v", report.Findings)
		}
	}
	for i, step := range []struct{ body, want string }{
		{"103", ""}, {"none", "warning value_missing "}, {"150", "warning value_unusual changed"}, {"150", "warning value_unusual changed"},
		{"101", ""}, {"4", "warning value_out_of_limits degraded,warning value_unusual changed"},
		{"2000", "warning value_out_of_limits degraded,warning value_unusual changed"}, {"100", ""},
		{"none", "warning value_missing "}, {"none", "warning value_missing "}, {"none", "warning value_missing degraded"},
	} {
		report := inspect(t, plugin, step.body, past)
		past = report.Past
		var got []string
		for _, f := range report.Findings {
			got = append(got, fmt.Sprintf("%s %s %s", f.Severity, f.Code, f.Verdict))
		}
		if strings.Join(got, ",") != step.want {
			t.Errorf("step %d: %q, want %q", i, got, step.want)
		}
	}
	failed, err := plugin.Inspect(t.Context(), &plugins.Page{Err: errors.New("reset")}, past)
	if err != nil || len(failed.Findings) > 0 || string(failed.Past) != string(past) {
		t.Errorf("without an answer: %+v, %v", failed, err)
	}
}

// Other options are other numbers: what was learned of the old ones is nothing
// to them.
func TestOtherOptions(t *testing.T) {
	t.Parallel()
	past := inspect(t, newPlugin(t, one("regex", `a(\d)`, "")), "a1 b2", nil).Past
	if report := inspect(t, newPlugin(t, one("regex", `b(\d)`, "")), "a1 b2", past); report.Metrics[0].Value != 2 {
		t.Errorf("got %+v", report.Metrics)
	}
	if report := inspect(t, newPlugin(t, ""), "a1", past); report.Past != nil || report.Metrics != nil {
		t.Errorf("without options: %+v", report)
	}
}

func TestBadOptions(t *testing.T) {
	t.Parallel()
	for options, want := range map[string]string{
		one("css", "p[", ""):                                "not valid css",
		one("xpath", "//p[", ""):                            "not valid xpath",
		one("jsonpath", "$.[", ""):                          "not valid jsonpath",
		one("regex", "(", ""):                               "not valid regex",
		one("regexp", "a", ""):                              "no kind",
		one("css", "p:matches(x)", ""):                      ":matches",
		one("css", "p:not(a b)", ""):                        "xpath",
		one("css", "p:has(a:not(b > c))", ""):               "xpath",
		one("xpath", "replace(., 'a', 'aa')", ""):           "replace",
		one("jsonpath", "$[?(@..a)]", ""):                   "filter",
		one("jsonpath", "$[?(@.a == $.b)]", ""):             "filter",
		one("jsonpath", "$[?(@.a[?(@.b)])]", ""):            "filter",
		one("css", "", ""):                                  "expression",
		one("regex", "a", `, "attribute": "b"`):             "attribute",
		one("css", "a", `, "decimal": ";"`):                 "decimal",
		one("css", "a", `, "k": 0.5`):                       "k is",
		one("css", "a", `, "min": 2, "max": 1`):             "min",
		one("css", "a", `, "unknown": 2`):                   "unknown",
		`{"values": [{"name": "A b"}]}`:                     "a name is",
		`{"values": "a"}`:                                   "values",
		`{"values": [` + strings.Repeat("{},", 10) + `{}]}`: "limit",
		`{"values": [{"name":"a","kind":"css","expression":"a"},{"name":"a","kind":"css","expression":"a"}]}`: "twice",
	} {
		if _, err := New(json.RawMessage(options)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want one with %q", options, err, want)
		}
	}
}

// One plugin serves many goroutines, whatever its libraries keep.
func TestSharedUse(t *testing.T) {
	t.Parallel()
	plugin := newPlugin(t, `{"values": [{"name":"a","kind":"css","expression":"li:nth-child(2), .price"},
		{"name":"b","kind":"xpath","expression":"count(//ul/li[position() > 1])"},
		{"name":"c","kind":"jsonpath","expression":"$[?(@.a > 1)].b"}, {"name":"d","kind":"regex","expression":"\\d+"}]}`)
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for range 20 {
				body := shop
				if i%2 == 0 {
					body = `[{"a": 1, "b": 5}, {"a": 2, "b": 6}]`
				}
				report, err := plugin.Inspect(t.Context(), &plugins.Page{Status: 200, Body: []byte(body)}, nil)
				if err != nil || len(report.Metrics) != 3 {
					t.Errorf("%v, %v, want 3 metrics", report.Metrics, err)
				}
			}
		})
	}
	wg.Wait()
}

func FuzzInspect(f *testing.F) {
	f.Add([]byte(shop), []byte{pastVersion})
	f.Add([]byte(`{"a": [1]}`), []byte(nil))
	plugin := newPlugin(f, `{"values": [{"name":"a","kind":"css","expression":"p"},{"name":"b","kind":"xpath","expression":"//p"},
		{"name":"c","kind":"jsonpath","expression":"$..a"},{"name":"d","kind":"regex","expression":".+"}]}`)
	f.Fuzz(func(t *testing.T, body, past []byte) {
		first := inspect(t, plugin, string(body), past)
		if again := inspect(t, plugin, string(body), first.Past); fmt.Sprint(again.Metrics) != fmt.Sprint(first.Metrics) {
			t.Errorf("unchanged, %v became %v", first.Metrics, again.Metrics)
		}
	})
}

func FuzzExpressions(f *testing.F) {
	f.Add("css", "p > a")
	f.Add("xpath", "//p[1]")
	f.Add("jsonpath", "$.a[?(@.b)]")
	f.Fuzz(func(t *testing.T, kind, expression string) {
		plugin, err := New(json.RawMessage(one(kind, expression, "")))
		if err == nil {
			inspect(t, plugin, shop, nil)
			inspect(t, plugin, `{"a": [{"b": 1}]}`, nil)
		}
	})
}

func BenchmarkInspect(b *testing.B) {
	plugin := newPlugin(b, one("css", ".price", ""))
	body := strings.Repeat("<p>some <a href=/x>text</a></p>\n", 1000) + shop
	var past []byte
	for range 70 {
		past = inspect(b, plugin, body, past).Past
	}
	for name, memory := range map[string][]byte{"unchanged": past, "new": nil} {
		b.Run(name, func(b *testing.B) {
			page := &plugins.Page{Status: 200, Body: []byte(body)}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := plugin.Inspect(b.Context(), page, memory); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(len(past)), "memory-bytes")
		})
	}
}

func FuzzReport(f *testing.F) {
	plugintest.Fuzz(f, Definition(), `{"values": [{"name": "a", "kind": "css", "expression": "p:not(.x) ~ b, a"},
		{"name": "b", "kind": "xpath", "expression": "//p[position() < last()]"},
		{"name": "c", "kind": "jsonpath", "expression": "$..a[?(@.b)]..*"}, {"name": "d", "kind": "regex", "expression": "\\d+"}]}`)
}
