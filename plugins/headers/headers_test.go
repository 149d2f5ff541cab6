package headers

import (
	"crypto/tls"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"testing"
	"time"

	"webmon/plugins"
	"webmon/plugins/plugintest"
)

func page(lines ...string) *plugins.Page {
	header := make(http.Header)
	for i := 0; i < len(lines); i += 2 {
		header.Add(lines[i], lines[i+1])
	}
	header.Set("Content-Type", "text/html")
	return &plugins.Page{URL: "https://www.site.example/", Status: 200, Header: header, At: time.Date(2027, 1, 15, 8, 0, 0, 0, time.UTC)}
}

const (
	csp1  = "Content-Security-Policy"
	hsts1 = "Strict-Transport-Security"
	year  = "max-age=31536000; includeSubDomains"
)

func good(more ...string) *plugins.Page {
	return page(append([]string{
		csp1, "default-src 'none'; script-src 'self'; style-src 'self'; frame-ancestors 'none'", hsts1, year,
		"X-Content-Type-Options", "nosniff", "Referrer-Policy", "no-referrer", "Set-Cookie", "sid=1; Secure; HttpOnly; SameSite=Lax",
	}, more...)...)
}

func over(page *plugins.Page, route ...string) *plugins.Page {
	page.URL, page.FinalURL = route[0], route[len(route)-1]
	for _, address := range route[:len(route)-1] {
		page.Redirects = append(page.Redirects, plugins.Hop{URL: address, Status: 301})
	}
	return page
}

func body(page *plugins.Page, html string) *plugins.Page {
	page.Body = []byte(html)
	return page
}

func kind(page *plugins.Page, contentType string) *plugins.Page {
	page.Header.Set("Content-Type", contentType)
	return page
}

// bare is an answer without faults, and without anything that is worth more.
func bare(more ...string) *plugins.Page {
	return page(append([]string{hsts1, year, "X-Content-Type-Options", "nosniff", "X-Frame-Options", "ALLOW-FROM https://a.example/",
		csp1, "default-src 'self' 'unsafe-inline'; script-src 'self'"}, more...)...)
}

func TestScore(t *testing.T) {
	t.Parallel()
	const none = 100 - 25 - 20 - 5 - 20
	nothing := "<p>"
	for _, test := range []struct {
		name  string
		page  *plugins.Page
		want  int
		grade string
	}{
		{"bare", bare(), 100, "A+"},
		{"everything", good("Cross-Origin-Opener-Policy", "same-origin; report-to=\"a\"", "Cross-Origin-Embedder-Policy", "require-corp",
			"Cross-Origin-Resource-Policy", "Same-Site"), 155, "A+"},
		{"nothing", page(), none, "D"},
		{"nothing over http", over(page(), "http://site.example/"), none - 20, "F"},
		{"http cannot ask for https", over(good(), "http://site.example/"), 60, "C+"},
		{"http leads to https", over(good(), "http://site.example/", "https://site.example/"), 125, "A+"},
		{"by another http", over(bare(), "http://site.example/", "http://www.site.example/", "https://www.site.example/"), 90, "A"},
		{"to another host", over(bare(), "http://site.example/", "https://www.site.example/"), 95, "A"},
		{"back to http", over(bare(), "https://site.example/", "http://site.example/"), 80, "B+"},
		{"bonuses do not make up for faults", page(hsts1, year, csp1, "default-src *; frame-ancestors 'self'",
			"X-Content-Type-Options", "nosniff", "Referrer-Policy", "no-referrer", "Cross-Origin-Resource-Policy", "same-origin"), 80, "B+"},
		{"short HSTS", page(hsts1, `max-age="600"`, csp1, "default-src 'self'; frame-ancestors 'self'", "X-Content-Type-Options", "nosniff"), 100, "A+"},
		{"HSTS without a number", page(hsts1, "max-age=long", csp1, "default-src 'self'; frame-ancestors 'self'", "X-Content-Type-Options", "nosniff"), 80, "B+"},
		{"frames by the old header", page(hsts1, year, "X-Frame-Options", "DENY", "X-Content-Type-Options", "nosniff"), 75, "B"},
		{"unsafe referrer", bare("Referrer-Policy", "no-referrer, unsafe-url"), 95, "A"},
		{"unknown referrer policy", bare("Referrer-Policy", "never"), 95, "A"},
		{"unknown, then private", bare("Referrer-Policy", "never, no-referrer"), 105, "A+"},
		{"private, then unknown", bare("Referrer-Policy", "no-referrer, never"), 105, "A+"},
		{"isolation that is none", bare("Cross-Origin-Opener-Policy", "unsafe-none", "Cross-Origin-Resource-Policy", "cross-origin"), 100, "A+"},
		{"isolation that is unknown", bare("Cross-Origin-Opener-Policy", "same"), 95, "A"},
		{"meta CSP and referrer", body(page(hsts1, year, "X-Content-Type-Options", "nosniff", "X-Frame-Options", "DENY"),
			`<meta http-equiv=Content-Security-Policy content="default-src 'none'"><meta name=referrer content=no-referrer>`), 120, "A+"},
		{"frame-ancestors in a meta element", body(page(), `<meta http-equiv=content-security-policy content="default-src 'self'; frame-ancestors 'none'">`), 55, "C"},

		{"own scripts", body(bare(), "<script src=/a.js></script><script src=https://cdn.site.example/a.js></script>"), 100, "A+"},
		{"own scripts with hashes", body(bare(), "<script src=/a.js integrity=sha256-x></script>"), 105, "A+"},
		{"foreign scripts", body(bare(), "<script src=https://cdn.net/a.js></script><script src=https://b.net/ integrity=x></script>"), 95, "A"},
		{"foreign scripts with hashes", body(bare(), "<script src=https://cdn.net/a.js integrity=x></script>"), 105, "A+"},
		{"foreign scripts by http", body(bare(), "<script src=http://cdn.net/a.js></script>"), 50, "C"},
		{"foreign scripts by http with hashes", body(bare(), "<script src=http://cdn.net/a.js integrity=x></script>"), 80, "B+"},
		{"no scheme", body(bare(), "<script src=//cdn.net/a.js></script>"), 50, "C"},

		{"JSON", kind(page(hsts1, year, "X-Content-Type-Options", "nosniff"), "application/json"), 100, "A+"},
		{"JSON by http", kind(over(page(), "http://site.example/"), "application/json"), 55, "C"},
		{"XML with a closed door", kind(page(hsts1, year, "X-Content-Type-Options", "nosniff", "Cross-Origin-Resource-Policy", "same-origin"), "text/xml"), 110, "A+"},

		{"good cookie", bare("Set-Cookie", "sessid=1; Secure; HttpOnly; SameSite=None"), 105, "A+"},
		{"one without SameSite", bare("Set-Cookie", "sessid=1; Secure; HttpOnly; SameSite=Lax", "Set-Cookie", "b=1; Secure"), 100, "A+"},
		{"session without HttpOnly", bare("Set-Cookie", "PHPSESSID=1; Secure"), 70, "B"},
		{"session without Secure", bare("Set-Cookie", "session=1; HttpOnly"), 90, "A"},
		{"no Secure and short HSTS", page("Set-Cookie", "a=1", hsts1, "max-age=99", csp1, "default-src 'self'; frame-ancestors 'self'", "X-Content-Type-Options", "nosniff"), 70, "B"},
		{"no Secure", bare("Set-Cookie", "a=1"), 95, "A"},
		{"SameSite unknown", bare("Set-Cookie", "a=1; Secure; SameSite=Any"), 80, "B+"},
		{"SameSite none without Secure", bare("Set-Cookie", "a=1; SameSite=None"), 80, "B+"},
		{"CSRF token without SameSite", bare("Set-Cookie", "csrftoken=1; Secure"), 80, "B+"},
		{"cookies taken back", bare("Set-Cookie", "session=; Max-Age=0", "Set-Cookie", "b=x; Expires=Thu, 01 Jan 1970 00:00:00 GMT"), 100, "A+"},
		{"not below 0", body(over(page("Set-Cookie", "session=1"), "http://a.example/"), "<script src=http://b.example/>"), 0, "F"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if test.page.Body == nil {
				body(test.page, nothing)
			}
			report, err := headers{}.Inspect(t.Context(), test.page, nil)
			if err != nil {
				t.Fatal(err)
			}
			if score := report.Metrics[2]; score.Name != "score_points" || score.Value != float64(test.want) || report.Facts["grade"] != test.grade {
				t.Errorf("%v %s, want %d %s; %v", score, report.Facts["grade"], test.want, test.grade, report.Facts)
			}
			again, err := headers{}.Inspect(t.Context(), test.page, report.Past)
			if err != nil || !slices.Equal(again.Metrics, report.Metrics) || !maps.Equal(again.Facts, report.Facts) {
				t.Errorf("unchanged, it gives %v", again)
			}
		})
	}
}

func TestPolicy(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]strength{
		"":                                   noPolicy,
		" ; ":                                noPolicy,
		"upgrade-insecure-requests":          unsafeInline,
		"img-src 'self'":                     unsafeInline,
		"default-src 'self' 'unsafe-inline'": unsafeInline,
		"default-src *":                      unsafeInline,
		"default-src 'self'; script-src http://*":                            unsafeInline,
		"script-src data:; object-src 'none'":                                unsafeInline,
		"script-src 'self'; object-src *":                                    unsafeInline,
		"script-src 'self'":                                                  unsafeInline, // objects from anywhere
		"default-src 'self' http://cdn.example/":                             insecureScheme,
		"default-src 'self'; connect-src http://a.example":                   insecureScheme,
		"default-src 'self'; img-src http://a/":                              insecureImages,
		"default-src 'self' 'unsafe-eval'":                                   unsafeEval,
		"default-src 'self'; style-src 'self' 'unsafe-inline'":               unsafeStyles,
		"default-src 'self'; style-src 'self' 'unsafe-inline' 'nonce-a'":     strict,
		"default-src 'self'; style-src https:":                               unsafeStyles,
		"script-src 'self'; object-src 'none'":                               unsafeStyles,
		"DEFAULT-SRC 'Self'":                                                 strict,
		"default-src 'none'":                                                 nothingByDefault,
		"default-src":                                                        nothingByDefault,
		"default-src 'none' https://a.example":                               strict,
		"default-src 'self'; script-src 'nonce-abc' 'unsafe-inline'":         strict,
		"default-src 'self'; script-src 'nonce-abc' https: 'strict-dynamic'": strict,
		"default-src 'self'; script-src 'nonce-abc' https: 'unsafe-inline'":  unsafeInline,
		"default-src 'self'; script-src 'nonce-abc' data: 'strict-dynamic'":  unsafeInline,
		"default-src 'self'; script-src 'strict-dynamic'":                    invalidPolicy,
		"default-src 'self'; default-src *":                                  invalidPolicy,
		"default-src 'self'; report-uri /a; report-uri /b":                   strict,
		"upgrade-insecure-requests, default-src 'none'; script-src 'self'":   nothingByDefault,
	} {
		if got := readPolicy([]string{text}, "", true).strength; got != want {
			t.Errorf("%q is %q, want %q", text, strengths[got].name, strengths[want].name)
		}
	}
	if got := readPolicy([]string{"default-src 'self' http://cdn.example/"}, "", false).strength; got != strict {
		t.Errorf("plain http on a plain http page is %q", strengths[got].name)
	}
}

// Each step is a check of the same asset.
func TestLoss(t *testing.T) {
	t.Parallel()
	without := func() *plugins.Page { p := good(); p.Header.Del(hsts1); return p }
	unavailable, failed := page(), page()
	unavailable.Status, failed.Err = 503, errors.New("reset")
	const warning, degraded = "hsts_lost ", "hsts_lost degraded"
	var past []byte
	for i, step := range []struct {
		page *plugins.Page
		want string
	}{
		{unavailable, ""}, {without(), ""}, {good(), ""}, {without(), ""}, {good(), ""}, {good(), ""}, {good(), ""},
		{without(), warning}, {good(), ""}, {without(), warning}, {failed, ""}, {without(), warning}, {unavailable, ""},
		{without(), degraded}, {without(), degraded}, {good(), ""}, {without(), warning},
	} {
		report, err := headers{}.Inspect(t.Context(), step.page, past)
		if err != nil {
			t.Fatal(err)
		}
		past = report.Past
		got := ""
		for _, f := range report.Findings {
			got += fmt.Sprintf("%s %s", f.Code, f.Verdict)
		}
		if got != step.want || report.Changed != (step.want != "") {
			t.Errorf("step %d: %q, want %q", i, got, step.want)
		}
	}
}

func TestReport(t *testing.T) {
	t.Parallel()
	report, err := headers{}.Inspect(t.Context(), good("Set-Cookie", "a=1", "Set-Cookie", "b=; Max-Age=0", "Set-Cookie", ";;"), nil)
	want := []plugins.Metric{
		{Name: "cookies_count", Value: 2}, {Name: "protections_count", Value: numProtections - 1},
		{Name: "score_points", Value: 115}, {Name: "unprotected_cookies_count", Value: 1},
	}
	if err != nil || !slices.Equal(report.Metrics, want) {
		t.Errorf("got %v, %v", report.Metrics, err)
	}
	for name, want := range map[string]string{
		"csp": "strict, nothing by default", "hsts": "six months or more", "nosniff": "yes", "frame_protection": "csp", "referrer_policy": "private",
	} {
		if report.Facts[name] != want {
			t.Errorf("%s is %q, want %q", name, report.Facts[name], want)
		}
	}
}

// What only means something for documents is not missed when data comes.
func TestDataBetween(t *testing.T) {
	t.Parallel()
	var past []byte
	for i := range 8 {
		answer := good()
		if i >= 5 {
			answer = kind(page(hsts1, year, "X-Content-Type-Options", "nosniff"), "application/json")
		}
		report, err := headers{}.Inspect(t.Context(), answer, past)
		if err != nil || len(report.Findings) > 0 {
			t.Errorf("check %d: %v, %+v", i, err, report.Findings)
		}
		past = report.Past
	}
}

func TestUntrustedConnection(t *testing.T) {
	t.Parallel()
	answer := good()
	answer.TLS = &tls.ConnectionState{}
	if fact := assess(answer, &document{}).facts["hsts"]; fact != "none" {
		t.Errorf("browsers heed HSTS of an untrusted connection: %q", fact)
	}
}

func FuzzInspect(f *testing.F) {
	f.Add("default-src 'self'", "a=b; Secure", year, "no-referrer", []byte("<script src=//a.b>"), []byte{pastVersion})
	f.Fuzz(func(t *testing.T, policy, cookie, hsts, referrer string, html, past []byte) {
		answer := page(csp1, policy, "Set-Cookie", cookie, hsts1, hsts, "Referrer-Policy", referrer, "Cross-Origin-Opener-Policy", referrer)
		answer.Body = html
		report, err := headers{}.Inspect(t.Context(), answer, past)
		if err != nil {
			t.Fatal(err)
		}
		if score := report.Metrics[2].Value; score < 0 || score > 200 {
			t.Errorf("%v points", score)
		}
		if m, ok := decode(report.Past); !ok || string(m.encode()) != string(report.Past) {
			t.Errorf("the memory does not read back: %x", report.Past)
		}
	})
}

func BenchmarkInspect(b *testing.B) {
	page := good()
	report, err := headers{}.Inspect(b.Context(), page, nil)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := (headers{}).Inspect(b.Context(), page, report.Past); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(len(report.Past)), "memory-bytes")
}

func FuzzReport(f *testing.F) { plugintest.Fuzz(f, Definition(), "") }
