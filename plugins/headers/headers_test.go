package headers

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"testing"

	"webmon/plugins"
)

func page(lines ...string) *plugins.Page {
	header := make(http.Header)
	for i := 0; i < len(lines); i += 2 {
		header.Add(lines[i], lines[i+1])
	}
	return &plugins.Page{URL: "https://site.example/", Status: 200, Header: header}
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

func plain(page *plugins.Page) *plugins.Page {
	page.URL = "http://site.example/"
	return page
}

func TestScore(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		page *plugins.Page
		want int
	}{
		{"everything", good(), 100},
		{"nothing", page(), 100 - 25 - 20 - 5 - 20},
		{"nothing over http", plain(page()), 100 - 25 - 20 - 5 - 20 - 20},
		{"http cannot ask for https", plain(good()), 100 - 20 - 20},
		{"bonuses do not make up for faults", page(hsts1, year, csp1, "default-src *; frame-ancestors 'self'",
			"X-Content-Type-Options", "nosniff", "Referrer-Policy", "no-referrer", "Cross-Origin-Resource-Policy", "same-origin"), 80},
		{"short HSTS", page(hsts1, `max-age="600"`, csp1, "default-src 'self'; frame-ancestors 'self'", "X-Content-Type-Options", "nosniff"), 100},
		{"frames by the old header", page(hsts1, year, "X-Frame-Options", "DENY", "X-Content-Type-Options", "nosniff"), 75},
		{"unsafe referrer", page(hsts1, year, "X-Frame-Options", "DENY", "X-Content-Type-Options", "nosniff", "Referrer-Policy", "no-referrer, unsafe-url"), 70},
		{"session cookie without HttpOnly", page(hsts1, year, "X-Frame-Options", "DENY", "X-Content-Type-Options", "nosniff",
			"Set-Cookie", "PHPSESSID=1; Secure"), 45},
		{"cookies do not go below 0", plain(page("Set-Cookie", "session=1")), 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := assess(test.page).score; got != test.want {
				t.Errorf("%d points, want %d", got, test.want)
			}
		})
	}
}

func TestPolicy(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]grade{
		"":                                       noPolicy,
		" ; ":                                    noPolicy,
		"upgrade-insecure-requests":              unsafeInline,
		"img-src 'self'":                         unsafeInline,
		"default-src 'self' 'unsafe-inline'":     unsafeInline,
		"default-src *":                          unsafeInline,
		"script-src data:; object-src 'none'":    unsafeInline,
		"script-src 'self'; object-src *":        unsafeInline,
		"default-src 'self' http://cdn.example/": insecureScheme,
		"default-src 'self'; img-src http://a/":  insecureImages,
		"default-src 'self' 'unsafe-eval'":       unsafeEval,
		"default-src 'self'; style-src 'self' 'unsafe-inline'": unsafeStyles,
		"script-src 'self'":  unsafeStyles,
		"DEFAULT-SRC 'Self'": strict,
		"default-src 'none'": nothingByDefault,
		"default-src 'self'; script-src 'nonce-abc' 'unsafe-inline'":         strict,
		"default-src 'self'; script-src 'nonce-abc' https: 'strict-dynamic'": strict,
		"default-src 'self'; script-src 'nonce-abc' https: 'unsafe-inline'":  unsafeInline,
		"default-src 'self'; default-src *":                                  strict,
		"upgrade-insecure-requests, default-src 'none'; script-src 'self'":   nothingByDefault,
	} {
		if got := readPolicy([]string{text}).grade; got != want {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
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
		{Name: "cookies_count", Value: 2}, {Name: "protections_count", Value: numProtections},
		{Name: "score_points", Value: 100}, {Name: "unprotected_cookies_count", Value: 1},
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

func FuzzAssess(f *testing.F) {
	f.Add("default-src 'self'", "a=b; Secure", year)
	f.Fuzz(func(t *testing.T, policy, cookie, hsts string) {
		a := assess(page(csp1, policy, "Set-Cookie", cookie, hsts1, hsts))
		if a.score < 0 || a.score > 100 {
			t.Errorf("%d points", a.score)
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
