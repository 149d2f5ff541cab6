package assertion_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"webmon/plugins/assertion"
)

// vocabulary is a small one with every kind of name.
func vocabulary() *assertion.Vocabulary {
	v := assertion.NewVocabulary()
	v.Add(assertion.Name{Path: "status"})
	v.Add(assertion.Name{Path: "url", Kind: assertion.Text})
	v.Add(assertion.Name{Path: "body", Kind: assertion.Body})
	v.Add(assertion.Name{Path: "verdict", Kind: assertion.Text, Words: []string{"up", "changed", "down"}})
	v.Add(assertion.Name{Path: "timing.first_byte_seconds"})
	v.Add(assertion.Name{Path: "timing.total_seconds"})
	v.Add(assertion.Name{Path: "seo.indexable", Kind: assertion.Truth})
	v.Add(assertion.Name{Path: "seo.title", Kind: assertion.Text})
	v.Add(assertion.Name{Path: "page.size_bytes"})
	v.Add(assertion.Name{Path: "page.size_count"})
	v.Add(assertion.Name{Path: "page.links_count"})
	v.Add(assertion.Name{Path: "page.links", Kind: assertion.Text})
	v.AddFamily(assertion.Name{Path: "page.tag_<name>_count"}, "page.tag_<name>")
	v.AddFree("header")
	v.Also("timing.ttfb", "timing.first_byte_seconds")
	v.Also("timing.total", "timing.total_seconds")
	v.Also("page.size", "page.size_bytes")
	v.Also("page.size", "page.size_count")
	v.Also("page.links", "page.links_count")
	return v
}

// values is a page that was measured whole, but for the first byte.
func values() assertion.Values {
	return assertion.Values{
		"status": 200.0, "url": "https://example.com/shop", "verdict": "up", "timing.total_seconds": 0.25,
		"seo.indexable": 1.0, "seo.title": "A Shop", "page.tag_li_count": 3.0, "page.links": "many", "page.links_count": 7.0,
		"page.size_bytes": 4096.0, `header["content-type"]`: "text/html", "body": assertion.Content{Bytes: []byte("<h1>Welcome</h1>")},
	}
}

func judge(t *testing.T, source string, values assertion.Values) assertion.Judgement {
	t.Helper()
	a, err := assertion.Compile(source, vocabulary())
	if err != nil {
		t.Fatalf("%s: %v", source, err)
	}
	return assertion.Judge([]*assertion.Assertion{a}, values)[0]
}

func TestOutcomes(t *testing.T) {
	t.Parallel()
	for outcome, sources := range map[assertion.Outcome][]string{
		assertion.Holds: {
			"status == 200", "status in [200, 204]", "status in 200..299", "200 == status", "status != 404 and timing.total < 0.3",
			"100 < status < 300", "-status == -200", "status / 100 == 2", "timing.total * 1000 <= 250", "2 ** 3 == 8 && status > 0",
			"timing.total < duration(\"300ms\")", "status * 86400 == duration(\"200d\")", "timing.total_seconds == timing.total",
			`timing["total"] == 0.25`, "seo.indexable", "seo.indexable == true", "seo.indexable != false", "seo.indexable == 1",
			`seo.title == "A Shop"`, `seo.title contains "Shop"`, `seo.title not contains "Casino"`, `seo.title startsWith "A"`,
			`lower(seo.title) endsWith 'shop'`, `seo.title matches "(?i)^a s.o"`, `len(seo.title) == 6`, `seo.title in ["B", "A Shop"]`,
			`not (seo.title contains "x")`, `seo.title < "B"`, `url contains "/shop" || status == 500`,
			`header["Content-Type"] startsWith "text/"`, `header['content-type'] == "text/html"`, `body contains "Welcome"`,
			`!(body contains "Casino")`, `body startsWith "<h1>"`, `body endsWith "</h1>"`, `body not contains "x"`,
			"page.tag_li == 3", "page.tag_li_count == 3", "page.links_count == 7", `page.links == "many"`, "page.size_bytes > 1",
			`verdict == "up"`, `verdict in ["up", "changed"]`, "measured(status)", "!measured(timing.ttfb)", "min(status, 3, 9) == 3",
			"status == 200 ? timing.total < 1 : true", "status not in [404]", "status > 100 ? true : false",
			// Known without what was not measured.
			"status == 200 || timing.ttfb < 0.3", "timing.ttfb < 0.3 || status == 200", "!(timing.ttfb < 0.3 && status == 404)",
			"!measured(timing.ttfb) || timing.ttfb < 0.3", "timing.ttfb < 1 ? status == 200 : status < 300",
			"(status > 1) == (timing.total > 0)", "round(timing.total * 10) / 10 == 0.3",
		},
		assertion.Fails: {
			"status == 404", "status in 300..399", "status not in [200]", "!seo.indexable", "seo.indexable == false", `seo.title == ""`,
			`body contains "Casino"`, `page.tag_li > 3`, "measured(timing.ttfb)", "0 / 0 == status", "status == 404 && timing.ttfb < 1",
			"timing.ttfb < 1 && status == 404", "measured(timing.ttfb) && timing.ttfb < 1", "status == 404 ? true : timing.total > 1",
			`verdict == "down"`, `len(url) > 100`, "false || status == 1", "true && status < 100",
		},
		assertion.Undecided: {
			"timing.ttfb < 0.3", "!(timing.ttfb < 0.3)", "timing.ttfb < 0.3 && status == 200", "status == 404 || timing.ttfb < 1",
			"timing.ttfb < 1 ? status == 200 : status == 404", `header["x-nothing"] == ""`, "page.tag_b == 0", "timing.ttfb + status > 1",
			"status == 200 ? timing.ttfb > 1 : true", "max(timing.ttfb, 1) > 0",
		},
	} {
		for _, source := range sources {
			if got := judge(t, source, values()); got.Outcome != outcome {
				t.Errorf("%s: outcome %v, want %v (%+v)", source, got.Outcome, outcome, got)
			}
		}
	}
}

func TestTruncatedBody(t *testing.T) {
	t.Parallel()
	cut := assertion.Values{"body": assertion.Content{Bytes: []byte("begin"), Truncated: true}}
	for source, want := range map[string]assertion.Outcome{
		`body contains "beg"`: assertion.Holds, `body contains "end"`: assertion.Undecided, `body endsWith "gin"`: assertion.Undecided,
		`body startsWith "be"`: assertion.Holds, `body startsWith "x"`: assertion.Fails, `body startsWith "beginning"`: assertion.Undecided,
		`not (body contains "end")`: assertion.Undecided,
	} {
		got := judge(t, source, cut)
		if got.Outcome != want {
			t.Errorf("%s: outcome %v, want %v", source, got.Outcome, want)
		}
		if want == assertion.Undecided && !strings.Contains(got.Trouble, "cut") {
			t.Errorf("%s: it does not say why: %+v", source, got)
		}
	}
}

func TestWhy(t *testing.T) {
	t.Parallel()
	for source, want := range map[string]string{
		"status == 404":                        "[{status 200}] [] == 200 404",
		"404 < status && 1 == 1 || false":      "[{status 200}] []  <nil> <nil>",
		"404 < status":                         "[{status 200}] [] > 200 404",
		"timing.total_seconds > 1":             "[{timing.total_seconds 0.25}] [] > 0.25 1",
		"status / 100 == 3":                    "[{status 200}] [] == 2 3",
		`seo.title contains "Casino"`:          "[{seo.title A Shop}] [] contains A Shop Casino",
		"status == 200 && timing.total > 1":    "[{timing.total 0.25}] []  <nil> <nil>",
		"status == 404 || timing.total > 1":    "[{status 200} {timing.total 0.25}] []  <nil> <nil>",
		"!(status == 200 && seo.indexable)":    "[{status 200} {seo.indexable true}] []  <nil> <nil>",
		"status == 404 && status == 500":       "[{status 200}] []  <nil> <nil>",
		"status in [404]":                      "[{status 200}] []  <nil> <nil>",
		"measured(timing.ttfb)":                "[{timing.ttfb <nil>}] []  <nil> <nil>",
		"status > 1 ? timing.total > 1 : true": "[{status 200} {timing.total 0.25}] []  <nil> <nil>",
		`body contains "x"`:                    "[] []  <nil> <nil>",
		"timing.ttfb < timing.total":           "[] [timing.ttfb]  <nil> <nil>",
		"page.tag_b + page.tag_li > 1":         "[] [page.tag_b]  <nil> <nil>",
	} {
		j := judge(t, source, values())
		if got := fmt.Sprint(j.Seen, j.Missing, j.Operator, j.Left, j.Right); strings.ReplaceAll(got, " ", "") != strings.ReplaceAll(want, " ", "") {
			t.Errorf("%s: it says %s, want %s", source, got, want)
		}
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	for source, want := range map[string]string{
		"":                                 "1: the expression is empty",
		"  \n":                             "1: the expression is empty",
		"status == ":                       "ends too early",
		"status = 200":                     "8: write ==",
		"status == 200 & true":             "&&",
		"(status == 200":                   "ends too early",
		"status == 200)":                   "14: not expected here",
		"'abc":                             "literal not terminated",
		"stauts == 200":                    "1: there is no stauts; do you mean status?",
		"status == 200 && timing.tffb < 1": "18: there is no timing.tffb; do you mean timing.ttfb?",
		"timing.quux == 1":                 "1: there is no timing.quux; webmon plugins show timing lists",
		"nothing.like.this == 1":           "not a name",
		"zzz.qqqqqqq == 1":                 "1: there is no plugin zzz",
		"page.size > 1":                    "1: page.size could be page.size_bytes or page.size_count: write which",
		"page.tag_ > 1":                    "there is no page.tag_",
		"page.tag_L > 1":                   "there is no page.tag_L",
		`header == "x"`:                    `1: say which: header["content-type"]`,
		`header["a b"] == "x"`:             "cannot be the name of a header",
		`header["x"]["y"] == "z"`:          "not a name",
		"status":                           "1: this is a number and not a condition: compare it with something, such as status > 0",
		"seo.title":                        `1: this is a text and not a condition: compare it with something, such as seo.title == ""`,
		"status && true":                   "1: this is a number and not a condition",
		"!status":                          "a number and not a condition",
		"status + 1":                       "a number and not a condition",
		"status == '200'":                  "mismatched types number and text",
		"seo.title > 5":                    "mismatched types text and number",
		`seo.title in [1]`:                 "mismatched types text and number",
		`status in ["200"]`:                "mismatched types number and text",
		"status in []":                     "in needs a list",
		"status in url":                    "in needs a list",
		"status in [url]":                  "a list holds numbers or texts",
		"status in [[1]]":                  "a list holds numbers or texts",
		"[1, 2] == [1, 2] && status == 1":  "1: a list can only follow in",
		"1..3 == status":                   "a range can only follow in",
		"(status in [1]) in [1]":           "cannot be looked up",
		`verdict == "broken"`:              `12: verdict is never "broken"; it is one of "up", "changed", "down"`,
		`"UP" != verdict`:                  `verdict is never "UP"`,
		`verdict in ["up", "dwon"]`:        `verdict is never "dwon"`,
		`body == "x"`:                      "only be asked whether it contains",
		`body contains url`:                "only be asked whether it contains",
		`body matches "x"`:                 "only be asked whether it contains",
		`len(body) > 3`:                    "only be asked whether it contains",
		`lower(body) contains "x"`:         "only be asked whether it contains",
		`body`:                             "only be asked whether it contains",
		`url + url == ""`:                  "texts cannot be added",
		`seo.title matches url`:            "must be given in quotes",
		`seo.title matches "("`:            "not a regular expression (RE2): missing closing )",
		`seo.title matches "(a{20}){20}"`:  "too much work",
		"true":                             "about nothing that is measured",
		"1 == 1":                           "about nothing that is measured",
		"measured(1)":                      "measured takes one name",
		"measured(status, url)":            "measured takes one name",
		"measured(status) == true":         "measured stands by itself",
		"duration(url) > status":           "duration takes one text",
		`duration("5 minutes") > status`:   `"5 minutes" is not a duration`,
		`duration("1h2d") > status`:        `"1h2d" is not a duration`,
		"(status ?? 5) == 5":               "?? is not possible",
		"status == nil":                    "measured(NAME) tells",
		"abs(status, 1) == 1":              "abs takes 1 value, not 2",
		"abs(url) == 1":                    "invalid argument for abs (type text)",
		"status?.x == 1":                   "not possible in an assertion",
		"timing?.total == 1":               "not",
		// What could loop, grow, or reach out.
		"all(1..1000000, {true}) && status == 1":               "there is no function all",
		"any([1, 2], # > status)":                              "there is no function any",
		"reduce(1..9, #acc + #, 0) == status":                  "there is no function reduce",
		"status % 2 == 0":                                      "% is not possible",
		"let x = status; x == 200":                             "not possible in an assertion",
		"status == 200; true":                                  "not possible in an assertion",
		"repeat(url, 100000) == url":                           "there is no function repeat",
		"now().Year() == status":                               "not possible in an assertion",
		"toJSON(url) == url":                                   "there is no function toJSON",
		"url.String() == url":                                  "not",
		"$env.status == 200":                                   "there is no plugin $env",
		"url[0:3] == 'htt'":                                    "not possible in an assertion",
		"url | lower() == 1":                                   "mismatched types",
		"status | filter(# > 1)":                               "there is no function filter",
		"{a: 1}.a == status":                                   "not",
		"fromBase64(url) == url":                               "there is no function fromBase64",
		"len(split(url, '')) > status":                         "there is no function split",
		"status == 1" + strings.Repeat(" || status == 1", 60):  "more than 200",
		"status == " + strings.Repeat("1", 1000):               "longer than 1000 bytes",
		strings.Repeat(`body contains "x" && `, 9) + "true":    "8 times",
		`seo.title matches "` + strings.Repeat("a", 201) + `"`: "too much work",
	} {
		_, err := assertion.Compile(source, vocabulary())
		var at *assertion.Error
		if !errors.As(err, &at) {
			t.Errorf("%.60s: error %v, want one with %q", source, err, want)
			continue
		}
		if got := fmt.Sprintf("%d: %s", at.At, at.Message); !strings.Contains(got, want) {
			t.Errorf("%.60s: it says\n\t%s\nwant\n\t%s", source, got, want)
		}
		if at.At < 1 || at.At > len(source)+1 || strings.Contains(at.Message, "float64") || strings.Contains(at.Message, "\n") {
			t.Errorf("%.60s: it says %v at %d", source, at, at.At)
		}
	}
}

func TestWords(t *testing.T) {
	t.Parallel()
	v := vocabulary()
	for path, want := range map[string][]string{
		"timing.first_byte_seconds": {"timing.first_byte_seconds", "timing.ttfb"},
		"page.size_bytes":           {"page.size_bytes"},
		"page.links_count":          {"page.links_count"},
		"page.tag_<name>_count":     {"page.tag_<name>_count", "page.tag_<name>"},
	} {
		if got := v.Words(path); !slices.Equal(got, want) {
			t.Errorf("%s can be written as %v, want %v", path, got, want)
		}
	}
}

func TestNames(t *testing.T) {
	t.Parallel()
	a, err := assertion.Compile(`timing.ttfb < 1 && header["Server"] != "" && page.tag_li > 1 && timing.first_byte_seconds > 0`, vocabulary())
	if err != nil {
		t.Fatal(err)
	}
	var paths []string
	for _, name := range a.Names() {
		paths = append(paths, name.Path)
	}
	if want := []string{"timing.first_byte_seconds", `header["server"]`, "page.tag_li_count"}; !slices.Equal(paths, want) {
		t.Errorf("it is about %q, want %q", paths, want)
	}
	if before, name, ok := assertion.FreeName(paths[1]); before != "header" || name != "server" || !ok {
		t.Errorf("%q is taken apart into %q and %q", paths[1], before, name)
	}
	if _, _, ok := assertion.FreeName(paths[0]); ok {
		t.Errorf("%q is taken for a free name", paths[0])
	}
}
