package availability

import (
	"encoding/json"
	"errors"
	"maps"
	"strings"
	"testing"

	"webmon/plugins"
	"webmon/plugins/plugintest"
)

func inspect(t *testing.T, options string, page *plugins.Page) plugins.Report {
	t.Helper()
	plugin, err := New(json.RawMessage(options))
	if err != nil {
		t.Fatal(err)
	}
	report, err := plugin.Inspect(t.Context(), page, nil)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func TestInspect(t *testing.T) {
	t.Parallel()
	refused := &plugins.Page{Err: errors.New("dial tcp: refused"), ErrClass: plugins.ErrRefused}
	for _, test := range []struct {
		name    string
		options string
		page    *plugins.Page
		metrics []plugins.Metric
		code    string // of the only finding; empty: none
		message string
		verdict plugins.Verdict
		facts   map[string]string
	}{
		{
			"fine", "", &plugins.Page{URL: "u", FinalURL: "u", Status: 200},
			[]plugins.Metric{{Name: "redirects_count"}, {Name: "status_code", Value: 200}, {Name: "up", Value: 1}}, "", "", "", nil,
		}, {
			"redirected", "", &plugins.Page{URL: "u", FinalURL: "v", Status: 200, Redirects: make([]plugins.Hop, 2)},
			[]plugins.Metric{{Name: "redirects_count", Value: 2}, {Name: "status_code", Value: 200}, {Name: "up", Value: 1}}, "", "", "",
			map[string]string{"final_url": "v"},
		}, {
			"not found", "", &plugins.Page{Status: 404},
			[]plugins.Metric{{Name: "redirects_count"}, {Name: "status_code", Value: 404}, {Name: "up"}},
			"unexpected_status", "The answer is 404 Not Found, expected is 200–399.", plugins.Down, nil,
		}, {
			"not found is expected", `{"expect_status": [200, "404", "410-499"]}`, &plugins.Page{Status: 404},
			[]plugins.Metric{{Name: "redirects_count"}, {Name: "status_code", Value: 404}, {Name: "up", Value: 1}}, "", "", "", nil,
		}, {
			"fine is not expected", `{"expect_status": ["410-499", 302]}`, &plugins.Page{Status: 200},
			[]plugins.Metric{{Name: "redirects_count"}, {Name: "status_code", Value: 200}, {Name: "up"}},
			"unexpected_status", "The answer is 200 OK, expected is 410–499, 302.", plugins.Down, nil,
		}, {
			"refused", "", refused,
			[]plugins.Metric{{Name: "redirects_count"}, {Name: "up"}},
			"unreachable_refused", "The connection was refused: dial tcp: refused.", plugins.Down,
			map[string]string{"error_class": "refused", "error": "dial tcp: refused"},
		}, {
			"no answer and no reason", "", &plugins.Page{},
			[]plugins.Metric{{Name: "redirects_count"}, {Name: "up"}},
			"unreachable_other", "The check failed: no status was received.", plugins.Down,
			map[string]string{"error_class": "other", "error": "no status was received"},
		}, {
			"truncated", "", &plugins.Page{Status: 200, Truncated: true, Body: make([]byte, 10)},
			[]plugins.Metric{{Name: "redirects_count"}, {Name: "status_code", Value: 200}, {Name: "up", Value: 1}},
			"body_truncated", "The body is longer than the size limit; only its first 10 bytes were looked at.", "", nil,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			report := inspect(t, test.options, test.page)
			if len(report.Metrics) != len(test.metrics) {
				t.Fatalf("metrics %v, want %v", report.Metrics, test.metrics)
			}
			for i, want := range test.metrics {
				if report.Metrics[i] != want {
					t.Errorf("metric %v, want %v", report.Metrics[i], want)
				}
			}
			if !maps.Equal(report.Facts, test.facts) {
				t.Errorf("facts %v, want %v", report.Facts, test.facts)
			}
			switch {
			case test.code == "" && len(report.Findings) > 0:
				t.Errorf("unexpected findings %+v", report.Findings)
			case test.code != "" && len(report.Findings) != 1:
				t.Errorf("findings %+v, want one", report.Findings)
			case test.code != "":
				got := report.Findings[0]
				if got.Code != test.code || got.Message != test.message || got.Verdict != test.verdict {
					t.Errorf("finding %+v, want %s, %q, %q", got, test.code, test.message, test.verdict)
				}
				if (got.Severity == plugins.Critical) != (test.verdict == plugins.Down) {
					t.Errorf("severity %s with verdict %q", got.Severity, got.Verdict)
				}
			}
		})
	}
}

func TestBadOptions(t *testing.T) {
	t.Parallel()
	for _, options := range []string{
		`{"expect_status": []}`, `{"expect_status": [99]}`, `{"expect_status": [1000]}`, `{"expect_status": ["300-200"]}`,
		`{"expect_status": ["ok"]}`, `{"expect_status": [true]}`, `{"expect_status": [null]}`, `{"expect_status": [200.5]}`,
		`{"expect_status": ["200-"]}`, `{"expect_status": 200}`,
	} {
		if _, err := New(json.RawMessage(options)); err == nil || !strings.Contains(err.Error(), "expect_status") {
			t.Errorf("%s: error %v, want one that names the option", options, err)
		}
	}
}

func FuzzReport(f *testing.F) { plugintest.Fuzz(f, Definition(), "") }
