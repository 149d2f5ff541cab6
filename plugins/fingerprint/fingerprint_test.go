package fingerprint

import (
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"testing"

	"webmon/plugins"
	"webmon/plugins/plugintest"
)

func page(server, powered, generator string) *plugins.Page {
	header := http.Header{"Content-Type": {"text/html"}}
	if server != "" {
		header.Set("Server", server)
	}
	if powered != "" {
		header.Set("X-Powered-By", powered)
	}
	return &plugins.Page{Status: 200, Header: header, Body: []byte(`<meta name=generator content="` + generator + `">`)}
}

// Each step is a check of the same asset.
func TestSequence(t *testing.T) {
	t.Parallel()
	failed, unavailable := page("other", "", ""), page("other", "", "")
	failed.Err, unavailable.Status = errors.New("reset"), 502
	var past []byte
	for i, step := range []struct {
		page    *plugins.Page
		exposed float64
		want    string
	}{
		{page("nginx", "", "WordPress 6.1"), 1, ""},
		{page("nginx", "", "WordPress 6.1"), 1, ""},
		{page("nginx/1.25", "", "WordPress 6.1"), 2, `The server is now "nginx/1.25"; before it was "nginx".`},
		{page("nginx", "", "WordPress 6.1"), 1, ""},
		{unavailable, -1, ""}, {failed, -1, ""},
		{page("nginx", "PHP/8", "WordPress 6.2"), 2, `The software behind the server is now "PHP/8"; before it was not named.` +
			`The software that made the page is now "WordPress 6.2"; before it was "WordPress 6.1".`},
		{page("nginx", "", ""), 0, `The software that made the page is now not named; before it was "WordPress 6.2".`},
	} {
		report, err := fingerprint{}.Inspect(t.Context(), step.page, past)
		if err != nil {
			t.Fatal(err)
		}
		past = report.Past
		got := ""
		for _, f := range report.Findings {
			got += f.Message
			if f.Severity != plugins.Info || f.Verdict != "" {
				t.Errorf("step %d: %+v", i, f)
			}
		}
		if got != step.want || report.Changed != (got != "") {
			t.Errorf("step %d: %q, want %q", i, got, step.want)
		}
		if step.exposed >= 0 && report.Metrics[0].Value != step.exposed {
			t.Errorf("step %d: %v, want %v", i, report.Metrics, step.exposed)
		}
	}
}

func TestFacts(t *testing.T) {
	t.Parallel()
	report, err := fingerprint{}.Inspect(t.Context(), page("a\xffb", "PHP/8", "Hugo"), nil)
	want := map[string]string{"server": "ab", "powered_by": "PHP/8", "generator": "Hugo"}
	if err != nil || !reflect.DeepEqual(report.Facts, want) {
		t.Errorf("facts %v, %v", report.Facts, err)
	}
}

// Servers that take turns are told of once each.
func TestTurns(t *testing.T) {
	t.Parallel()
	var past []byte
	told := 0
	for i := range 40 {
		report, err := fingerprint{}.Inspect(t.Context(), page(fmt.Sprint("server ", i%maxRecent), "", ""), past)
		if err != nil {
			t.Fatal(err)
		}
		past = report.Past
		told += len(report.Findings)
	}
	if told != maxRecent-1 {
		t.Errorf("told %d times, want %d", told, maxRecent-1)
	}
}

func FuzzInspect(f *testing.F) {
	f.Add("nginx", []byte("<meta name=generator content=x>"), []byte{pastVersion})
	f.Fuzz(func(t *testing.T, server string, body, past []byte) {
		p := page(server, "", "")
		p.Body = body
		report, err := fingerprint{}.Inspect(t.Context(), p, past)
		if err != nil {
			t.Fatal(err)
		}
		if m, ok := decode(report.Past); !ok || string(m.encode()) != string(report.Past) {
			t.Errorf("the memory does not read back: %x", report.Past)
		}
	})
}

func BenchmarkInspectUnchanged(b *testing.B) {
	unchanged := page("nginx", "PHP/8", "Hugo")
	report, err := fingerprint{}.Inspect(b.Context(), unchanged, nil)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := (fingerprint{}).Inspect(b.Context(), unchanged, report.Past); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(len(report.Past)), "memory-bytes")
}

func FuzzReport(f *testing.F) { plugintest.Fuzz(f, Definition(), "") }
