package backtest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"webmon/plugins"
)

// echo is a plugin that remembers every page's body, says what it remembers,
// and finds whatever the body names as severity/verdict.
type echo struct{}

func (echo) Inspect(_ context.Context, page *plugins.Page, past []byte) (plugins.Report, error) {
	body := string(page.Body)
	if body == "fail" {
		return plugins.Report{}, errors.New("told to fail")
	}
	report := plugins.Report{
		Metrics:  []plugins.Metric{{Name: "score", Value: float64(len(body))}},
		Findings: []plugins.Finding{{Severity: plugins.Info, Code: "past", Message: string(past)}},
		Past:     append(slices.Clip(past), body+";"...),
	}
	if severity, verdict, ok := strings.Cut(strings.Fields(body + " .")[0], "/"); ok {
		report.Findings = append(report.Findings, plugins.Finding{
			Severity: plugins.Severity(severity), Code: "said", Message: "The page said so.", Verdict: plugins.Verdict(verdict),
		})
	}
	return report, nil
}

// shout finds a warning on every page.
type shout struct{}

func (shout) Inspect(context.Context, *plugins.Page, []byte) (plugins.Report, error) {
	return plugins.Report{Findings: []plugins.Finding{{Severity: plugins.Warning, Code: "loud", Message: "Boo.", Verdict: plugins.Down}}}, nil
}

func echoSuite(t *testing.T, names ...string) *plugins.Suite {
	t.Helper()
	var definitions []plugins.Definition
	for _, name := range names {
		plugin := map[string]plugins.Plugin{"echo": echo{}, "shout": shout{}}[name]
		definitions = append(definitions, plugins.Definition{Name: name, New: func(json.RawMessage) (plugins.Plugin, error) { return plugin, nil }})
	}
	registry, err := plugins.NewRegistry(definitions...)
	if err != nil {
		t.Fatal(err)
	}
	suite, err := registry.Suite(nil)
	if err != nil {
		t.Fatal(err)
	}
	return suite
}

// version is one page of a history made by historyOf.
type version struct {
	body  string
	role  Role
	label string
}

// historyOf writes a history whose pages are a day apart.
func historyOf(t *testing.T, name string, versions ...version) History {
	t.Helper()
	index := "file\ttime\trole\tlabel\n"
	files := map[string]string{}
	for i, v := range versions {
		file := fmt.Sprintf("%d.txt", i)
		files[file] = v.body
		index += fmt.Sprintf("%s\t%s\t%s\t%s\n", file, firstTime.AddDate(0, 0, i).Format(time.RFC3339), v.role, v.label)
	}
	files[IndexName] = index
	return mustOpen(t, folder(t, name, files))
}

func replayed(t *testing.T, opts Options, histories ...History) ([]Result, Summary) {
	t.Helper()
	var results []Result
	summary, err := Run(t.Context(), histories, opts, func(r Result) error {
		results = append(results, r)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return results, summary
}

func TestProbesAreForgotten(t *testing.T) {
	t.Parallel()
	results, _ := replayed(t, Options{Suite: echoSuite(t, "echo")}, historyOf(t, "h",
		version{"a", Learn, Normal}, version{"p", Probe, "deface"}, version{"q", Probe, "deface"}, version{"b", Learn, Normal}, version{"c", Learn, Normal}))
	var pasts []string
	for _, r := range results {
		pasts = append(pasts, r.Findings[0].Message)
	}
	if want := []string{"", "a;", "a;", "a;", "a;b;"}; !slices.Equal(pasts, want) {
		t.Errorf("the pages were judged by %q, want %q", pasts, want)
	}
}

func TestWhatAlarms(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		alarmed bool
		verdict plugins.Verdict
	}{
		"calm":                  {false, plugins.Up},
		"warning/changed":       {true, plugins.Changed},
		"critical/inconclusive": {true, plugins.Inconclusive},
		"warning/down":          {true, plugins.Down},
		"warning/degraded":      {false, plugins.Degraded},
		"warning/":              {false, plugins.Up},
		"info/changed":          {false, plugins.Changed},
		"fail":                  {false, plugins.Up},
	}
	for body, want := range tests {
		results, _ := replayed(t, Options{Suite: echoSuite(t, "echo")}, historyOf(t, "h", version{body, Learn, Normal}))
		if r := results[0]; r.Alarmed != want.alarmed || r.Verdict != want.verdict {
			t.Errorf("%s: alarmed %t, verdict %s", body, r.Alarmed, r.Verdict)
		}
	}
}

func TestPluginFailureIsShown(t *testing.T) {
	t.Parallel()
	results, _ := replayed(t, Options{Suite: echoSuite(t, "echo")}, historyOf(t, "h", version{"fail", Learn, Normal}))
	if f := results[0].Findings; len(f) != 1 || f[0].Code != "plugin_failed" || f[0].Message != "told to fail" || results[0].Score != nil {
		t.Errorf("%+v", results[0])
	}
}

func TestOnlySomePluginsCount(t *testing.T) {
	t.Parallel()
	suite := echoSuite(t, "echo", "shout")
	h := historyOf(t, "h", version{"abc", Learn, Normal})
	all, _ := replayed(t, Options{Suite: suite}, h)
	some, _ := replayed(t, Options{Suite: suite, Plugins: []string{"echo"}}, h)
	if !all[0].Alarmed || len(all[0].Findings) != 2 || all[0].Verdict != plugins.Down {
		t.Errorf("with all plugins: %+v", all[0])
	}
	if r := some[0]; r.Alarmed || len(r.Findings) != 1 || r.Findings[0].Plugin != "echo" || r.Verdict != plugins.Up || r.Score == nil || *r.Score != 3 {
		t.Errorf("with echo only: %+v", r)
	}
	quiet, _ := replayed(t, Options{Suite: suite, Plugins: []string{"shout"}}, h)
	if quiet[0].Score != nil {
		t.Error("the score of a plugin that does not count")
	}
}

// TestSummary counts by hand: pages a day apart, so that 16 of them are half a
// month.
func TestSummary(t *testing.T) {
	t.Parallel()
	const bad, badToo = "warning/changed", "warning/changed 2"
	versions := []version{
		{"a", Learn, Normal},            // counts, though nothing is before it
		{bad, Probe, "deface"},          // after too few learned pages
		{"b", Learn, Normal},            //
		{"b", Learn, Normal},            // equal
		{"b", Probe, "deface"},          // equal to what was learned
		{bad, Probe, "deface"},          // noticed
		{"c", Probe, "deface"},          // missed
		{bad, Learn, Normal},            // opens
		{badToo, Learn, Normal},         // still alarmed
		{badToo, Probe, "deface"},       // equal to what was learned
		{"d", Learn, Normal},            //
		{bad, Learn, "outage"},          // opens, not normal
		{badToo, Learn, Normal},         // alarmed already
		{"e", Learn, Normal},            //
		{"warning/down", Learn, Normal}, // opens
		{"f", Learn, Normal},            //
	}
	opts := Options{Suite: echoSuite(t, "echo"), MinVersions: 3}
	results, summary := replayed(t, opts, historyOf(t, "h", versions...))
	var opened []int
	for i, r := range results {
		if r.Opened {
			opened = append(opened, i)
		}
	}
	if want := []int{1, 5, 7, 9, 11, 14}; !slices.Equal(opened, want) {
		t.Errorf("opened: %v, want %v", opened, want)
	}
	want := map[string]Rates{
		Normal:   {N: 9, AlarmedPercent: 44.4444, OpenedPercent: 22.2222, Alerts: 2, Learned: true, AlertsPerMonth: 4},
		"deface": {N: 2, AlarmedPercent: 50, OpenedPercent: 50, Alerts: 1},
		"outage": {N: 1, AlarmedPercent: 100, OpenedPercent: 100, Alerts: 1, Learned: true, AlertsPerMonth: 2},
	}
	if !reflect.DeepEqual(summary.Labels, want) {
		t.Errorf("labels\n%+v, want\n%+v", summary.Labels, want)
	}
	if summary.AlertsPerPageMonth != 4 || summary.Months != 0.5 {
		t.Errorf("%v alerts a page-month, %v months", summary.AlertsPerPageMonth, summary.Months)
	}

	// A second folder of no alerts and another half a month halves the rate.
	var calm []version
	for i := range 16 {
		calm = append(calm, version{fmt.Sprint(i), Learn, Normal})
	}
	_, both := replayed(t, opts, historyOf(t, "h", versions...), historyOf(t, "calm", calm...))
	if both.AlertsPerPageMonth != 2 || both.Months != 1 || both.Labels[Normal].N != 25 {
		t.Errorf("two folders: %+v", both)
	}
	if len(both.Folders) != 2 || both.Folders[1].Labels[Normal].N != 16 || both.Folders[0].Months != 0.5 {
		t.Errorf("by folder: %+v", both.Folders)
	}
}

func TestSummaryWithoutTime(t *testing.T) {
	t.Parallel()
	_, summary := replayed(t, Options{Suite: echoSuite(t, "echo")}, historyOf(t, "h", version{"warning/changed", Learn, Normal}, version{"x", Probe, "y"}))
	if _, err := json.Marshal(summary); err != nil || summary.AlertsPerPageMonth != 0 {
		t.Errorf("%v alerts a page-month, error %v", summary.AlertsPerPageMonth, err)
	}
}

// TestOrder replays many folders of very different length: what is handed out
// must be as if they were replayed one after the other.
func TestOrder(t *testing.T) {
	t.Parallel()
	var histories []History
	var want bytes.Buffer
	for i := range 12 {
		files := map[string]string{}
		pages := 1 + (i*37)%50
		if i == 3 {
			pages = ahead + 100 // more than may wait
		}
		for n := range pages {
			files[fmt.Sprintf("%d.html", n)] = fmt.Sprint(n)
		}
		histories = append(histories, mustOpen(t, folder(t, fmt.Sprint("h", i), files)))
		for n := range pages {
			fmt.Fprintf(&want, "h%d/%d.html ", i, n)
		}
	}
	results, _ := replayed(t, Options{Suite: echoSuite(t, "shout")}, histories...)
	var got bytes.Buffer
	for _, r := range results {
		fmt.Fprintf(&got, "%s/%s ", r.Dir[strings.LastIndex(r.Dir, "/")+1:], r.File)
	}
	if got.String() != want.String() {
		t.Error("the results are out of order")
	}
}

func TestRunEndsAtErrors(t *testing.T) {
	t.Parallel()
	var many []version
	for i := range ahead * 2 {
		many = append(many, version{fmt.Sprint(i), Learn, Normal})
	}
	good, long := historyOf(t, "good", version{"a", Learn, Normal}), historyOf(t, "long", many...)
	opts := Options{Suite: echoSuite(t, "shout")}

	gone := historyOf(t, "gone", version{"a", Learn, Normal}, version{"b", Learn, Normal})
	if err := os.Remove(gone.Path(gone.Pages[1])); err != nil {
		t.Fatal(err)
	}
	seen := 0
	_, err := Run(t.Context(), []History{good, gone, long}, opts, func(Result) error { seen++; return nil })
	if err == nil || !strings.Contains(err.Error(), gone.Dir) || !strings.Contains(err.Error(), "1.txt") || seen != 2 {
		t.Errorf("a page that is gone: error %v after %d results", err, seen)
	}

	stop := errors.New("stop")
	if _, err := Run(t.Context(), []History{long, good}, opts, func(Result) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("error %v, want the one that was returned", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Run(ctx, []History{long}, opts, func(Result) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v after a stop", err)
	}
}
