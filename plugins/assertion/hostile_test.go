package assertion_test

import (
	"errors"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"webmon/plugins/assertion"
)

// hostile are expressions made to be expensive, as long as is allowed.
func hostile() map[string]string {
	fill := func(part, end string) string {
		return strings.Repeat(part, (assertion.MaxLength-len(end))/len(part)) + end
	}
	return map[string]string{
		"parentheses":     strings.Repeat("(", 490) + "status == 1" + strings.Repeat(")", 490),
		"never closed":    fill("(", "status == 1"),
		"nots":            fill("!", "seo.indexable"),
		"minus":           "status == " + fill("-", "1")[:900],
		"choices":         strings.Repeat("(", 60) + "seo.indexable" + strings.Repeat(" ? seo.indexable : true)", 38),
		"lists in lists":  strings.Repeat("(", 60) + "status" + strings.Repeat(" in [1,2])", 60),
		"a long list":     "status in [" + fill("1,", "1]")[:900] + "]",
		"powers":          "status == 9" + strings.Repeat("**9", 90),
		"regex":           `seo.title matches "(a*)*(a|a)*(.*.*.*.*.*){9}$" || seo.title matches "(x+x+)+y"`,
		"regexes":         fill(`seo.title matches ".*x" || `, "false"),
		"large regex":     `seo.title matches "` + strings.Repeat("(", 10) + "a" + strings.Repeat("{9})", 10) + `"`,
		"functions":       strings.Repeat("lower(upper(", 60) + "url" + strings.Repeat("))", 60) + ` == ""`,
		"bodies":          fill(`body contains "aab" || `, "false"),
		"comparisons":     fill("1 < ", "status"),
		"ors":             fill("status==1||", "false"),
		"lists":           fill("[", "status"),
		"maps":            fill("{a:", "status"),
		"strings":         `url == "` + strings.Repeat("\\u00e9", 150) + `"`,
		"invalid UTF-8":   "status == \xff\xfe",
		"NUL":             "status == \x00",
		"comment":         "status == 1 /* " + fill("x", ""),
		"numbers":         "status == 1e999 || status == 0x" + strings.Repeat("f", 100),
		"division by 0":   "status / 0 > 1 && 1 / 0 > 0 && 0 / 0 != 1",
		"nested closures": strings.Repeat("all(1..1000000, ", 30) + "true" + strings.Repeat(")", 30),
	}
}

// What takes more than its share of time does not end before the test does: a
// single one of these would take years if it were not bounded.
func TestHostile(t *testing.T) {
	t.Parallel()
	v := vocabulary()
	page := values()
	page["seo.title"] = strings.Repeat("a", 4096)
	page["url"] = strings.Repeat("a", 4096)
	page["body"] = assertion.Content{Bytes: []byte(strings.Repeat("a", 4<<20))}
	for name, source := range hostile() {
		a, err := assertion.Compile(source, v)
		var at *assertion.Error
		switch {
		case err == nil:
			assertion.Judge([]*assertion.Assertion{a}, page)
			assertion.Judge([]*assertion.Assertion{a}, nil)
		case !errors.As(err, &at):
			t.Errorf("%s: the error is %v", name, err)
		}
	}
}

func FuzzCompile(f *testing.F) {
	for _, source := range hostile() {
		f.Add(source)
	}
	for _, source := range []string{
		`status == 200 && timing.ttfb < 0.3`, `seo.title matches "(?i)x" ? len(url) > 3 : page.tag_li in 1..3`,
		`header["server"] not in ["a", "b"] || body contains "x"`, `measured(timing.total) and duration("3d") > status`, `verdict in ["up"]`,
	} {
		f.Add(source)
	}
	v, whole, none := vocabulary(), values(), assertion.Values{}
	f.Fuzz(func(t *testing.T, source string) {
		began := time.Now()
		a, err := assertion.Compile(source, v)
		if err != nil {
			var at *assertion.Error
			if !errors.As(err, &at) || at.At < 1 || at.At > utf8.RuneCountInString(source)+1 && len(source) <= assertion.MaxLength {
				t.Fatalf("%q: the error %v is at %d", source, err, at.At)
			}
			return
		}
		for _, page := range []assertion.Values{whole, none} {
			first := assertion.Judge([]*assertion.Assertion{a}, page)[0]
			again := assertion.Judge([]*assertion.Assertion{a}, page)[0]
			if first.Outcome != again.Outcome {
				t.Fatalf("%q: %v, then %v", source, first.Outcome, again.Outcome)
			}
			if first.Outcome == assertion.Undecided && len(first.Missing) == 0 && first.Trouble == "" {
				t.Fatalf("%q is undecided, and nothing says why", source)
			}
		}
		if took := time.Since(began); took > 10*time.Second {
			t.Fatalf("%q took %v", source, took)
		}
	})
}
