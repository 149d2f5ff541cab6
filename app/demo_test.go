package app

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// anyPorts begins the arguments of demonstrations that must not meet.
var anyPorts = []string{"demo", "--listen=127.0.0.1:0", "--control=tcp://127.0.0.1:*"}

// gone checks that the demonstration has removed its temporary folder.
func gone(t *testing.T, output string) {
	t.Helper()
	found := regexp.MustCompile(`log +(\S+)`).FindStringSubmatch(output)
	if found == nil {
		t.Fatalf("the output does not name the log:\n%s", output)
	}
	if _, err := os.Stat(filepath.Dir(found[1])); !os.IsNotExist(err) {
		t.Errorf("the folder of %s: %v, want it gone", found[1], err)
	}
}

// TestDemoOnce runs everything for real until the defacement is caught.
func TestDemoOnce(t *testing.T) {
	t.Parallel()
	got := webmon(t, nil, append(anyPorts, "--once")...)
	got.printed(t,
		"site     http://127.0.0.1:", "API      http://127.0.0.1:", "curl -s http://127.0.0.1:",
		"PAGE      VERDICT", "reports   degraded", "stats     down", "council   changed",
		"Caught: council was attacked, and defacement and htmlstats said so at its check 1")
	if strings.Contains(got.stdout, "\x1b") {
		t.Errorf("escape codes, and no terminal:\n%q", got.stdout)
	}
	for _, page := range []string{"home", "about", "terms", "login", "news", "shop", "forum", "wien", "old", "checkout"} {
		if !regexp.MustCompile(`(?m)^` + page + ` +up `).MatchString(got.stdout) {
			t.Errorf("%s is not up in the last table:\n%s", page, got.stdout)
		}
	}
	gone(t, got.stdout)
}

func TestDemoOfURLs(t *testing.T) {
	t.Parallel()
	target := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/broken" {
			w.WriteHeader(http.StatusBadGateway)
		}
		fmt.Fprint(w, "<title>mine</title>")
	}))
	defer target.Close()
	folder := filepath.Join(t.TempDir(), "data")
	// The second time finds what the first has left, and watches its own only. What is
	// down may have been confirmed by a second check before the table was made.
	for _, path := range []string{"/broken", "/good"} {
		got := webmon(t, nil, append(anyPorts, "--once", "--data", folder, target.URL+path, target.URL+path)...)
		got.printed(t, "Watching 1 of your pages", filepath.Join(folder, "webmon.log"))
		want := map[string]string{"/broken": "down  ", "/good": "up  "}[path]
		if rows := regexp.MustCompile(`(?m)^127\S+ +(\S+ +)[12] `).FindAllStringSubmatch(got.stdout, -1); len(rows) != 1 || !strings.HasPrefix(rows[0][1], want) {
			t.Errorf("rows %q, want one that is %s:\n%s", rows, want, got.stdout)
		}
	}
	if _, err := os.Stat(filepath.Join(folder, "webmon.log")); err != nil {
		t.Errorf("a folder that was asked for must stay: %v", err)
	}
}

func TestDemoRefuses(t *testing.T) {
	t.Parallel()
	used := httptest.NewServer(http.NotFoundHandler())
	defer used.Close()
	address := used.Listener.Addr().String()
	webmon(t, nil, append(anyPorts, "--once", "example.com")...).refused(t, "example.com", "scheme")
	webmon(t, nil, "demo", "--once", "--listen", address).refused(t, address, "in use")
	webmon(t, nil, "demo", "--listen", "7700").refused(t, "listen", "HOST:PORT")
}

func TestDemoInVain(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	got := webmon(t, nil, append(anyPorts, "--once", "--within=1ms", "--data", folder)...)
	if got.code != 2 || !strings.Contains(got.stderr, "catch a defacement within 1ms") || !strings.Contains(got.stderr, folder) {
		t.Errorf("exit code %d, stderr %q", got.code, got.stderr)
	}
	if !strings.Contains(got.stdout, "PAGE") {
		t.Errorf("no last table:\n%s", got.stdout)
	}
}

// waitWriter tells when something has been written.
type waitWriter struct {
	text  strings.Builder
	until string
	seen  func() // called with each write that leaves until in the text
}

func (w *waitWriter) Write(p []byte) (int, error) {
	w.text.Write(p)
	if strings.Contains(w.text.String(), w.until) {
		w.seen()
	}
	return len(p), nil
}

// TestDemoStops ends a demonstration as Ctrl-C does.
func TestDemoStops(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	out := &waitWriter{until: "council   up", seen: cancel}
	root := newRoot(nil)
	root.SetArgs(anyPorts)
	root.SetOut(out)
	if err := root.ExecuteContext(ctx); err != nil {
		t.Error(err)
	}
	if text := out.text.String(); !strings.Contains(text, "PAGE") || !strings.HasSuffix(text, "Stopping.\n") {
		t.Errorf("no last table:\n%s", text)
	}
	gone(t, out.text.String())
}
