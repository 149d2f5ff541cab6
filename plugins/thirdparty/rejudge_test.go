package thirdparty

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"webmon/plugins"
)

func TestRejudge(t *testing.T) {
	t.Parallel()
	judge := func(was, options string, reports ...plugins.Report) []plugins.Rejudged {
		begin, err := newPlugin(t, options).(plugins.Rejudger).Rejudge(plugins.Origin{Was: newPlugin(t, was), Whole: true})
		if err != nil {
			t.Fatal(err)
		}
		var all []plugins.Rejudged
		for i := range reports {
			all = append(all, begin(plugins.StoredCheck{Report: &reports[i]}))
		}
		return all
	}
	found := func(kind int, sites ...string) plugins.Finding {
		f := newSite(kind, sites)
		f.Severity, f.Verdict = kinds[kind].severity, plugins.Changed
		f.Message += ", never seen."
		return f
	}
	mixed := plugins.Finding{Code: "mixed_content", Message: "Mixed."}
	both, script := plugins.Report{Findings: []plugins.Finding{found(scripts, "a.example", "b.example"), mixed}}, plugins.Report{Findings: []plugins.Finding{found(scripts, "b.example")}}

	for name, test := range map[string]struct {
		was, options string
		want         []plugins.Rejudged
	}{
		"as it was":            {"", "", []plugins.Rejudged{{Findings: both.Findings}, {Findings: script.Findings}}},
		"another site allowed": {"", `{"allow": ["c.example"]}`, []plugins.Rejudged{{Findings: both.Findings}, {Findings: script.Findings}}},
		"one of two allowed": {"", `{"allow": ["www.b.example"]}`, []plugins.Rejudged{
			{Findings: []plugins.Finding{found(scripts, "a.example"), mixed}, Estimate: true}, {Estimate: true},
		}},
		"no longer allowed": {`{"allow": ["c.example"]}`, "", []plugins.Rejudged{{Findings: both.Findings, Estimate: true}, {Findings: script.Findings, Estimate: true}}},
	} {
		if got := judge(test.was, test.options, both, script); !reflect.DeepEqual(got, test.want) {
			t.Errorf("%s:\n%+v\nwant\n%+v", name, got, test.want)
		}
	}
	if got := both.Findings[0].Evidence; !slices.Equal(got, []string{"a.example", "b.example"}) || !strings.Contains(both.Findings[0].Message, "b.example") {
		t.Error("the stored finding was changed")
	}
}
