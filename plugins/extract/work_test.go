package extract

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/andybalholm/cascadia"
	"golang.org/x/net/html"
)

func compiled(t testing.TB, kind, expression string) value {
	t.Helper()
	v, err := spec{Name: "n", Kind: kind, Expression: expression}.compile()
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// These pages would keep the libraries busy for minutes to ages.
func TestBoundedWork(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat("<div>", 500) + strings.Repeat("<i></i>", 12_000)
	flat := "<ul>" + strings.Repeat("<li>x", 20_000)
	nested := strings.Repeat(`{"a":[`, 4000) + "1" + strings.Repeat("]}", 4000)
	for _, test := range []struct {
		kind, expression, body string
		costly                 bool
	}{
		{"css", strings.Repeat("div ", 100) + "b", deep, false}, // takes as many steps as elements and compounds
		{"css", strings.Repeat("li ~ ", 20) + "b", flat, false},
		{"css", "li:nth-last-child(200000)", flat, true},
		{"css", "li:not(:nth-child(2n+1):not(:nth-child(3n)))", flat, true},
		{"css", "div:has(:nth-child(100000)), *:contains('none')", deep, true},
		{"xpath", "//*[count(preceding::*[. = following::*]) > 1000000000]", flat, true},
		{"xpath", "//*[contains(., 'none')]//*[contains(., 'none')]", deep, true},
		{"xpath", "string-length(concat(" + strings.Repeat("/*,", 300) + "/*))", "<p>" + strings.Repeat("text ", 100_000), true},
		{"css", "tr:last-child td.none", "<table>" + strings.Repeat("<tr><td>1<td>2", 5000), false}, // an ordinary large table
		{"jsonpath", "$..a..a..a..a..b", nested, false},                                             // each value is looked at once for each ..
		{"jsonpath", "$..[?(@.b == 1)]..c", nested, true},
		{"jsonpath", "$..[?(@.a =~ /(x{1,100}y){1,9}z/)]", `{"a": [` + strings.Repeat(`{"a": "`+strings.Repeat("xy", 5000)+`"},`, 300) + "1]}", true},
		{"regex", `(\pL{1,30}\s){1,30}!`, strings.Repeat("many words ", 100_000), false},
	} {
		v, s := compiled(t, test.kind, test.expression), &source{body: []byte(test.body)}
		_, found, costly := v.read(s)
		if found || costly != test.costly || costly != (s.work.left < 0) {
			t.Errorf("%s %.60s: found %t, costly %t, %d steps left", test.kind, test.expression, found, costly, s.work.left)
		}
	}
}

func TestRegexIsBounded(t *testing.T) {
	t.Parallel()
	if v := compiled(t, "regex", `price: (\d+)`); v.searched < 4<<20 {
		t.Errorf("an ordinary expression is looked for in %d bytes", v.searched)
	}
	long := compiled(t, "regex", `(\w{1,30}\s){1,30}!`)
	if long.searched > 1<<20 {
		t.Errorf("a huge expression is looked for in %d bytes", long.searched)
	}
	end := strings.Repeat(" ", long.searched)
	for body, want := range map[string]bool{"word !" + end: true, end + "word !": false} {
		if long.regex.Match([]byte(body)[:min(len(body), long.searched)]) != want {
			t.Errorf("within the bound it is found: %t", !want)
		}
	}
}

func TestCostlyFinding(t *testing.T) {
	t.Parallel()
	plugin := newPlugin(t, one("css", "li:nth-last-child(200000)", ""))
	body := "<ul>" + strings.Repeat("<li>x", 20_000)
	var past []byte
	for range 2 { // the second time from memory
		report := inspect(t, plugin, body, past)
		past = report.Past
		if len(report.Findings) != 1 || report.Findings[0].Code != "expression_too_costly" {
			t.Fatalf("findings %+v", report.Findings)
		}
	}
}

// Selectors find what package cascadia finds.
func TestSelectors(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	compounds := []string{"a", "p", "*", ".x", "#i", "p.x.y", "[t]", "[t='a b,c>d']", `[t="x:y"]`, "p:not(.x)", ":first-child", "li:nth-child(2n + 1)",
		"a:not(.x, [t])", "p:has(.y)", "p:contains('x y')", "li:nth-last-of-type(2)", "p:empty", `.x\:y`, "a:not(:has(.x))", "div:only-child"}
	combinators := []string{" ", ">", " > ", "+", " + ", "~", " ~ ", "\n", ",", " , "}
	tags := []string{"a", "p", "li", "div", "span"}
	attributes := []string{"", " class=x", " class='x y'", " id=i", " t='a b,c>d'", ` t="x:y"`, " class=x:y"}
	matched := 0
	for range 1000 {
		expression := compounds[random.IntN(len(compounds))]
		for range random.IntN(4) {
			expression += combinators[random.IntN(len(combinators))] + compounds[random.IntN(len(compounds))]
		}
		var body strings.Builder
		for n := range 2 + random.IntN(30) {
			tag := tags[random.IntN(len(tags))]
			fmt.Fprintf(&body, "<%s%s n=%d>x y", tag, attributes[random.IntN(len(attributes))], n)
			if random.IntN(2) == 0 {
				fmt.Fprintf(&body, "</%s>", tag)
			}
		}
		root, err := html.Parse(strings.NewReader(body.String()))
		if err != nil {
			t.Fatal(err)
		}
		oracle, err := cascadia.ParseGroup(expression)
		if err != nil {
			t.Fatalf("%q: %v", expression, err)
		}
		group, err := parseSelectors(expression)
		if err != nil {
			t.Fatalf("%q: %v", expression, err)
		}
		want, got := cascadia.Query(root, oracle), readElements(root).first(group, &work{maxWork})
		if got != want {
			t.Fatalf("%q in %s finds %v, want %v", expression, body.String(), got, want)
		}
		if got != nil {
			matched++
		}
	}
	if matched < 100 {
		t.Errorf("only %d of the selectors find anything", matched)
	}
}

// A number must not depend on the order of a map.
func TestJSONPathHasAnOrder(t *testing.T) {
	t.Parallel()
	members := make(map[string]any)
	for i := range 50 {
		members[fmt.Sprint("key", i)] = map[string]any{"n": i}
	}
	body, err := json.Marshal(members)
	if err != nil {
		t.Fatal(err)
	}
	for _, expression := range []string{"$.*.n", "$..n", "$[?(@.n > 10)].n", "$.*['n', 'm']"} {
		v := compiled(t, "jsonpath", expression)
		first, found, _ := v.read(&source{body: body})
		for range 10 {
			if again, _, _ := v.read(&source{body: body}); again != first || !found {
				t.Errorf("%s gives %v, then %v; found %t", expression, first, again, found)
			}
		}
	}
}
