package builtin_test

import (
	"encoding/json"
	"reflect"
	"testing"

	"webmon/plugins"
	"webmon/plugins/builtin"
)

type jsonRaw = json.RawMessage

// Assertions that are tried on stored results find what they would have found on
// the page, and find what they found where the page is needed.
func TestAssertionsOfStoredResults(t *testing.T) {
	t.Parallel()
	list := []plugins.Assertion{
		{Expr: "status == 404"}, {Expr: "redirects == 0"}, {Expr: "body_bytes < 10"}, {Expr: `error != ""`}, {Expr: `verdict == "down"`},
		{Expr: "timing.ttfb < 0.3"}, {Expr: "htmlstats.tag_video > 0"}, {Expr: `seo.title == ""`}, {Expr: "protocol.age < 3"},
	}
	suite := asserting(t, list...)
	for name, page := range map[string]*plugins.Page{"shop": shop(), "refused": refused()} {
		live := suite.Inspect(t.Context(), page, nil)
		want := assertions(t, live).Findings
		judge, err := suite.Rejudge(asserting(t), true)
		if err != nil {
			t.Fatal(err)
		}
		for _, reports := range [][]plugins.Report{live.Reports, live.Reports[:len(live.Reports)-1]} {
			found := judge.Judge(page.At, reports)
			last := found[len(found)-1]
			if last.Plugin != plugins.AssertionsName || last.Estimate || !reflect.DeepEqual(last.Findings, want) {
				t.Errorf("%s: of %d reports it finds\n%+v\nwant\n%+v", name, len(reports), last, want)
			}
		}
	}
}

func TestAssertionsThatNeedThePage(t *testing.T) {
	t.Parallel()
	const expr = `body contains "Casino" || header.server == "apache" || url == "x"`
	was := asserting(t, plugins.Assertion{Expr: expr})
	reports := was.Inspect(t.Context(), shop(), nil).Reports
	now := asserting(t, plugins.Assertion{Expr: expr, Severity: plugins.Warning, Verdict: plugins.Degraded}, plugins.Assertion{Expr: `body contains "never tried"`})
	judge, err := now.Rejudge(was, true)
	if err != nil {
		t.Fatal(err)
	}
	found := judge.Judge(shop().At, reports)
	if len(found) != len(reports) {
		t.Fatalf("%d plugins find something, of %d", len(found), len(reports))
	}
	last := found[len(found)-1]
	if !last.Estimate || len(last.Findings) != 1 || last.Findings[0].Verdict != plugins.Degraded || last.Findings[0].Evidence[0] != expr {
		t.Errorf("it finds %+v", last)
	}
	none, err := builtin.Registry().Suite(nil)
	if err != nil {
		t.Fatal(err)
	}
	if judge, err = none.Rejudge(was, true); err != nil {
		t.Fatal(err)
	}
	for _, one := range judge.Judge(shop().At, reports) {
		if one.Plugin == plugins.AssertionsName {
			t.Errorf("without assertions it finds %+v", one)
		}
	}
}
