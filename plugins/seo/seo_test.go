package seo

import (
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"

	"webmon/plugins"
	"webmon/plugins/plugintest"
)

func page(body string, robots ...string) *plugins.Page {
	header := http.Header{"Content-Type": {"text/html"}}
	if len(robots) > 0 {
		header["X-Robots-Tag"] = robots
	}
	return &plugins.Page{URL: "https://www.site.example/", Status: 200, Header: header, Body: []byte(body)}
}

func inspect(t testing.TB, page *plugins.Page, past []byte) plugins.Report {
	t.Helper()
	report, err := seo{}.Inspect(t.Context(), page, past)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

const good = `<title>Größe</title><meta name=description content="All of it"><meta name=robots content="index, follow">` +
	`<link rel=canonical href=https://site.example/a><link rel=alternate hreflang=de href=/de><h1>One</h1><h1>Two</h1>`

func TestMetricsAndFacts(t *testing.T) {
	t.Parallel()
	report := inspect(t, page(good), nil)
	want := []plugins.Metric{
		{Name: "description_characters_count", Value: 9}, {Name: "h1_count", Value: 2}, {Name: "hreflangs_count", Value: 1},
		{Name: "indexable", Value: 1}, {Name: "title_characters_count", Value: 5},
	}
	if !slices.Equal(report.Metrics, want) {
		t.Errorf("got  %v\nwant %v", report.Metrics, want)
	}
	facts := map[string]string{"canonical": "https://site.example/a", "description": "All of it", "robots": "index, follow", "title": "Größe"}
	if !reflect.DeepEqual(report.Facts, facts) {
		t.Errorf("facts %v", report.Facts)
	}
	again := inspect(t, page(good), report.Past)
	if !reflect.DeepEqual(again.Metrics, report.Metrics) || !reflect.DeepEqual(again.Facts, report.Facts) {
		t.Errorf("unchanged, it gives %+v", again)
	}
}

func TestFindings(t *testing.T) {
	t.Parallel()
	change := func(from, to string) *plugins.Page { return page(strings.Replace(good, from, to, 1)) }
	for _, test := range []struct {
		name string
		page *plugins.Page
		want []string
		stay bool // the finding is there at the next check, too
	}{
		{"same", page(good), nil, false},
		{"noindex", change("index, follow", "NOINDEX, nofollow"), []string{"warning noindex degraded"}, true},
		{"none", change("index, follow", "none"), []string{"warning noindex degraded"}, true},
		{"noindex header", page(good, "noarchive", "noindex"), []string{"warning noindex degraded"}, true},
		{"for Google", page(good, "googlebot: nofollow, noindex"), []string{"warning noindex degraded"}, true},
		{"for another", page(good, "otherbot: noindex"), nil, false},
		{"nofollow", page(good, "nofollow"), nil, false},
		{"header with a value", page(good, "unavailable_after: 25 Jun 2030 15:00:00 PST", "max-snippet:-1"), nil, false},
		{"canonical elsewhere", change("https://site.example/a", "//spam.example"), []string{"warning foreign_canonical degraded"}, true},
		{"canonical moves", change("https://site.example/a", "/b"), nil, false},
		{"title gone", change("<title>Größe</title>", "<title> </title>"), []string{"warning title_gone "}, true},
		{"others gone", page("<title>Größe</title>"), []string{"info description_gone ", "info h1_gone ", "info hreflang_gone "}, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var past []byte
			for range plugins.StreakAgree {
				report := inspect(t, page(good), past)
				if past = report.Past; len(report.Findings) > 0 {
					t.Fatalf("learning: %+v", report.Findings)
				}
			}
			want := test.want
			for range 2 {
				report := inspect(t, test.page, past)
				past = report.Past
				var got []string
				for _, f := range report.Findings {
					got = append(got, fmt.Sprintf("%s %s %s", f.Severity, f.Code, f.Verdict))
				}
				if !slices.Equal(got, want) || report.Changed != (len(want) > 0) {
					t.Errorf("got  %q\nwant %q", got, want)
				}
				if !test.stay {
					want = nil
				}
			}
		})
	}
}

// A page that forbids indexing from the start means it, and errors say nothing.
func TestNoFindings(t *testing.T) {
	t.Parallel()
	failed, unavailable := page("<meta name=robots content=noindex>"), page("<meta name=robots content=noindex>")
	failed.Err, unavailable.Status = errors.New("reset"), 503
	var past []byte
	for range 5 {
		past = inspect(t, page(good), past).Past
	}
	for _, bad := range []*plugins.Page{failed, unavailable} {
		if report := inspect(t, bad, past); len(report.Findings) > 0 || string(report.Past) != string(past) {
			t.Errorf("an error page: %+v", report)
		}
	}
	past = nil
	for range 5 {
		report := inspect(t, page("", "noindex"), past)
		if past = report.Past; len(report.Findings) > 0 || report.Metrics[3].Value != 0 {
			t.Errorf("noindex from the start: %+v", report)
		}
	}
}

func FuzzInspect(f *testing.F) {
	f.Add([]byte(good), "noindex", []byte{pastVersion})
	f.Fuzz(func(t *testing.T, body []byte, robots string, past []byte) {
		past = inspect(t, page(string(body), robots), past).Past
		if m, ok := decode(past); !ok || string(m.encode()) != string(past) {
			t.Errorf("the memory does not read back: %x", past)
		}
	})
}

func BenchmarkInspectUnchanged(b *testing.B) {
	unchanged := page(good)
	past := inspect(b, unchanged, nil).Past
	b.ReportAllocs()
	for b.Loop() {
		inspect(b, unchanged, past)
	}
	b.ReportMetric(float64(len(past)), "memory-bytes")
}

func FuzzReport(f *testing.F) { plugintest.Fuzz(f, Definition(), "") }
