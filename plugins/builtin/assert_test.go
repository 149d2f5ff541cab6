package builtin_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"webmon/plugins"
	"webmon/plugins/builtin"
)

// shop is a page that answers well.
func shop() *plugins.Page {
	return &plugins.Page{
		URL: "http://shop.test/", FinalURL: "http://shop.test/home", Redirects: []plugins.Hop{{URL: "http://shop.test/", Status: 302}}, Proto: "HTTP/1.1",
		Status: 200, Header: http.Header{"Content-Type": {"text/html"}, "Server": {"nginx"}, "X-Both": {"a", "b"}},
		Body:   []byte("<!doctype html><html lang=en><title>Shop</title><body><h1>Welcome</h1><a href=/a>a</a><a href=/b>b</a><ul><li>1<li>2</ul></html>"),
		Timing: plugins.Timing{FirstByte: 412 * time.Millisecond, Total: 500 * time.Millisecond}, At: time.Unix(1_800_000_000, 0),
	}
}

func refused() *plugins.Page {
	return &plugins.Page{URL: "http://shop.test/", Err: errors.New("connection refused"), ErrClass: plugins.ErrRefused, At: time.Unix(1_800_000_000, 0)}
}

func asserting(t *testing.T, list ...plugins.Assertion) *plugins.Suite {
	t.Helper()
	suite, err := builtin.Registry().Asserting(nil, list)
	if err != nil {
		t.Fatal(err)
	}
	return suite
}

// assertions is the report on assertions, which comes last.
func assertions(t *testing.T, outcome plugins.Outcome) plugins.Report {
	t.Helper()
	last := outcome.Reports[len(outcome.Reports)-1]
	if last.Plugin != plugins.AssertionsName {
		t.Fatalf("the last report is of %s", last.Plugin)
	}
	return last
}

func counts(report plugins.Report) (failed, passed, undecided float64) {
	return report.Metrics[0].Value, report.Metrics[1].Value, report.Metrics[2].Value
}

func TestAssertionsThatHold(t *testing.T) {
	t.Parallel()
	for _, expr := range []string{
		"status == 200", `error == ""`, `url == "http://shop.test/"`, `final_url endsWith "/home"`, "redirects == 1", "body_bytes in 100..200",
		`body contains "Welcome"`, `verdict == "up"`, `header.server == "nginx"`, `header["x-both"] == "a, b"`, `header["x-none"] == ""`,
		"timing.ttfb == 0.412", "timing.first_byte == 0.412", "timing.first_byte_seconds == 0.412", `timing.total < duration("600ms")`,
		"htmlstats.links == 2", "htmlstats.links_count == 2", "htmlstats.tag_li == 2", "htmlstats.tag_li_count == 2", "htmlstats.tag_video == 0",
		`seo.title == "Shop"`, `seo.description == ""`, "seo.indexable", "availability.up", "availability.up == 1", "availability.status == 200",
		"!blockpage.blocked", `blockpage.kind == ""`, "headers.score < 100", `headers.grade in ["F", "D", "C"]`, `thirdparty.script_sites == ""`,
		"thirdparty.script_sites_count == 0", "protocol.http_version == 'HTTP/1.1'", "htmlstats.score == 0",
	} {
		outcome := asserting(t, plugins.Assertion{Expr: expr}).Inspect(t.Context(), shop(), nil)
		report := assertions(t, outcome)
		if failed, passed, undecided := counts(report); failed != 0 || passed != 1 || undecided != 0 || outcome.Verdict != plugins.Up {
			t.Errorf("%s: verdict %s: %+v", expr, outcome.Verdict, report)
		}
	}
}

func TestAssertionThatFails(t *testing.T) {
	t.Parallel()
	const long = `seo.title == "` + "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx" +
		"yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy" + `"`
	for _, c := range []struct {
		assertion plugins.Assertion
		want      plugins.Finding
		verdict   plugins.Verdict
	}{
		{plugins.Assertion{Expr: "timing.ttfb < 0.3"}, plugins.Finding{
			Severity: plugins.Critical, Verdict: plugins.Down, Message: "timing.ttfb < 0.3 does not hold: timing.ttfb is 0.412.",
			Observed: plugins.Number(0.412), Expected: plugins.Text("< 0.3"),
		}, plugins.Down},
		{plugins.Assertion{Expr: "404 == status", Severity: plugins.Warning, Verdict: plugins.Degraded}, plugins.Finding{
			Severity: plugins.Warning, Verdict: plugins.Degraded, Message: "404 == status does not hold: status is 200.",
			Observed: plugins.Number(200), Expected: plugins.Number(404),
		}, plugins.Degraded},
		{plugins.Assertion{Expr: `seo.title contains "Casino"`, Message: "It is no casino.", Verdict: plugins.Changed}, plugins.Finding{
			Severity: plugins.Critical, Verdict: plugins.Changed, Message: "It is no casino.",
			Observed: plugins.Text("Shop"), Expected: plugins.Text("contains Casino"),
		}, plugins.Changed},
		{plugins.Assertion{Expr: "status == 200 && htmlstats.links > 5 && !seo.indexable", Severity: plugins.Info}, plugins.Finding{
			Severity: plugins.Info, Message: "status == 200 && htmlstats.links > 5 && !seo.indexable does not hold: htmlstats.links is 2, seo.indexable is true.",
		}, plugins.Up},
		{plugins.Assertion{Expr: "!measured(htmlstats.links) || !measured(protocol.age)" + " && status == 1"}, plugins.Finding{
			Severity: plugins.Critical, Verdict: plugins.Down,
			Message: "!measured(htmlstats.links) || !measured(protocol.age) && status == 1 does not hold: htmlstats.links is 2, status is 200.",
		}, plugins.Down},
		{plugins.Assertion{Expr: long}, plugins.Finding{
			Severity: plugins.Critical, Verdict: plugins.Down, Message: long[:197] + "… does not hold: seo.title is \"Shop\".",
			Observed: plugins.Text("Shop"), Expected: plugins.Text(long[len(`seo.title == "`):][:197] + "…"), Evidence: []string{long[:197] + "…"},
		}, plugins.Down},
	} {
		outcome := asserting(t, c.assertion).Inspect(t.Context(), shop(), nil)
		c.want.Code = "assertion_failed"
		if c.want.Evidence == nil {
			c.want.Evidence = []string{c.assertion.Expr}
		}
		report := assertions(t, outcome)
		if outcome.Verdict != c.verdict || len(report.Findings) != 1 || !reflect.DeepEqual(report.Findings[0], c.want) {
			t.Errorf("%s: verdict %s,\n%+v\nwant\n%+v", c.assertion.Expr, outcome.Verdict, report.Findings, c.want)
		}
	}
}

// What was not measured is no failure, whoever is to blame for that tells.
func TestAssertionsAboutNothing(t *testing.T) {
	t.Parallel()
	suite := asserting(t,
		plugins.Assertion{Expr: "status == 200 && timing.ttfb < 0.3"}, plugins.Assertion{Expr: `seo.title == "Shop"`},
		plugins.Assertion{Expr: `header.server == "nginx"`}, plugins.Assertion{Expr: `body contains "x"`}, plugins.Assertion{Expr: "htmlstats.tag_video == 0"},
		plugins.Assertion{Expr: `error == "dns"`, Verdict: plugins.Changed}, plugins.Assertion{Expr: `error in ["", "refused"]`})
	outcome := suite.Inspect(t.Context(), refused(), nil)
	report := assertions(t, outcome)
	failed, passed, undecided := counts(report)
	if failed != 1 || passed != 1 || undecided != 5 || outcome.Verdict != plugins.Down || len(report.Findings) != 2 {
		t.Fatalf("verdict %s: %+v", outcome.Verdict, report)
	}
	if f := report.Findings[0]; f.Verdict != plugins.Changed || f.Message != `error == "dns" does not hold: error is "refused".` {
		t.Errorf("it says %+v", f)
	}
	want := plugins.Finding{
		Severity: plugins.Info, Code: "assertion_undecided",
		Message:  `5 assertions say nothing of this check: status, timing.ttfb, seo.title, header["server"], body and 1 more were not measured.`,
		Evidence: []string{"status == 200 && timing.ttfb < 0.3", `seo.title == "Shop"`, `header.server == "nginx"`, `body contains "x"`, "htmlstats.tag_video == 0"},
	}
	if !reflect.DeepEqual(report.Findings[1], want) {
		t.Errorf("it says\n%+v\nwant\n%+v", report.Findings[1], want)
	}

	text := shop()
	text.Header, text.Body, text.Truncated = http.Header{"Content-Type": {"text/plain"}}, []byte("plain"), true
	report = assertions(t, asserting(t, plugins.Assertion{Expr: "htmlstats.links > 0"}, plugins.Assertion{Expr: `body contains "end"`}).Inspect(t.Context(), text, nil))
	if _, _, undecided := counts(report); undecided != 2 || report.Findings[0].Message !=
		"2 assertions say nothing of this check: htmlstats.links was not measured; the body was cut at the size limit." {
		t.Errorf("of a text it says %+v", report)
	}
}

// An assertion that fails cannot be accepted, and changes no memory.
func TestAssertionsLearnNothing(t *testing.T) {
	t.Parallel()
	plain, suite := asserting(t), asserting(t, plugins.Assertion{Expr: "status == 404", Verdict: plugins.Changed})
	without, with := plain.Inspect(t.Context(), shop(), nil), suite.Inspect(t.Context(), shop(), nil)
	if !bytes.Equal(without.Memory, with.Memory) || with.Memory == nil {
		t.Error("an assertion changes what is remembered")
	}
	if found := plugins.Find(with.Reports, plugins.Target{}); found != nil {
		t.Errorf("%v could be accepted", found)
	}
	if found := plugins.Gist(with.Reports, plugins.Target{}); found != nil {
		t.Errorf("%v could be refused", found)
	}
}

// Every metric and fact of every plugin has a name, and a short one where its
// unit can be left out.
func TestEverythingCanBeAsserted(t *testing.T) {
	t.Parallel()
	registry := builtin.Registry()
	check := func(name string, text bool) {
		expr := name + " > 0"
		if text {
			expr = name + ` == "x"`
		}
		if wrong := registry.CheckAssertions(nil, []plugins.Assertion{{Expr: strings.ReplaceAll(expr, "<name>", "li")}}); len(wrong) > 0 {
			t.Errorf("%s: %v", expr, wrong[0])
		}
	}
	for _, d := range registry.Definitions() {
		for _, m := range d.Metrics {
			for _, word := range registry.Words(d.Name, m.Name) {
				check(word, false)
			}
		}
		for _, f := range d.Facts {
			for _, word := range registry.Words(d.Name, f.Name) {
				check(word, true)
			}
		}
	}
	for name, want := range map[string]string{
		"timing.first_byte_seconds": "[timing.first_byte_seconds timing.first_byte timing.ttfb]", "htmlstats.links_count": "[htmlstats.links_count htmlstats.links]",
		"htmlstats.tag_<name>_count": "[htmlstats.tag_<name>_count htmlstats.tag_<name>]", "extract.value_<name>": "[extract.value_<name>]",
		"thirdparty.script_sites_count": "[thirdparty.script_sites_count]", "thirdparty.script_sites": "[thirdparty.script_sites]",
		"tlscert.not_after_timestamp_seconds": "[tlscert.not_after_timestamp_seconds tlscert.not_after]",
	} {
		plugin, metric, _ := strings.Cut(name, ".")
		if got := fmt.Sprint(registry.Words(plugin, metric)); got != want {
			t.Errorf("%s can be called %s, want %s", name, got, want)
		}
	}
}

func TestAssertionsAreChecked(t *testing.T) {
	t.Parallel()
	registry := builtin.Registry()
	list := []plugins.Assertion{
		{Expr: "status == 200"}, {Expr: "timing.tffb < 1"}, {Expr: "status == 200"}, {Expr: "status < 500", Message: "two\nlines", Severity: "loud", Verdict: "up"},
		{Expr: "status > 0", Severity: plugins.Info, Verdict: plugins.Down}, {Expr: "", Message: strings.Repeat("x", 301)},
	}
	var got []string
	for _, wrong := range registry.CheckAssertions(nil, list) {
		got = append(got, fmt.Sprintf("%d %s: %v", wrong.Index, wrong.Field, wrong.Err))
	}
	want := []string{
		"1 expr: at character 1: there is no timing.tffb; do you mean timing.ttfb?", "2 expr: is the same as that of assertion 1",
		"3 message: must be one line", `3 severity: "loud" is not possible`, `3 verdict: "up" is not possible`, "4 verdict: what is worth noting only",
		"5 expr: at character 1: the expression is empty", "5 message: must be one line",
	}
	for i := range max(len(got), len(want)) {
		if i >= len(got) || i >= len(want) || !strings.HasPrefix(got[i], want[i]) {
			t.Fatalf("refused are\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
	_, err := registry.Asserting(nil, list)
	var wrong *plugins.AssertionError
	if !errors.As(err, &wrong) || wrong.Index != 1 || !strings.Contains(err.Error(), "assertion 2: expr: at character 1") {
		t.Errorf("a suite is refused with %v", err)
	}
	if many := registry.CheckAssertions(nil, make([]plugins.Assertion, 33)); len(many) != 1 || many[0].Field != "" {
		t.Errorf("33 assertions are refused with %v", many)
	}
}

// A number that extract is not told to read would never be measured.
func TestAssertionsAboutWhatOptionsName(t *testing.T) {
	t.Parallel()
	registry := builtin.Registry()
	options := map[string]json.RawMessage{"extract": json.RawMessage(
		`{"values":[{"name":"price","kind":"css","expression":".price"},{"name":"stock","kind":"css","expression":".stock"}]}`)}
	for expr, want := range map[string]string{
		"extract.value_price < 100 && status == 200":                            "",
		"!measured(extract.value_stock) || extract.value_stock > 0":             "",
		"status == 200 && extract.value_prize < 100":                            "there is no extract.value_prize in the options of extract; do you mean extract.value_price?",
		"extract.value_temperature < 100":                                       "there is no extract.value_temperature in the options of extract; they name extract.value_price, extract.value_stock",
		"!measured(extract.value_temperature) || extract.value_temperature < 1": "they name extract.value_price, extract.value_stock",
	} {
		list := []plugins.Assertion{{Expr: "status > 0"}, {Expr: expr}}
		suite, err := registry.Suite(options)
		if err != nil {
			t.Fatal(err)
		}
		wrong := registry.CheckAssertions(suite, list)
		_, refusal := registry.Asserting(options, list)
		if want == "" {
			if len(wrong) > 0 || refusal != nil {
				t.Errorf("%s: %v, %v", expr, wrong, refusal)
			}
			continue
		}
		if len(wrong) != 1 || wrong[0].Index != 1 || wrong[0].Field != "expr" || !strings.Contains(wrong[0].Err.Error(), want) {
			t.Errorf("%s is refused with %v, want %q", expr, wrong, want)
		}
		if refusal == nil || !strings.Contains(refusal.Error(), want) {
			t.Errorf("%s: a suite is refused with %v, want %q", expr, refusal, want)
		}
	}
	// Without options it reads nothing; where the options are not known, as for
	// results of many assets, any name will do.
	list := []plugins.Assertion{{Expr: "extract.value_price < 100"}}
	if _, err := registry.Asserting(nil, list); err == nil || !strings.Contains(err.Error(), "there is no extract.value_price: the options of extract name nothing") {
		t.Errorf("without options a suite is refused with %v", err)
	}
	if wrong := registry.CheckAssertions(nil, list); len(wrong) > 0 {
		t.Errorf("without a suite: %v", wrong)
	}
}

// An asset that another version stored is checked as far as it is understood,
// and says what is not.
func TestSalvage(t *testing.T) {
	t.Parallel()
	suite, err := builtin.Registry().Salvage(map[string]jsonRaw{"gone": jsonRaw(`{}`)},
		[]plugins.Assertion{{Expr: "timing.lightyears < 1"}, {Expr: "status == 404"}})
	if err == nil || !strings.Contains(err.Error(), "gone") {
		t.Errorf("the error is %v", err)
	}
	report := assertions(t, suite.Inspect(t.Context(), shop(), nil))
	if len(report.Findings) != 2 || report.Findings[0].Code != "assertion_failed" || report.Findings[1].Code != "assertion_unreadable" ||
		!strings.Contains(report.Findings[1].Message, "Assertion 1 is not checked") {
		t.Errorf("it says %+v", report.Findings)
	}
}

func BenchmarkAssertions(b *testing.B) {
	list := []plugins.Assertion{
		{Expr: "status == 200 && timing.ttfb < 0.3"}, {Expr: "htmlstats.links > 5"}, {Expr: `seo.title contains "Shop"`}, {Expr: `body contains "Welcome"`},
	}
	registry := builtin.Registry()
	for name, list := range map[string][]plugins.Assertion{"none": nil, "four": list} {
		b.Run(name, func(b *testing.B) {
			var memory []byte
			b.ReportAllocs()
			for b.Loop() {
				suite, err := registry.Asserting(nil, list) // as the executor does
				if err != nil {
					b.Fatal(err)
				}
				memory = suite.Inspect(b.Context(), shop(), memory).Memory
			}
		})
	}
}
