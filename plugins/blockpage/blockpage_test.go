package blockpage

import (
	"encoding/json"
	"errors"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"webmon/plugins"
	"webmon/plugins/plugintest"
)

func page(status int, body string) *plugins.Page {
	return &plugins.Page{
		URL: "https://site.example/", Status: status, Header: http.Header{"Content-Type": {"text/html"}}, Body: []byte(body),
	}
}

func inspect(t testing.TB, options string, page *plugins.Page, past []byte) plugins.Report {
	t.Helper()
	plugin, err := New(json.RawMessage(options))
	if err != nil {
		t.Fatal(err)
	}
	report, err := plugin.Inspect(t.Context(), page, past)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func words(n int) string { return "<p>" + strings.Repeat("word ", n) + "</p>" }

func TestKinds(t *testing.T) {
	t.Parallel()
	header := page(403, "<p>x")
	header.Header.Set("cf-mitigated", "challenge")
	api := page(200, `{"error": "page not found"}`)
	api.Header.Set("Content-Type", "application/json")
	menu := strings.Repeat("<a href=/x>menu</a> ", 100)
	for _, test := range []struct {
		name string
		page *plugins.Page
		want string
	}{
		{"header", header, "challenge"},
		{"Cloudflare", page(503, "<title>Just a moment...</title><script>window._cf_chl_opt={}</script>"), "challenge"},
		{"Akamai", page(200, "<h1>Access Denied</h1>Reference https://errors.edgesuite.net/18.1"), "challenge"},
		{"DataDome", page(403, "<script src=https://geo.captcha-delivery.com/c.js></script>"), "captcha"},
		{"captcha", page(200, "<p>Please verify you are a human to go on.<div class=g-recaptcha>"), "captcha"},
		{"parked", page(200, "<title>site.example</title><p>This domain may be for sale. Ask us!"), "parked"},
		{"parking script", page(200, "<script src='//www.sedoparking.com/a.js'></script>"), "parked"},
		{"maintenance", page(503, "Briefly unavailable for scheduled maintenance. Check back in a minute."), "maintenance"},
		{"maintenance with menu", page(200, "<title>Shop | We’ll be back soon</title>"+menu+words(200)), "maintenance"},
		{"Wartung", page(200, "<h1>Wartungsarbeiten</h1>"), "maintenance"},
		{"soft 404 with menu", page(200, "<title>Page not found – My shop</title>"+menu+words(200)), "soft_not_found"},
		{"nginx error", page(200, "<title>502 Bad Gateway</title><h1>502 Bad Gateway</h1>"), "error_text"},
		{"database", page(200, "<h1>Error establishing a database connection</h1>"), "error_text"},
		{"nginx", page(200, "<title>Welcome to nginx!</title>"), "default_page"},
		{"suspended", page(200, "<title>Account Suspended</title>"), "suspended"},

		{"ordinary", page(200, "<title>Shop</title><h1>Welcome</h1>"+words(50)), ""},
		{"true 404", page(404, "<title>404 Not Found</title>"), ""},
		{"JSON", api, ""},
		{"article", page(200, "<title>404 Not Found - Encyclopedia</title>"+words(1000)), ""},
		{"about captchas", page(200, "<title>What is a captcha?</title><p>Please verify you are a human, they say. "+words(200)), ""},
		{"maintenance of cars", page(200, "<title>Maintenance and repair</title><h1>Car maintenance</h1>"+words(30)), ""},
		{"Cloudflare's script on a page", page(200, "<title>Shop</title><script src=/cdn-cgi/challenge-platform/scripts/jsd/main.js></script>"), ""},
		{"form with captcha", page(200, "<title>Contact</title><form></form><script src=https://www.google.com/recaptcha/api.js></script>"), ""},
		{"login from the start", page(200, "<title>Log in</title><input type=password>"), ""},
		{"empty", page(200, ""), ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			report := inspect(t, "", test.page, nil)
			got := ""
			for _, f := range report.Findings {
				got += f.Code
				if f.Verdict != plugins.Inconclusive || f.Severity != plugins.Warning || f.Observed.String() == "" {
					t.Errorf("finding %+v", f)
				}
			}
			blocked := 0.0
			if test.want != "" {
				blocked = 1
			}
			if got != test.want || report.Metrics[0].Value != blocked || report.Facts["kind"] != test.want {
				t.Errorf("got %q, want %q; %+v", got, test.want, report)
			}
			again := inspect(t, "", test.page, report.Past)
			if !reflect.DeepEqual(again.Findings, report.Findings) {
				t.Errorf("unchanged, it gives %+v", again.Findings)
			}
		})
	}
}

// Each step is a check of the same asset.
func TestLoginWall(t *testing.T) {
	t.Parallel()
	login := page(200, "<title>Sign in</title><input type=password>")
	article := page(200, "<title>News</title>"+words(100))
	comments := page(200, "<title>News</title><input type=password>"+words(100))
	failed := page(200, "")
	failed.Err = errors.New("reset")
	var past []byte
	for i, step := range []struct {
		page *plugins.Page
		want bool
	}{
		{article, false}, {article, false}, {login, false}, {article, false}, {article, false}, {failed, false},
		{article, false}, {login, true}, {login, true}, {comments, false}, {login, false},
	} {
		report := inspect(t, "", step.page, past)
		if past = report.Past; (len(report.Findings) > 0) != step.want {
			t.Errorf("step %d: %+v", i, report.Findings)
		}
	}
}

func TestOptions(t *testing.T) {
	t.Parallel()
	if report := inspect(t, `{"expect": ["parked"]}`, page(200, "This domain is for sale"), nil); len(report.Findings) > 0 {
		t.Errorf("what is expected is a finding: %+v", report.Findings)
	}
	for _, options := range []string{`{"expect": ["page"]}`, `{"expect": [""]}`, `{"expect": "parked"}`} {
		if _, err := New(json.RawMessage(options)); err == nil || !strings.Contains(err.Error(), "expect") {
			t.Errorf("%s: error %v", options, err)
		}
	}
}

func TestMarkers(t *testing.T) {
	t.Parallel()
	for phrase := range phrases {
		if phrase != normal(phrase) || len(phrase) > maxMarker || strings.Count(phrase, " ") >= 2 && longest("- "+phrase+"!").marker == "" {
			t.Errorf("%q is never found as it is written", phrase)
		}
	}
}

func FuzzInspect(f *testing.F) {
	f.Add([]byte("<title>Just a moment...</title>"), 200, []byte{pastVersion})
	f.Fuzz(func(t *testing.T, body []byte, status int, past []byte) {
		report := inspect(t, "", page(status, string(body)), past)
		if _, ok := decode(report.Past); !ok && report.Past != nil {
			t.Errorf("the memory does not read back: %x", report.Past)
		}
	})
}

func BenchmarkInspect(b *testing.B) {
	small := page(200, "<title>Shop</title>"+words(100)+"<script>"+strings.Repeat("var a = 1;\n", 3000)+"</script>")
	past := inspect(b, "", small, nil).Past
	for name, memory := range map[string][]byte{"unchanged": past, "new": nil} {
		b.Run(name, func(b *testing.B) {
			plugin, err := New(nil)
			if err != nil {
				b.Fatal(err)
			}
			small.Outline()
			b.ReportAllocs()
			for b.Loop() {
				if _, err := plugin.Inspect(b.Context(), small, memory); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(len(past)), "memory-bytes")
		})
	}
}

func FuzzReport(f *testing.F) { plugintest.Fuzz(f, Definition(), "") }

// A kind that is accepted is the page itself, others are not.
func TestAccept(t *testing.T) {
	t.Parallel()
	closed, parked := page(200, "<h1>Wartungsarbeiten</h1>"), page(200, "<p>This domain may be for sale. Ask us!")
	for _, target := range []plugins.Target{{}, {Code: "maintenance", Evidence: "blocked"}} {
		past := inspect(t, "", closed, inspect(t, "", page(200, words(50)), nil).Past).Past
		past = new(blockpage).Accept(past, target)
		report := inspect(t, "", closed, past)
		if len(report.Findings) > 0 {
			t.Errorf("%v: %+v", target, report.Findings)
		}
		if other := inspect(t, "", parked, report.Past); len(other.Findings) == 0 {
			t.Errorf("%v: another kind is no finding", target)
		}
	}
}
