package app

import (
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"webmon/plugins/builtin"
)

// site serves an ordinary page, and by path a broken one, one that moved, and
// one whose title tries to steer a terminal.
func site(t *testing.T) *httptest.Server {
	t.Helper()
	mux := http.NewServeMux()
	page := func(w http.ResponseWriter, title string) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprintf(w, "<!doctype html><title>%s</title><h1>a</h1><p>b<b>c</b><i>d</i><a href=/>e</a><div>f</div>", title)
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { page(w, "Hello") })
	mux.HandleFunc("/broken", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) })
	mux.Handle("/moved", http.RedirectHandler("/", http.StatusFound))
	mux.HandleFunc("/evil", func(w http.ResponseWriter, _ *http.Request) { page(w, "x\x1b[2Jy") })
	mux.HandleFunc("/asked", func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost || r.Header.Get("X-Test") != "a: b" || !strings.HasPrefix(r.UserAgent(), "webmon/") {
			w.WriteHeader(http.StatusBadRequest)
		}
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server
}

func TestCheckFine(t *testing.T) {
	t.Parallel()
	server := site(t)
	got := webmon(t, nil, "check", server.URL+"/moved")
	got.printed(t, server.URL+"/moved  up\n", "302 redirect from", "ends at "+server.URL+"/\n", "200 OK",
		"dns ", "connect ", "tls ", "first byte ", "transfer ", "total ",
		"availability\n", "htmlstats\n", "-v shows them", "Hello")
	if strings.Contains(got.stdout, "tlscert") {
		t.Error("a plugin that has nothing to say is shown")
	}
	if strings.Contains(got.stdout, "\x1b") {
		t.Error("coloured, though it does not go to a terminal")
	}
	all := webmon(t, nil, "check", "-v", server.URL)
	all.printed(t, "tag_title_count")
	if strings.Contains(all.stdout, "-v shows") {
		t.Error("-v leaves metrics out")
	}
}

func TestCheckFindings(t *testing.T) {
	t.Parallel()
	server := site(t)
	gone := httptest.NewServer(nil)
	gone.Close()
	for url, want := range map[string]string{
		server.URL + "/broken": "500 Internal Server Error",
		gone.URL:               "no answer (refused)",
	} {
		got := webmon(t, nil, "check", server.URL, url)
		if got.code != 1 || got.stderr != "" || !strings.Contains(got.stdout, want) || !strings.Contains(got.stdout, "critical") {
			t.Errorf("%s: exit code %d, stderr %q, stdout\n%s", url, got.code, got.stderr, got.stdout)
		}
	}
}

func TestCheckRequest(t *testing.T) {
	t.Parallel()
	server := site(t)
	webmon(t, nil, "check", "--method=POST", "--header=x-test:a: b", server.URL+"/asked").printed(t, "200 OK")
}

func TestCheckInsecure(t *testing.T) {
	t.Parallel()
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // it logs the handshake that is meant to fail
	server.StartTLS()
	t.Cleanup(server.Close)
	if got := webmon(t, nil, "check", server.URL); got.code != 1 || !strings.Contains(got.stdout, "no answer (tls)") {
		t.Errorf("an unknown certificate: exit code %d\n%s", got.code, got.stdout)
	}
	if got := webmon(t, nil, "check", "--insecure", server.URL); !strings.Contains(got.stdout, "404 Not Found") {
		t.Errorf("--insecure: exit code %d\n%s", got.code, got.stdout)
	}
}

func TestCheckIsNotSteered(t *testing.T) {
	t.Parallel()
	if got := webmon(t, nil, "check", site(t).URL+"/evil"); strings.Contains(got.stdout, "\x1b") {
		t.Errorf("a page's control characters reach the terminal: %q", got.stdout)
	}
}

// TestCheckJSON holds the order of the answers, slow first, and their form.
func TestCheckJSON(t *testing.T) {
	t.Parallel()
	server := site(t)
	second := make(chan struct{}) // closed when the second URL was asked for
	slow := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-second }))
	t.Cleanup(slow.Close)
	fast := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { close(second) }))
	t.Cleanup(fast.Close)

	got := webmon(t, nil, "check", "--json", slow.URL, fast.URL, server.URL+"/broken")
	if got.code != 1 {
		t.Errorf("exit code %d", got.code)
	}
	var answers []struct {
		URL     string
		Verdict string
		Reports []struct {
			Plugin   string
			Metrics  map[string]float64
			Facts    map[string]string
			Findings []struct{ Severity, Code, Message string }
		}
	}
	if err := json.Unmarshal([]byte(got.stdout), &answers); err != nil {
		t.Fatalf("%v in\n%s", err, got.stdout)
	}
	if len(answers) != 3 || answers[0].URL != slow.URL+"/" || answers[1].URL != fast.URL+"/" {
		t.Fatalf("not the URLs in their order:\n%s", got.stdout)
	}
	broken := answers[2]
	if broken.Verdict != "down" || len(broken.Reports) != len(builtin.Registry().Definitions()) || broken.Reports[0].Plugin != "availability" {
		t.Fatalf("a broken page: %+v", broken)
	}
	findings := broken.Reports[0].Findings
	if len(findings) != 1 || findings[0].Severity != "critical" || findings[0].Code == "" || findings[0].Message == "" {
		t.Errorf("findings of a broken page: %+v", findings)
	}
	for _, report := range answers[0].Reports {
		if report.Metrics == nil || report.Facts == nil || report.Findings == nil {
			t.Errorf("%s has a member that is null or missing: %+v", report.Plugin, report)
		}
	}
}

// TestCheckRefused proves that nothing is fetched when any input is bad.
func TestCheckRefused(t *testing.T) {
	t.Parallel()
	var asked atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) }))
	t.Cleanup(server.Close)
	tests := map[string]struct {
		args []string
		want string
	}{
		"no scheme":      {[]string{"example.com"}, "https://example.com"},
		"other scheme":   {[]string{"ftp://example.com"}, "ftp"},
		"empty":          {[]string{""}, "URL 2 of 2"},
		"header":         {[]string{"--header", "Token s3cret"}, "Name: value"},
		"header value":   {[]string{"--header", "X: a\r\nY: b"}, "X"},
		"method":         {[]string{"--method", "GE T"}, "GE T"},
		"timeout":        {[]string{"--timeout", "0s"}, "from 10ms to 5m"},
		"timeout's unit": {[]string{"--timeout", "3"}, "--timeout"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := webmon(t, nil, append([]string{"check", server.URL}, test.args...)...)
			got.refused(t, test.want)
			if strings.Contains(got.stderr, "s3cret") {
				t.Errorf("a header's value is shown: %q", got.stderr)
			}
		})
	}
	t.Cleanup(func() { // after the parallel cases
		if n := asked.Load(); n != 0 {
			t.Errorf("%d requests were sent", n)
		}
	})
}
