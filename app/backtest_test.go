package app

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// savedPages writes a history of an ordinary page that is blank in its last
// version, after a probe that is blank, too. It returns the folder.
func savedPages(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "front")
	index := "file\ttime\trole\tlabel\n"
	add := func(name, role, label, body string, day int) {
		writeFile(t, filepath.Join(dir, name), body)
		index += fmt.Sprintf("%s\t2026-05-%02dT12:00:00Z\t%s\t%s\n", name, day, role, label)
	}
	for day := 1; day <= 10; day++ {
		body := fmt.Sprintf("<!doctype html><title>Front</title><h1>Front</h1><p>Day %d</p>%s", day, strings.Repeat("<p>Some <b>text</b> that stays.</p>", 20))
		add(fmt.Sprintf("%d.html", day), "learn", "normal", body, day)
	}
	add("blank.html", "probe", "blank", "", 11)
	add("late.html", "learn", "outage", "<p>gone</p>", 16)
	writeFile(t, filepath.Join(dir, "index.tsv"), index)
	return dir
}

func writeFile(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}

func TestBacktestJSON(t *testing.T) {
	t.Parallel()
	dir := savedPages(t)
	got := webmon(t, nil, "backtest", "--json", dir)
	got.printed(t)
	lines := strings.Split(strings.TrimSuffix(got.stdout, "\n"), "\n")
	if len(lines) != 13 {
		t.Fatalf("%d lines for 12 pages and a summary:\n%s", len(lines), got.stdout)
	}
	want := []string{"alarmed", "dir", "file", "findings", "label", "opened", "role", "time", "verdict"}
	for i, line := range lines[:12] {
		var page map[string]any
		if err := json.Unmarshal([]byte(line), &page); err != nil {
			t.Fatalf("%v in %s", err, line)
		}
		delete(page, "score") // there if a plugin has one
		if keys := slices.Sorted(maps.Keys(page)); !slices.Equal(keys, want) {
			t.Errorf("line %d has %v, want %v", i+1, keys, want)
		}
		if page["findings"] == nil || page["dir"] != dir {
			t.Errorf("line %d: %s", i+1, line)
		}
	}
	var blank struct {
		File, Time, Role, Label, Verdict string
		Alarmed, Opened                  bool
		Findings                         []struct{ Plugin, Severity, Code, Message string }
	}
	if err := json.Unmarshal([]byte(lines[10]), &blank); err != nil {
		t.Fatal(err)
	}
	if blank.File != "blank.html" || blank.Time != "2026-05-11T12:00:00Z" || blank.Role != "probe" || blank.Label != "blank" || !blank.Alarmed || !blank.Opened {
		t.Errorf("%+v", blank)
	}
	for _, finding := range blank.Findings {
		if finding.Plugin == "" || finding.Severity == "" || finding.Code == "" || finding.Message == "" {
			t.Errorf("%+v", finding)
		}
	}
	var summary any
	if err := json.Unmarshal([]byte(lines[12]), &summary); err != nil {
		t.Fatal(err)
	}
	rates := func(n, alarmed, opened float64) map[string]any {
		return map[string]any{"n": n, "alarmed_percent": alarmed, "opened_percent": opened}
	}
	wantSummary := map[string]any{"alerts_per_page_month": 0.0, "labels": map[string]any{
		"normal": rates(10, 0, 0), "blank": rates(1, 100, 100), "outage": rates(1, 100, 100),
	}}
	if !reflect.DeepEqual(summary, wantSummary) {
		t.Errorf("the summary is %s", lines[12])
	}
	if quiet := webmon(t, nil, "backtest", "--json", "--quiet", dir); quiet.stdout != lines[12]+"\n" {
		t.Errorf("with --quiet: %q", quiet.stdout)
	}
}

func TestBacktestText(t *testing.T) {
	t.Parallel()
	dir := savedPages(t)
	got := webmon(t, nil, "backtest", dir)
	got.printed(t, dir+"/blank.html  2026-05-11T12:00:00Z  blank  probe  inconclusive  htmlstats: ",
		dir+"/late.html  2026-05-16T12:00:00Z  outage  alert  inconclusive  htmlstats: ", "looks like", "LABEL", "Folders: 1.")
	if strings.Contains(got.stdout, "10.html") || strings.Contains(got.stdout, "FOLDER") {
		t.Errorf("more is printed than what alarmed and the summary:\n%s", got.stdout)
	}
	if again := webmon(t, nil, "backtest", dir); again.stdout != got.stdout {
		t.Error("a second run prints something else")
	}
	for _, row := range strings.Split(got.stdout, "\n") {
		if fields := strings.Fields(row); len(fields) == 6 && fields[0] == "outage" && !slices.Equal(fields[1:], []string{"1", "100", "100", "1", "2"}) {
			t.Errorf("one alert in half a month is printed as %q", row)
		}
	}
	all := webmon(t, nil, "backtest", "-v", dir)
	all.printed(t, "FOLDER", "LABEL")
	if strings.Contains(all.stdout, " more)") {
		t.Error("-v leaves reasons out")
	}
	quiet := webmon(t, nil, "backtest", "--quiet", dir)
	quiet.printed(t, "LABEL")
	if strings.Contains(quiet.stdout, ".html") {
		t.Error("--quiet prints pages")
	}
}

// TestBacktestSettings tries settings that change what alarms.
func TestBacktestSettings(t *testing.T) {
	t.Parallel()
	dir := savedPages(t)
	alarms := func(args ...string) int {
		got := webmon(t, nil, append([]string{"backtest", dir}, args...)...)
		got.printed(t)
		return strings.Count(got.stdout, ".html  ")
	}
	for name, test := range map[string]struct {
		args []string
		want int
	}{
		"the defaults":        {nil, 2},
		"a plugin's findings": {[]string{"--plugin=htmlstats"}, 2},
		"of another plugin":   {[]string{"--plugin=availability", "--plugin=tlscert"}, 0},
		"an option":           {[]string{`--set=availability.expect_status=[404]`}, 12},
		"the last of two":     {[]string{`--set=availability.expect_status=[404]`, `--set=availability.expect_status=["200"]`}, 2},
		"text":                {[]string{"--set=timing.slow_after=2s"}, 2},
	} {
		if got := alarms(test.args...); got != test.want {
			t.Errorf("%s: %d pages alarm, want %d", name, got, test.want)
		}
	}
	late := webmon(t, nil, "backtest", "--quiet", "--json", "--min-versions=11", dir)
	late.printed(t, `"blank":{"n":0,"alarmed_percent":0,"opened_percent":0}`)
}

func TestBacktestProfile(t *testing.T) {
	t.Parallel()
	flags := backtestFlags{profile: "strict", settings: []string{"htmlstats.k=5", "timing.slow_after=2s"}}
	options, err := parseSettings(allSettings(flags.profile, flags.settings))
	if err != nil || string(options["htmlstats"]) != `{"k":5,"profile":"strict"}` || string(options["timing"]) != `{"slow_after":"2s"}` {
		t.Errorf("%s, %v", options, err)
	}
	flags.settings = []string{"htmlstats.profile=calm"}
	if options, err := parseSettings(allSettings(flags.profile, flags.settings)); err != nil || string(options["htmlstats"]) != `{"profile":"calm"}` {
		t.Errorf("--set does not come after --profile: %s, %v", options, err)
	}
	webmon(t, nil, "backtest", "--profile=nonsense", savedPages(t)).refused(t, `"htmlstats"`, "profile")
}

func TestBacktestRefused(t *testing.T) {
	t.Parallel()
	dir := savedPages(t)
	bad := filepath.Join(t.TempDir(), "bad")
	writeFile(t, filepath.Join(bad, "index.tsv"), "file\n1.html\n")
	taken := t.TempDir()
	writeFile(t, filepath.Join(taken, "front", "x"), "")
	tests := map[string]struct {
		args []string
		want []string
	}{
		"no folder":        {nil, []string{"folder", "webmon backtest --help"}},
		"missing folder":   {[]string{dir, "/no/such/folder"}, []string{"/no/such/folder"}},
		"bad index":        {[]string{dir, bad}, []string{filepath.Join(bad, "index.tsv"), "line 2", "1.html"}},
		"unknown plugin":   {[]string{dir, "--plugin=x"}, []string{`"x"`, "htmlstats"}},
		"no option":        {[]string{dir, "--set=htmlstats=6"}, []string{"htmlstats=6", "PLUGIN.OPTION=VALUE"}},
		"unknown option":   {[]string{dir, "--set=htmlstats.x=6"}, []string{`"htmlstats"`, `"x"`}},
		"set's plugin":     {[]string{dir, "--set=x.y=6"}, []string{`"x"`}},
		"bad value":        {[]string{dir, "--set=htmlstats.k=high"}, []string{`"htmlstats"`, `"k"`}},
		"min versions":     {[]string{dir, "--min-versions=-1"}, []string{"--min-versions", "-1"}},
		"inject nothing":   {[]string{"inject", "--out=x"}, []string{"folder", "inject --help"}},
		"inject nowhere":   {[]string{"inject", dir}, []string{"--out"}},
		"inject every":     {[]string{"inject", dir, "--out=x", "--every=-2"}, []string{"--every", "-2"}},
		"inject over it":   {[]string{"inject", dir, "--out", taken}, []string{filepath.Join(taken, "front"), "exists"}},
		"inject bad index": {[]string{"inject", bad, "--out", taken}, []string{filepath.Join(bad, "index.tsv"), "line 2"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			webmon(t, nil, append([]string{"backtest"}, test.args...)...).refused(t, test.want...)
		})
	}
}

func TestBacktestInject(t *testing.T) {
	t.Parallel()
	dir, out := savedPages(t), filepath.Join(t.TempDir(), "out")
	webmon(t, nil, "backtest", "inject", dir, "--out", out, "--every=4").printed(t,
		filepath.Join(out, "front")+": 12 pages, 2 attacked, ", "without skimmer-known-cdn 2 times")
	webmon(t, nil, "backtest", "--json", "--quiet", out).printed(t, `"deface":{"n":2,`, `"normal":{"n":10,`, `"outage":{"n":1,`)
	webmon(t, nil, "backtest", "inject", "--help").printed(t, "phishing-form", "swap")
}
