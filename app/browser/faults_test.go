package browser

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestFaultsAreHeard proves that a tab hears what it should fail a test for.
func TestFaultsAreHeard(t *testing.T) {
	t.Parallel()
	const strict = "default-src 'none'; script-src 'self'; style-src 'self'; img-src *; connect-src 'self'"
	const top = `<!doctype html><html lang="en"><title>A page</title><main><h1>A page</h1>`
	pages := map[string]struct{ policy, body, fault string }{
		"/console":   {strict, `<script src="/error.js"></script>`, "console.error"},
		"/exception": {strict, `<script src="/throw.js"></script>`, "exception"},
		"/inline":    {strict, `<script>1</script>`, "content security policy"},
		"/style":     {strict, `<p style="color: red">red</p>`, "content security policy"},
		"/missing":   {strict, `<img src="/no.png" alt="">`, "status 404"},
		"/elsewhere": {strict, `<img src="http://127.0.0.2:1/x.png" alt="">`, "another host"},
		"/lax":       {"default-src 'self' 'unsafe-inline'", ``, "not strict"},
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		page, found := pages[r.URL.Path]
		switch {
		case found:
			w.Header().Set("Content-Security-Policy", page.policy)
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			_, _ = io.WriteString(w, top+page.body)
		case r.URL.Path == "/error.js":
			_, _ = io.WriteString(w, `console.error("oh")`)
		case r.URL.Path == "/throw.js":
			_, _ = io.WriteString(w, `throw new Error("oh")`)
		case r.URL.Path == "/favicon.ico":
		default:
			http.NotFound(w, r)
		}
	}))
	defer server.Close()
	for path, page := range pages {
		b := open(t, server.URL)
		b.visit(path)
		if heard := fmt.Sprint(b.takeFaults()); !strings.Contains(heard, page.fault) {
			t.Errorf("%s: %q was not heard, but %s", path, page.fault, heard)
		}
	}
}

// TestCriticSees proves that a bad page has violations.
func TestCriticSees(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; img-src 'self'")
		if r.URL.Path == "/pale.css" {
			w.Header().Set("Content-Type", "text/css")
			_, _ = io.WriteString(w, `@media (prefers-color-scheme: dark) { p { color: #ddd; background: #eee; } }`)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = io.WriteString(w, `<!doctype html><html lang="en"><title>A page</title><link rel="icon" href="/icon"><link rel="stylesheet" href="/pale.css"><main><h1>A page</h1><p>Pale words</p></main>`)
	}))
	defer server.Close()
	b := open(t, server.URL)
	b.visit("/")
	if got := b.violations(); len(got) > 0 {
		t.Errorf("a good page has %v", got)
	}
	b.appear(phone, dark)
	if got := fmt.Sprint(b.violations()); !strings.Contains(got, "color-contrast") {
		t.Errorf("pale words are not seen: %s", got)
	}
}
