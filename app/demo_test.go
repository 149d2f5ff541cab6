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
	"unicode/utf8"

	"webmon/plugins"
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
		"Caught: council was attacked, and htmlstats said so at its check 1")
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
	// The second time finds what the first has left, and watches its own only.
	for _, path := range []string{"/broken", "/good"} {
		got := webmon(t, nil, append(anyPorts, "--once", "--data", folder, target.URL+path, target.URL+path)...)
		got.printed(t, "Watching 1 of your pages", filepath.Join(folder, "webmon.log"))
		want := map[string]string{"/broken": "down  ", "/good": "up  "}[path]
		if rows := regexp.MustCompile(`(?m)^127\S+ +(\S+ +)1 `).FindAllStringSubmatch(got.stdout, -1); len(rows) != 1 || !strings.HasPrefix(rows[0][1], want) {
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

func TestUsualPortsGiveWay(t *testing.T) {
	t.Parallel()
	used := httptest.NewServer(http.NotFoundHandler())
	defer used.Close()
	cmd := newDemoCommand()
	// As if this were the usual address: set, and not asked for.
	for flag, address := range map[string]string{"listen": used.Listener.Addr().String(), "control": "tcp://" + used.Listener.Addr().String()} {
		if err := cmd.Flags().Lookup(flag).Value.Set(address); err != nil {
			t.Fatal(err)
		}
	}
	if err := cmd.Flags().Set("data", t.TempDir()); err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	screen := newDemoScreen(&out)
	config, err := demoConfig(cmd, screen)
	if err != nil || config.Listen != "127.0.0.1:0" || config.Control != "tcp://127.0.0.1:*" {
		t.Errorf("%v: listen %s, control %s", err, config.Listen, config.Control)
	}
	screen.flush(nil)
	if strings.Count(out.String(), used.Listener.Addr().String()) != 2 {
		t.Errorf("it does not say so: %q", out.String())
	}
}

// longWatch is a watch with rows that are too long for their columns.
func longWatch(screen *demoScreen) *demoWatch {
	finding := plugins.Finding{Severity: plugins.Critical, Message: strings.Repeat("Größe ", 40) + "\x1b[31m"}
	return &demoWatch{screen: screen, client: &demoClient{base: "http://127.0.0.1:7700"}, pages: []*demoPage{
		{name: strings.Repeat("ü", 100), verdict: plugins.Inconclusive, checks: 123456, seconds: 299.9, finding: &finding},
		{name: "short", verdict: plugins.Up, checks: 1, seconds: 0.0123, finding: &finding},
		{name: "calm", verdict: plugins.Unknown, demoTarget: demoTarget{description: strings.Repeat("long ", 30)}},
	}}
}

func TestDemoTableFits(t *testing.T) {
	t.Parallel()
	w := longWatch(newDemoScreen(&strings.Builder{}))
	for _, line := range append(w.table(), w.footer()) {
		if n := utf8.RuneCountInString(line); n >= defaultWidth {
			t.Errorf("%d characters: %q", n, line)
		}
		if strings.Contains(line, "\x1b") {
			t.Errorf("a page can steer the terminal: %q", line)
		}
	}
}

// TestDemoScreen checks the bytes that a terminal gets.
func TestDemoScreen(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	height := 24
	screen := newDemoScreen(&out)
	screen.columns = func() (int, int) { return 80, height }
	steps := []struct {
		name string
		do   func()
		want string
	}{
		{"first", func() { screen.flush([]string{"a", "b"}) }, "a\x1b[K\nb\x1b[K\n"},
		{"again, in place", func() { screen.flush([]string{"a", "c"}) }, "\r\x1b[2Aa\x1b[K\nc\x1b[K\n\x1b[J"},
		{"a line above", func() { screen.say("new %d", 1); screen.flush([]string{"a"}) }, "\r\x1b[2Anew 1\x1b[K\na\x1b[K\n\x1b[J"},
		{"too high to be drawn", func() { height = 1; screen.flush([]string{"a"}) }, "\r\x1b[1A\x1b[J"},
		{"the last table stays", func() { screen.close([]string{"a"}); screen.say("end"); screen.flush(nil) }, "a\x1b[K\nend\x1b[K\n"},
	}
	for _, step := range steps {
		out.Reset()
		step.do()
		if out.String() != step.want {
			t.Errorf("%s: %q, want %q", step.name, out.String(), step.want)
		}
	}
}
