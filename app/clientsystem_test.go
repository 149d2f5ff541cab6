package app_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"webmon/store/storetest"
)

// command is a command of webmon that is a client of c.
func (c client) command(args ...string) *exec.Cmd {
	c.t.Helper()
	path, err := binary()
	if err != nil {
		c.t.Fatal(err)
	}
	cmd := exec.Command(path, args...)
	cmd.Env = append(os.Environ(), "WEBMON_SERVER="+c.base)
	return cmd
}

// webmon runs a command and gives what it printed.
func (c client) webmon(code int, args ...string) (stdout, stderr string) {
	c.t.Helper()
	cmd := c.command(args...)
	var out, errOut strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &errOut
	_ = cmd.Run() // the exit code says more
	if got := cmd.ProcessState.ExitCode(); got != code {
		c.t.Fatalf("webmon %s: exit code %d, want %d:\n%s\n%s", strings.Join(args, " "), got, code, &out, &errOut)
	}
	return out.String(), errOut.String()
}

// endInTime kills a command that is started, when patience ends or the test
// calls what it gives: who reads its output never waits for ever.
func endInTime(cmd *exec.Cmd) func() {
	kill := func() { _ = cmd.Process.Kill() } // one that has ended takes none
	timer := time.AfterFunc(patience, kill)
	return func() {
		timer.Stop()
		kill()
	}
}

// pages is a site with a page that is up and one that is not.
func pages(t *testing.T) (site string, broken *atomic.Bool) {
	t.Helper()
	broken = new(atomic.Bool)
	broken.Store(true)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/bad" && broken.Load() {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		fmt.Fprint(w, usualPage)
	}))
	t.Cleanup(server.Close)
	return server.URL, broken
}

func TestRunCommand(t *testing.T) {
	t.Parallel()
	p := start(t, 3, "all", "--data", filepath.Join(t.TempDir(), "data"), "--listen", "127.0.0.1:0", "--control", "tcp://127.0.0.1:*")
	c := client{t, p.Address("api")}
	site, broken := pages(t)
	if _, stderr := c.webmon(2, "run", "--all"); !strings.Contains(stderr, "nothing to check") {
		t.Errorf("without assets: %s", stderr)
	}
	c.webmon(0, "asset", "add", site+"/good", "--name=Good", "--interval=0s", "--tag=good")
	c.webmon(0, "asset", "add", site+"/bad", "--name=Bad", "--interval=0s")
	c.webmon(0, "asset", "add", site+"/off", "--disable")

	if out, stderr := c.webmon(0, "run", "Good"); !strings.Contains(out, "1 checked, 0 not up") || !strings.Contains(stderr, "1 of 1 checks\n") || strings.Contains(stderr, "\x1b") {
		t.Errorf("one that is up: %s%s", out, stderr)
	}
	c.webmon(0, "run", "--tag=good")
	if out, _ := c.webmon(1, "run", "--all"); !strings.Contains(out, "down     Bad") || !strings.Contains(out, "500") || !strings.Contains(out, "2 checked, 1 not up") || strings.Contains(out, "Good") {
		t.Errorf("all: %s", out)
	}
	out, _ := c.webmon(1, "run", "Bad", "-o", "json")
	var answer struct {
		Batch  struct{ Counts struct{ Done int } }
		Assets []struct{ Name, Verdict string }
	}
	if err := json.Unmarshal([]byte(out), &answer); err != nil || answer.Batch.Counts.Done != 1 || len(answer.Assets) != 1 || answer.Assets[0].Verdict != "down" {
		t.Errorf("%v: %s", err, out)
	}
	if out, _ := c.webmon(0, "run", "Bad", "--wait=false"); !strings.Contains(out, "1 check was asked for: batch ") {
		t.Errorf("without waiting: %s", out)
	}
	broken.Store(false)
	c.webmon(0, "run", site+"/bad")
	for _, args := range [][]string{{"run"}, {"run", "--all", "--tag=x"}, {"run", "Nobody"}, {"run", "--tag=nobody"}, {"run", "--all", "--timeout=0s"}} {
		c.webmon(2, args...)
	}
}

// Without an executor a run ends at its time limit, and says what is missing.
func TestRunInVain(t *testing.T) {
	t.Parallel()
	r := startRoles(t, storetest.Server(t).Address())
	r.create(site(t), nil)
	if _, stderr := r.webmon(2, "run", "--all", "--timeout=100ms"); !strings.Contains(stderr, "1 of 1 checks did not end within 100ms") || !strings.Contains(stderr, "executor") {
		t.Errorf("stderr: %s", stderr)
	}
	cmd := r.command("run", "--all")
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer endInTime(cmd)()
	lines := bufio.NewReader(stderr)
	asked, err := lines.ReadString('\n')
	if err != nil || !strings.Contains(asked, "1 check was asked for: batch ") {
		t.Fatalf("%q, %v", asked, err)
	}
	if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	said, _ := lines.ReadString('\n')
	_ = cmd.Wait()
	if cmd.ProcessState.ExitCode() != 2 || !strings.Contains(said, "interrupted; the checks go on: batch ") {
		t.Errorf("interrupted: %v, %q", cmd.ProcessState, said)
	}
}

func TestWatchCommand(t *testing.T) {
	t.Parallel()
	d := startDecided(t)
	cmd := d.client.command("watch", "--every=100ms", "-o", "json")
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	bad := d.create("http://127.0.0.1:1/", map[string]any{"name": "Bad", "alerts": once["alerts"]})
	d.finish(d.run(map[string]any{"assets": []string{bad.ID}}))
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer endInTime(cmd)()
	type event struct {
		ID, Name, Before, Verdict string
		Findings                  []struct{ Plugin, Code string }
	}
	lines := bufio.NewReader(stdout)
	next := func() event {
		t.Helper()
		line, err := lines.ReadString('\n')
		if err != nil {
			t.Fatal(err)
		}
		var e event
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		return e
	}
	// What is not up comes first.
	if e := next(); e.ID != bad.ID || e.Name != "Bad" || e.Before != "" || e.Verdict != "down" || len(e.Findings) == 0 {
		t.Errorf("at first: %+v", e)
	}
	// A change, and its end, however short they are.
	d.show(strings.Replace(usualPage, "</body>", scriptFrom("one.example"), 1))
	d.wantVerdict("changed")
	d.show(usualPage)
	d.wantVerdict("up")
	if e := next(); e.ID != d.asset.ID || e.Before != "up" || e.Verdict != "changed" || len(e.Findings) == 0 || e.Findings[0].Plugin == "" {
		t.Errorf("a change: %+v", e)
	}
	if e := next(); e.ID != d.asset.ID || e.Before != "changed" || e.Verdict != "up" {
		t.Errorf("its end: %+v", e)
	}
	// A finding that was there before is no news.
	d.finish(d.run(map[string]any{"assets": []string{bad.ID}}))
	d.show(strings.Replace(usualPage, "Bakery", "Moonlight team", 1))
	d.wantVerdict("changed")
	if e := next(); e.ID != d.asset.ID || e.Verdict != "changed" {
		t.Errorf("a second change: %+v", e)
	}
	if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("Ctrl-C: %v", err)
	}
}

// A text that the API refuses is kept, and can be sent once it is mended.
func TestEditorCommand(t *testing.T) {
	t.Parallel()
	r := startRoles(t, storetest.Server(t).Address())
	r.create(site(t), map[string]any{"name": "Old"})
	folder := t.TempDir()
	edit := func(code int, editor string, args ...string) string {
		t.Helper()
		cmd := r.command(append([]string{"asset", "edit", "--yes"}, args...)...)
		cmd.Env = append(cmd.Env, "VISUAL=", "EDITOR="+editor, "TMPDIR="+folder)
		out, _ := cmd.CombinedOutput() // the exit code says more
		if got := cmd.ProcessState.ExitCode(); got != code {
			t.Fatalf("editor %s: exit code %d, want %d: %s", editor, got, code, out)
		}
		return string(out)
	}
	kept := func() []string {
		t.Helper()
		paths, err := filepath.Glob(filepath.Join(folder, "*"))
		if err != nil {
			t.Fatal(err)
		}
		return paths
	}
	if out := edit(0, "sed -i s/Old/New/", "Old"); !strings.Contains(out, "+name: New") || len(kept()) != 0 {
		t.Errorf("%s; left: %v", out, kept())
	}
	edit(0, "true", "New")
	out := edit(2, "sed -i s/10s/soon/", "New")
	paths := kept()
	if len(paths) != 1 || !strings.Contains(out, "timeout") || !strings.Contains(out, "--from "+paths[0]) {
		t.Fatalf("%s; left: %v", out, paths)
	}
	text, err := os.ReadFile(paths[0])
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(paths[0], []byte(strings.Replace(string(text), "soon", "20s", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	edit(0, "false", "New", "--from", paths[0])
	if out := edit(2, "false", "New"); !strings.Contains(out, "set EDITOR") {
		t.Errorf("an editor that fails: %s", out)
	}
	var list struct {
		Assets []struct{ Name, Timeout string }
	}
	if r.must(http.StatusOK, "GET", "/v1/assets", nil, &list); list.Assets[0].Name != "New" || list.Assets[0].Timeout != "20s" {
		t.Errorf("%+v", list)
	}
}
