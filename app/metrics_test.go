package app_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/grafana/grafana-foundation-sdk/go/cog/plugins"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
)

const (
	alertRules   = "../configs/prometheus/alerts.yaml"
	alertTests   = "../configs/prometheus/alerts_test.yaml"
	dashboardFor = "../configs/grafana/webmon.json"
	metricsPage  = "../docs/metrics.md"
)

var (
	metricName  = regexp.MustCompile(`\bwebmon_[a-z_]+[a-z]\b`)
	ofHistogram = regexp.MustCompile(`_seconds_(bucket|count|sum)$`)
)

// metricsIn are the names of webmon's metrics in a text.
func metricsIn(text string) []string {
	var names []string
	for _, name := range metricName.FindAllString(text, -1) {
		names = append(names, ofHistogram.ReplaceAllString(name, "_seconds"))
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func readText(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// Rules, dashboard and documentation ask for metrics that a webmon really has,
// and the documentation names all of them.
func TestMetricsAreThere(t *testing.T) {
	t.Parallel()
	alerts := alertsFile(t, "channels: {hook: {webhook: {url: 'http://127.0.0.1:1/'}}}\nroutes: [{channels: [hook]}]\n")
	p := start(t, 3, append(allOn(t.TempDir()), "--alerts", alerts)...)
	c := client{t, p.Address("api")}
	c.create(site(t)+"/good", map[string]any{"interval": "1s"})
	var asked []string
	for _, file := range []string{alertRules, dashboardFor, metricsPage} {
		found := metricsIn(readText(t, file))
		if len(found) < 10 {
			t.Errorf("%s names only %q", file, found)
		}
		asked = append(asked, found...)
	}
	var text string
	var has []string
	eventually(t, "rules, dashboard and documentation name only what is there", func() error { // a process reports now and then; a snapshot comes after the asset
		text = scrape(t, c.base)
		has = metricsIn(strings.Join(typeLines(text), "\n"))
		missing := slices.DeleteFunc(slices.Clone(asked), func(name string) bool { return slices.Contains(has, name) })
		if len(missing) > 0 {
			slices.Sort(missing)
			return fmt.Errorf("not there are %q", slices.Compact(missing))
		}
		return nil
	})
	documented := metricsIn(readText(t, metricsPage))
	for _, name := range has {
		if !slices.Contains(documented, name) {
			t.Errorf("%s does not name %s", metricsPage, name)
		}
	}
	problems, err := promlint.New(strings.NewReader(text)).Lint()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Errorf("%s: %s", p.Metric, p.Text)
	}
}

func scrape(t *testing.T, base string) string {
	t.Helper()
	answer, err := http.Get(base + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// typeLines are the lines that name the metrics of a scrape, each once.
func typeLines(text string) []string {
	return regexp.MustCompile(`(?m)^# TYPE .*$`).FindAllString(text, -1)
}

// The dashboard is one to Grafana's own schema.
func TestDashboardIsValid(t *testing.T) {
	t.Parallel()
	plugins.RegisterDefaultPlugins()
	text := readText(t, dashboardFor)
	//lint:ignore SA1019 the form that every Grafana imports; the newer one is for the latest only
	var board dashboard.Dashboard
	if err := board.UnmarshalJSONStrict([]byte(text)); err != nil && err.Error() != "" { // a list of errors, which may be empty
		t.Fatal(err)
	}
	if err := board.Validate(); err != nil {
		t.Error(err)
	}
	var panels struct {
		Panels []struct {
			ID                       int
			Title, Type, Description string
			Targets                  []struct{ Expr string }
		}
	}
	if err := json.Unmarshal([]byte(text), &panels); err != nil {
		t.Fatal(err)
	}
	ids := map[int]bool{}
	for _, panel := range panels.Panels {
		if ids[panel.ID] || panel.Type != "row" && panel.Description == "" || panel.Type != "row" && panel.Type != "text" && len(panel.Targets) == 0 {
			t.Errorf("panel %d, %q: its id is there twice, or it has no description or no query", panel.ID, panel.Title)
		}
		ids[panel.ID] = true
	}
}

// promtool is Prometheus' own checker. Not every machine has it.
func TestAlertRules(t *testing.T) {
	t.Parallel()
	promtool, err := exec.LookPath("promtool")
	if err != nil {
		t.Skip("there is no promtool (Debian: apt-get install prometheus)")
	}
	for _, args := range [][]string{{"check", "rules", alertRules}, {"test", "rules", alertTests}} {
		if out, err := exec.Command(promtool, args...).CombinedOutput(); err != nil {
			t.Errorf("promtool %s: %v\n%s", strings.Join(args, " "), err, out)
		}
	}
}
