package timing

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"webmon/plugins"
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

func answered() *plugins.Page {
	return &plugins.Page{Status: 200, Timing: plugins.Timing{
		DNS: 1500 * time.Nanosecond, Connect: 2 * time.Millisecond, TLS: 0,
		FirstByte: 1234567 * time.Nanosecond, Transfer: 400 * time.Nanosecond, Total: 2 * time.Second,
	}}
}

func TestMetrics(t *testing.T) {
	t.Parallel()
	want := []plugins.Metric{
		{Name: "connect_seconds", Value: 0.002}, {Name: "dns_seconds", Value: 0.000002}, {Name: "first_byte_seconds", Value: 0.001235},
		{Name: "tls_seconds", Value: 0}, {Name: "total_seconds", Value: 2}, {Name: "transfer_seconds", Value: 0},
	}
	if got := inspect(t, "", answered()); !slices.Equal(got.Metrics, want) || len(got.Findings) > 0 {
		t.Errorf("got  %v\nwant %v and no findings", got, want)
	}
	failed := answered()
	failed.Status, failed.Err = 0, errors.New("timeout")
	if got := inspect(t, `{"slow_after": "1s"}`, failed); len(got.Metrics)+len(got.Findings) > 0 {
		t.Errorf("a failed fetch is timed: %+v", got)
	}
}

func TestSlow(t *testing.T) {
	t.Parallel()
	for options, slow := range map[string]bool{
		`{}`: false, `{"slow_after": "1.5s"}`: true, `{"slow_after": "2s"}`: false, `{"slow_after": "1h"}`: false,
	} {
		findings := inspect(t, options, answered()).Findings
		if (len(findings) == 1) != slow {
			t.Errorf("%s: findings %+v, want one: %t", options, findings, slow)
		}
		if slow && (findings[0].Verdict != plugins.Degraded || findings[0].Message != "The check took 2s, more than 1.5s.") {
			t.Errorf("got %+v", findings[0])
		}
	}
}

func TestBadOptions(t *testing.T) {
	t.Parallel()
	for _, options := range []string{`{"slow_after": "2"}`, `{"slow_after": "-1s"}`, `{"slow_after": "soon"}`, `{"slow_after": 2}`} {
		if _, err := New(json.RawMessage(options)); err == nil || !strings.Contains(err.Error(), "slow_after") {
			t.Errorf("%s: error %v, want one that names the option", options, err)
		}
	}
}
