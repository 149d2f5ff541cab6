package plugintest

import (
	"encoding/json"
	"math"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"webmon/plugins"
)

// suffixes are how the name of a metric of each unit ends.
var suffixes = map[string]string{
	"seconds": "_seconds", "bytes": "_bytes", "count": "_count", "ratio": "_ratio", "points": "",
	"timestamp": "_timestamp_seconds", "code": "_code", "bool": "", "number": "",
}

var (
	metricName = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)
	codeName   = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)
)

// maxFact is the most bytes a fact should have; facts are stored with every
// result.
const maxFact = 2048

// The limits of a finding's evidence, in pieces and in bytes of each.
const (
	maxEvidence = 10
	maxPiece    = 200
)

// checkReport checks what every report of a plugin must keep to.
func checkReport(t *testing.T, def plugins.Definition, report plugins.Report) {
	t.Helper()
	seen := make(map[string]bool)
	for _, metric := range report.Metrics {
		if !metricName.MatchString(metric.Name) || !documented(def, metric.Name) {
			t.Errorf("metric %q is malformed or not described", metric.Name)
		}
		if math.IsNaN(metric.Value) || math.IsInf(metric.Value, 0) || seen[metric.Name] {
			t.Errorf("metric %q is %v, or is there twice", metric.Name, metric.Value)
		}
		seen[metric.Name] = true
	}
	for name, fact := range report.Facts {
		if !slices.ContainsFunc(def.Facts, func(doc plugins.FactDoc) bool { return doc.Name == name }) {
			t.Errorf("fact %q is not described", name)
		}
		if !metricName.MatchString(name) || len(fact) > maxFact || !utf8.ValidString(fact) {
			t.Errorf("fact %q is malformed, not UTF-8, or of more than %d bytes: %.100q", name, maxFact, fact)
		}
	}
	for _, finding := range report.Findings {
		checkFinding(t, finding)
		if finding.Metric != "" && !documented(def, finding.Metric) {
			t.Errorf("a finding is about the metric %q, which is not described", finding.Metric)
		}
	}
	if len(report.Past) > plugins.MaxPast {
		t.Errorf("%d bytes are to be remembered, the limit is %d", len(report.Past), plugins.MaxPast)
	}
	if report.Error != "" || report.Plugin != "" {
		t.Error("the fields Error and Plugin are the suite's to fill in")
	}
}

func checkFinding(t *testing.T, finding plugins.Finding) {
	t.Helper()
	severities := []plugins.Severity{plugins.Info, plugins.Warning, plugins.Critical}
	if !slices.Contains(severities, finding.Severity) || !codeName.MatchString(finding.Code) {
		t.Errorf("finding %+v has no proper severity or code", finding)
	}
	if strings.TrimSpace(finding.Message) == "" || !utf8.ValidString(finding.Message) {
		t.Errorf("finding %s has no proper message: %q", finding.Code, finding.Message)
	}
	if finding.Verdict != "" && finding.Verdict.Rank() < 0 {
		t.Errorf("finding %s has the verdict %q, which is none", finding.Code, finding.Verdict)
	}
	if len(finding.Evidence) > maxEvidence {
		t.Errorf("finding %s has %d pieces of evidence, the limit is %d", finding.Code, len(finding.Evidence), maxEvidence)
	}
	for _, piece := range finding.Evidence {
		if piece == "" || len(piece) > maxPiece || !utf8.ValidString(piece) {
			t.Errorf("finding %s: evidence is empty, not UTF-8, or of more than %d bytes: %.100q", finding.Code, maxPiece, piece)
		}
	}
	if finding.Points < 0 || math.IsNaN(finding.Points) || math.IsInf(finding.Points, 0) {
		t.Errorf("finding %s has %v points", finding.Code, finding.Points)
	}
	if _, err := json.Marshal(finding); err != nil {
		t.Errorf("finding %s: %v", finding.Code, err)
	}
}

// documented tells whether a metric's name is one the definition describes,
// exactly or as one of a family.
func documented(def plugins.Definition, name string) bool {
	return slices.ContainsFunc(def.Metrics, func(doc plugins.MetricDoc) bool { return doc.Covers(name) })
}
