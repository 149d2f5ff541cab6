package plugins

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"
)

// counting is a plugin that finds in each check how many there were.
type counting struct {
	inspectFunc
	refuses bool
}

func (c counting) Rejudge(from Origin) (func(StoredCheck) Rejudged, error) {
	if c.refuses || from.Was == nil || !from.Whole {
		return nil, errors.New(`option "limit" cannot be judged`)
	}
	n := 0
	return func(check StoredCheck) Rejudged {
		n++
		value, ok := check.Metric("n_count")
		return Rejudged{Findings: []Finding{{Code: "counted", Observed: Number(float64(n*1000+check.Status) + value), Evidence: []string{check.At.String()}}}, Estimate: ok}
	}, nil
}

func TestSuiteRejudge(t *testing.T) {
	t.Parallel()
	again := define("again", silent)
	again.New = func(raw json.RawMessage) (Plugin, error) { return counting{silent, len(raw) > 0}, nil }
	registry, err := NewRegistry(again, define("kept", silent), define("status", silent))
	if err != nil {
		t.Fatal(err)
	}
	suite, _ := registry.Suite(nil)
	if got := suite.Rejudgers(); !reflect.DeepEqual(got, []string{"again"}) {
		t.Errorf("the plugins that judge again are %v", got)
	}
	other, _ := registry.Suite(map[string]json.RawMessage{"again": json.RawMessage(`{"limit":1}`)})
	if _, err := other.Rejudge(suite, true); err == nil || !strings.Contains(err.Error(), `plugin "again": option "limit"`) {
		t.Errorf("error %v", err)
	}
	judge, err := suite.Rejudge(other, true)
	if err != nil {
		t.Fatal(err)
	}
	at := time.Unix(1_800_000_000, 0)
	old := []Finding{{Code: "old"}}
	reports := []Report{
		{Plugin: "again", Metrics: []Metric{{"n_count", 0.5}}, Findings: old}, {Plugin: "gone", Findings: old}, {Plugin: "kept", Findings: old},
		{Plugin: "status", Metrics: []Metric{{"status_code", 404}}},
	}
	want := []Rejudged{
		{"again", []Finding{{Code: "counted", Observed: Number(1404.5), Evidence: []string{at.String()}}}, true},
		{Plugin: "gone", Findings: old}, {Plugin: "kept", Findings: old}, {Plugin: "status"},
	}
	if got := judge.Judge(at, reports); !reflect.DeepEqual(got, want) {
		t.Errorf("first check:\n%+v\nwant\n%+v", got, want)
	}
	failed := []Report{{Plugin: "again", Error: "broken"}}
	if got := judge.Judge(at, failed); !reflect.DeepEqual(got, []Rejudged{{Plugin: "again"}}) {
		t.Errorf("a plugin that failed finds %+v", got)
	}
	if got := judge.Judge(at, reports[:1]); got[0].Findings[0].Observed != Number(2000.5) {
		t.Errorf("second check without a status: %+v", got)
	}
}
