package api_test

import (
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"webmon/plugins"
	"webmon/plugins/builtin"
	"webmon/store"
)

func TestAssertionsAreKept(t *testing.T) {
	t.Parallel()
	h := startReal(t)
	id := h.create(`{"url":"http://a/","assertions":[
		{"expr":" status == 200 && timing.ttfb < 0.3 "},
		{"expr":"seo.title contains \"Shop\"","message":"No shop.","severity":"warning","verdict":"changed"},
		{"expr":"htmlstats.links > 5","severity":"info"}]}`)
	want := []any{
		map[string]any{"expr": "status == 200 && timing.ttfb < 0.3", "severity": "critical", "verdict": "down"},
		map[string]any{"expr": `seo.title contains "Shop"`, "message": "No shop.", "severity": "warning", "verdict": "changed"},
		map[string]any{"expr": "htmlstats.links > 5", "severity": "info"},
	}
	path := "/v1/assets/" + id
	if got := h.do("GET", path, "").want(http.StatusOK).object(); !reflect.DeepEqual(got["assertions"], want) {
		t.Errorf("assertions %v, want %v", got["assertions"], want)
	}
	// Another field changes, and they stay.
	if got := h.do("PATCH", path, `{"name":"A"}`).want(http.StatusOK).object(); !reflect.DeepEqual(got["assertions"], want) {
		t.Errorf("after a patch of the name: %v", got["assertions"])
	}
	if got := h.do("PATCH", path, `{"assertions":[{"expr":"status < 500"}]}`).want(http.StatusOK).object(); len(got["assertions"].([]any)) != 1 {
		t.Errorf("after a patch of them: %v", got["assertions"])
	}
	if got := h.do("PATCH", path, `{"assertions":null}`).want(http.StatusOK).object(); !reflect.DeepEqual(got["assertions"], []any{}) {
		t.Errorf("set back: %v", got["assertions"])
	}
	h.do("PUT", path, `{"url":"http://a/","assertions":[{"expr":"status < 400"}]}`).want(http.StatusOK)
	if got := h.do("PUT", path, `{"url":"http://a/"}`).want(http.StatusOK).object(); !reflect.DeepEqual(got["assertions"], []any{}) {
		t.Errorf("replaced without any: %v", got["assertions"])
	}
}

func TestAssertionsAreRefused(t *testing.T) {
	t.Parallel()
	h := startReal(t)
	many := make([]string, 33)
	for i := range many {
		many[i] = fmt.Sprintf(`{"expr":"status != %d"}`, i)
	}
	for list, want := range map[string][2]string{
		`[{"expr":"status == 200"},{"expr":"status == 200 && timing.tffb < 1"}]`: {"body.assertions[1].expr", "at character 18: there is no timing.tffb; do you mean timing.ttfb?"},
		`[{"expr":"status = 200"}]`:                                    {"body.assertions[0].expr", "at character 8: write == to compare"},
		`[{"expr":"a"},{"expr":"` + strings.Repeat("1+", 600) + `1"}]`: {"body.assertions[1].expr", "longer than 1000 bytes"},
		`[{"expr":""}]`:     {"body.assertions[0].expr", "length"},
		`[{"expr":" "}]`:    {"body.assertions[0].expr", "empty"},
		`[{"message":"x"}]`: {"body.assertions[0].expr", "required"},
		`[{"expr":"status == 200","colour":"red"}]`:                     {"body.assertions[0].colour", "unexpected"},
		`[{"expr":"status == 200","severity":"loud"}]`:                  {"body.assertions[0].severity", "one of"},
		`[{"expr":"status == 200","verdict":"up"}]`:                     {"body.assertions[0].verdict", "one of"},
		`[{"expr":"status == 200","verdict":"down","severity":"info"}]`: {"body.assertions[0].verdict", "worth noting only"},
		`[{"expr":"status == 200","message":"a\nb"}]`:                   {"body.assertions[0].message", "one line"},
		`["status == 200"]`:                                             {"body.assertions[0]", "object"},
		`[` + strings.Join(many, ",") + `]`:                             {"body.assertions", "at most 32"},
	} {
		body := `{"url":"http://a/","assertions":` + list + `}`
		h.do("POST", "/v1/assets", body).refuses(want[0], want[1])
	}
	id := h.create(`{"url":"http://a/"}`)
	h.do("PATCH", "/v1/assets/"+id, `{"assertions":[{"expr":"stauts == 1"}]}`).refuses("body.assertions[0].expr", "do you mean status?")
	h.do("PUT", "/v1/assets/"+id, `{"url":"http://a/","assertions":[{"expr":"stauts == 1"}]}`).refuses("body.assertions[0].expr", "do you mean status?")
	h.do("POST", "/v1/backtest", `{"asset":"`+id+`","assertions":[{"expr":"stauts == 1"}]}`).refuses("body.assertions[0].expr", "do you mean status?")
}

// An assertion about a number that the asset's own options do not name is
// refused, from whichever side it comes to that.
func TestAssertionsAboutExtractedNumbers(t *testing.T) {
	t.Parallel()
	h := startReal(t)
	const values = `"plugins":{"extract":{"values":[{"name":"price","kind":"css","expression":".price"}]}}`
	asset := func(rest string) string { return `{"url":"http://a/",` + rest + `}` }
	id := h.create(asset(values + `,"assertions":[{"expr":"extract.value_price < 100"}]`))
	const wrong = `"assertions":[{"expr":"status == 200"},{"expr":"extract.value_prise < 100"}]`
	const near = "there is no extract.value_prise in the options of extract; do you mean extract.value_price?"
	path := "/v1/assets/" + id
	h.do("POST", "/v1/assets", asset(values+`,`+wrong)).refuses("body.assertions[1].expr", near)
	h.do("PUT", path, asset(values+`,`+wrong)).refuses("body.assertions[1].expr", near)
	h.do("PATCH", path, `{`+wrong+`}`).refuses("body.assertions[1].expr", near)
	h.do("PATCH", path, `{"plugins":null}`).refuses("body.assertions[0].expr", "there is no extract.value_price: the options of extract name nothing")
	h.do("PATCH", path, `{"plugins":null,"assertions":null}`).want(http.StatusOK)

	// What is wrong with the options is said once, and nothing that follows from it.
	bad := h.do("POST", "/v1/assets", asset(`"plugins":{"extract":{"values":[{"name":"PRICE"}]}},`+wrong))
	if bad.refuses("body.plugins.extract", "lower-case"); strings.Contains(string(bad.body), "value_prise") {
		t.Errorf("options that are refused: %s", bad.body)
	}
	// Stored results may hold numbers that were read by other options.
	h.do("POST", "/v1/backtest", `{"asset":"`+id+`","assertions":[{"expr":"extract.value_price < 100"}]}`).want(http.StatusOK)
}

func TestAssertionsInFiles(t *testing.T) {
	t.Parallel()
	from := startReal(t)
	var done importAnswer
	from.do("POST", "/v1/assets/import", "url,assertions\n"+
		"http://one/,status == 200\n"+
		"http://two/,\"status == 200\n\ntiming.ttfb < 0.3\"\n"+
		"http://full/,\"[{\"\"expr\"\":\"\"status == 200\"\",\"\"severity\"\":\"\"info\"\"}]\"\n"+
		"http://none/,\n"+
		"http://bad/,stauts == 200\n"+
		"http://broken/,[{\n", asCSV).want(http.StatusOK).into(&done)
	if done.Imported != 4 || len(done.Refused) != 2 || !strings.Contains(done.Refused[0].Error, "body.assertions[0].expr: at character 1") ||
		!strings.Contains(done.Refused[1].Error, "body.assertions: is not JSON") {
		t.Fatalf("imported %+v", done)
	}
	want := from.assetsByURL()
	if got := fmt.Sprint(want["http://two/"]["assertions"]); !strings.Contains(got, "status == 200") || !strings.Contains(got, "timing.ttfb < 0.3") {
		t.Errorf("of a cell with two lines: %s", got)
	}
	from.do("POST", "/v1/assets", `{"url":"http://lines/","assertions":[{"expr":"status\n== 200"}]}`).want(http.StatusCreated)
	want = from.assetsByURL()
	for _, format := range []string{"csv", "json"} {
		file := from.do("GET", "/v1/assets/export?format="+format, "").want(http.StatusOK)
		to := startReal(t)
		to.do("POST", "/v1/assets/import", string(file.body), "Content-Type: "+file.header.Get("Content-Type")).want(http.StatusOK).into(&done)
		if done.Imported != 5 {
			t.Fatalf("%s: %+v of\n%s", format, done, file.body)
		}
		for url, asset := range to.assetsByURL() {
			if !reflect.DeepEqual(asset["assertions"], want[url]["assertions"]) {
				t.Errorf("%s: %s has %v, want %v", format, url, asset["assertions"], want[url]["assertions"])
			}
		}
	}
}

func TestAssertionsAreNotAccepted(t *testing.T) {
	t.Parallel()
	h := startReal(t)
	id := h.create(`{"url":"http://a/","assertions":[{"expr":"status == 404","verdict":"changed"}]}`)
	h.judge(id, pageOf(article(3), 200, time.Now()))
	for _, action := range []string{"accept", "never", "reset"} {
		h.do("POST", "/v1/assets/"+id+"/"+action, `{"plugin":"assertions"}`).refuses("body.plugin", "change the asset's assertions")
	}
	if got := h.do("POST", "/v1/assets/"+id+"/accept", "").problem(http.StatusConflict); !strings.Contains(got.Detail, "an assertion fails") {
		t.Errorf("accept of all says %q", got.Detail)
	}
}

// judge has the asset's own suite judge a page, as an executor does.
func (h *harness) judge(id string, page *plugins.Page) {
	h.t.Helper()
	a, err := h.store.Asset(h.t.Context(), id)
	if err != nil {
		h.t.Fatal(err)
	}
	suite, err := builtin.Registry().Asserting(a.Plugins, a.Assertions)
	if err != nil {
		h.t.Fatal(err)
	}
	o := suite.Inspect(h.t.Context(), page, nil)
	h.finish(id, store.Outcome{Result: store.Result{At: page.At, Verdict: o.Verdict, Changed: o.Changed, Reports: o.Reports}, Memory: o.Memory})
}

func TestBacktestOfAssertions(t *testing.T) {
	t.Parallel()
	h := startReal(t)
	id := h.create(`{"url":"http://a/","assertions":[{"expr":"timing.total < 0.05"}]}`)
	h.judge(id, pageOf(article(3), 200, time.Now()))

	own := h.backtest(fmt.Sprintf(`{"asset":%q}`, id))
	if own.Stored.Alarmed != 1 || own.Tried.Alarmed != 1 || own.Alerts[0].Findings[0].Plugin != "assertions" || own.Alerts[0].Verdict != "down" || len(own.Estimated) != 0 {
		t.Errorf("with its own: %+v", own)
	}
	if other := h.backtest(fmt.Sprintf(`{"asset":%q,"assertions":[{"expr":"timing.total < 3"}]}`, id)); other.Stored.Alarmed != 1 || other.Tried.Alarmed != 0 {
		t.Errorf("with others: %+v", other)
	}
	if none := h.backtest(fmt.Sprintf(`{"asset":%q,"assertions":[]}`, id)); none.Tried.Alarmed != 0 {
		t.Errorf("with none: %+v", none)
	}
	if page := h.backtest(fmt.Sprintf(`{"asset":%q,"assertions":[{"expr":"body contains \"x\""}]}`, id)); page.Tried.Alarmed != 0 || !slices.Contains(page.Estimated, "assertions") {
		t.Errorf("with one about the body: %+v", page)
	}
}

func TestPluginsTellWhatAssertionsCallThem(t *testing.T) {
	t.Parallel()
	h := startReal(t)
	var list struct {
		Plugins []struct {
			Name           string
			Metrics, Facts []struct {
				Name       string
				Assertions []string
			}
		}
	}
	h.do("GET", "/v1/plugins", "").want(http.StatusOK).into(&list)
	words := map[string][]string{}
	for _, p := range list.Plugins {
		for _, m := range append(p.Metrics, p.Facts...) {
			words[p.Name+"."+m.Name] = append(words[p.Name+"."+m.Name], m.Assertions...)
		}
	}
	for name, want := range map[string][]string{
		"timing.first_byte_seconds": {"timing.first_byte_seconds", "timing.first_byte", "timing.ttfb"}, "seo.title": {"seo.title"},
	} {
		if !slices.Equal(words[name], want) {
			t.Errorf("%s can be called %v, want %v", name, words[name], want)
		}
	}
}
