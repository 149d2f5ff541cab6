package app_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// binary is the program under test, built once, with the race detector for
// tests and without it for benchmarks.
var binary = sync.OnceValues(func() (string, error) {
	path := filepath.Join(binaryFolder, "webmon")
	args := []string{"build", "-o", path}
	if flag.Lookup("test.bench").Value.String() == "" {
		args = append(args, "-race")
	}
	out, err := exec.Command("go", append(args, "webmon")...).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	return path, nil
})

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "webmon-bin-")
	if err != nil {
		panic(err)
	}
	binaryFolder = dir
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

var binaryFolder string

// patience bounds every wait of these tests. Nothing depends on how long
// anything takes before that.
const patience = 60 * time.Second

// program is a running webmon.
type program struct {
	t       testing.TB
	cmd     *exec.Cmd
	exited  chan struct{}
	mu      sync.Mutex
	stderr  bytes.Buffer
	started map[string]string // role → address
	changed chan struct{}     // closed and replaced with every line
}

// start runs webmon with the arguments and waits until all of its roles say
// that they have started.
func start(t testing.TB, roles int, args ...string) *program {
	t.Helper()
	p := launch(t, args...)
	p.wait("start", func() bool { return len(p.started) == roles })
	return p
}

func launch(t testing.TB, args ...string) *program {
	t.Helper()
	path, err := binary()
	if err != nil {
		t.Fatalf("build webmon: %v", err)
	}
	p := &program{t: t, exited: make(chan struct{}), started: map[string]string{}, changed: make(chan struct{})}
	p.cmd = exec.Command(path, append(args, "--log-format", "json")...)
	p.cmd.Env = append(os.Environ(), "GORACE=halt_on_error=1 exitcode=66")
	stderr, err := p.cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go p.read(stderr)
	t.Cleanup(func() {
		select {
		case <-p.exited:
		default:
			p.signal(syscall.SIGKILL)
			<-p.exited
		}
		if strings.Contains(p.log(), "DATA RACE") {
			t.Errorf("webmon %s: a data race", args[0])
		}
		if t.Failed() {
			t.Logf("webmon %s:\n%s", strings.Join(args, " "), p.log())
		}
	})
	return p
}

func (p *program) read(stderr io.Reader) {
	lines := bufio.NewScanner(stderr)
	for lines.Scan() {
		var entry struct{ Msg, Role, Address string }
		_ = json.Unmarshal(lines.Bytes(), &entry) // a line of another kind is kept as well
		p.mu.Lock()
		fmt.Fprintln(&p.stderr, lines.Text())
		if entry.Msg == "started" {
			p.started[entry.Role] = entry.Address
		}
		close(p.changed)
		p.changed = make(chan struct{})
		p.mu.Unlock()
	}
	_ = p.cmd.Wait()
	close(p.exited)
}

// wait waits until a condition on the program's log holds.
func (p *program) wait(what string, holds func() bool) {
	p.t.Helper()
	deadline := time.After(patience)
	for {
		p.mu.Lock()
		ok, changed := holds(), p.changed
		p.mu.Unlock()
		if ok {
			return
		}
		select {
		case <-changed:
		case <-p.exited:
			p.t.Fatalf("webmon ended before: %s\n%s", what, p.log())
		case <-deadline:
			p.t.Fatalf("not in time: %s\n%s", what, p.log())
		}
	}
}

func (p *program) log() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.stderr.String()
}

func (p *program) address(role string) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.started[role]
}

func (p *program) signal(s syscall.Signal) { _ = p.cmd.Process.Signal(s) }

// stop ends the program as a service manager does and checks that it leaves well.
func (p *program) stop() {
	p.t.Helper()
	p.signal(syscall.SIGTERM)
	p.waitExit(0)
}

func (p *program) waitExit(code int) {
	p.t.Helper()
	select {
	case <-p.exited:
	case <-time.After(patience):
		p.t.Fatalf("webmon does not end\n%s", p.log())
	}
	if got := p.cmd.ProcessState.ExitCode(); got != code {
		p.t.Errorf("exit code %d, not %d\n%s", got, code, p.log())
	}
}

// kill ends the program with kill -9.
func (p *program) kill() {
	p.t.Helper()
	p.signal(syscall.SIGKILL)
	<-p.exited
}

// client talks to an API.
type client struct {
	t    testing.TB
	base string
}

// call makes a request and decodes the answer. It gives the status, 0 when
// nothing answered.
func (c client) call(method, path string, body, into any) (status int, header http.Header) {
	c.t.Helper()
	var reader io.Reader
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			c.t.Fatal(err)
		}
		reader = bytes.NewReader(b)
	}
	req, err := http.NewRequestWithContext(c.t.Context(), method, c.base+path, reader)
	if err != nil {
		c.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, nil
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err == nil && into != nil && resp.StatusCode < 300 {
		err = json.Unmarshal(text, into)
	}
	if err != nil {
		c.t.Fatalf("%s %s: %v: %s", method, path, err, text)
	}
	return resp.StatusCode, resp.Header
}

// must is call with the status that is expected.
func (c client) must(status int, method, path string, body, into any) {
	c.t.Helper()
	if got, _ := c.call(method, path, body, into); got != status {
		c.t.Fatalf("%s %s: status %d, not %d", method, path, got, status)
	}
}

type asset struct {
	ID, URL, Verdict string
	Checked          time.Time
}

type result struct {
	Job, Verdict string
	Reports      []struct {
		Plugin  string
		Metrics map[string]float64
	}
}

type batch struct {
	State  string
	Counts map[string]int
}

// create makes an asset that is checked on demand only.
func (c client) create(url string, more map[string]any) asset {
	c.t.Helper()
	body := map[string]any{"url": url, "interval": "0s"}
	for k, v := range more {
		body[k] = v
	}
	var a asset
	c.must(http.StatusCreated, "POST", "/v1/assets", body, &a)
	return a
}

// run asks for checks and gives the batch's path.
func (c client) run(selection map[string]any) string {
	c.t.Helper()
	var made struct{ Batch string }
	c.must(http.StatusAccepted, "POST", "/v1/jobs", selection, &made)
	return "/v1/batches/" + made.Batch
}

// finish waits until a batch is no longer running.
func (c client) finish(path string) batch {
	c.t.Helper()
	var b batch
	eventually(c.t, "the batch is done", func() error {
		c.must(http.StatusOK, "GET", path, nil, &b)
		if b.State == "running" {
			return fmt.Errorf("it is %s: %v", b.State, b.Counts)
		}
		return nil
	})
	return b
}

func (c client) results(id string) []result {
	c.t.Helper()
	var page struct{ Results []result }
	c.must(http.StatusOK, "GET", "/v1/assets/"+id+"/results?limit=1000", nil, &page)
	return page.Results
}

// eventually asks again and again until there is no error.
func eventually(t testing.TB, what string, try func() error) {
	t.Helper()
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		err := try()
		if err == nil {
			return
		}
		select {
		case <-tick.C:
		case <-deadline.C:
			t.Fatalf("not in time: %s: %v", what, err)
		}
	}
}
