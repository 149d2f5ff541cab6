package app

import (
	"encoding/json"
	"io"

	"webmon/plugins"
)

// checkedJSON is an outcome as JSON, its reports in the form that the API
// gives them.
type checkedJSON struct {
	URL     string          `json:"url"`
	Verdict plugins.Verdict `json:"verdict"`
	Reports []reportJSON    `json:"reports"`
}

type reportJSON struct {
	Plugin   string             `json:"plugin"`
	Metrics  map[string]float64 `json:"metrics"`
	Facts    map[string]string  `json:"facts"`
	Findings []plugins.Finding  `json:"findings"`
	Error    string             `json:"error,omitempty"` // why the plugin could not report
}

func printJSON(out io.Writer, all []checked) error {
	array := make([]checkedJSON, len(all))
	for i, one := range all {
		array[i] = checkedJSON{URL: one.page.URL, Verdict: one.outcome.Verdict, Reports: []reportJSON{}}
		for _, report := range one.outcome.Reports {
			array[i].Reports = append(array[i].Reports, newReportJSON(report))
		}
	}
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false) // messages quote HTML
	encoder.SetIndent("", "  ")
	return encoder.Encode(array)
}

// newReportJSON never leaves a member null: readers can index without asking.
func newReportJSON(report plugins.Report) reportJSON {
	r := reportJSON{
		Plugin:   report.Plugin,
		Metrics:  make(map[string]float64, len(report.Metrics)),
		Facts:    report.Facts,
		Findings: report.Findings,
		Error:    report.Error,
	}
	for _, metric := range report.Metrics {
		r.Metrics[metric.Name] = metric.Value
	}
	if r.Facts == nil {
		r.Facts = map[string]string{}
	}
	if r.Findings == nil {
		r.Findings = []plugins.Finding{}
	}
	return r
}
