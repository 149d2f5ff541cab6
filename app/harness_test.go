package app_test

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"webmon/app/apptest"
	"webmon/store/storetest"
)

// binary is the program under test, built once, with the race detector for
// tests and without it for benchmarks.
var binary = sync.OnceValues(func() (string, error) {
	return apptest.Build(binaryFolder, flag.Lookup("test.bench").Value.String() == "")
})

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "webmon-bin-")
	if err != nil {
		panic(err)
	}
	binaryFolder = dir
	code := storetest.Run(m)
	os.RemoveAll(dir)
	os.Exit(code)
}

var binaryFolder string

// patience bounds every wait of these tests. Nothing depends on how long
// anything takes before that.
const patience = 60 * time.Second

// program is a running webmon whose failures are the test's.
type program struct {
	t testing.TB
	*apptest.Program
}

// start runs webmon with the arguments and waits until all of its roles say
// that they have started.
func start(t testing.TB, roles int, args ...string) *program {
	t.Helper()
	p := launch(t, args...)
	p.in(func(ctx context.Context) error { return p.Started(ctx, roles) })
	return p
}

func launch(t testing.TB, args ...string) *program {
	t.Helper()
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	running, err := apptest.Launch(path, args...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if slices.Contains(args, "--data") {
			// Killed, it would leave its Redis saving into a folder that is being removed.
			running.Signal(syscall.SIGTERM)
			ctx, cancel := context.WithTimeout(context.Background(), patience)
			defer cancel()
			_ = running.WaitExit(ctx, 0) // how it ends is for the tests that stop it
		}
		if err := running.Close(); err != nil {
			t.Error(err)
		}
		if t.Failed() {
			t.Logf("webmon %s:\n%s", strings.Join(args, " "), running.Log())
		}
	})
	return &program{t, running}
}

// in waits for something, for as long as patience lasts.
func (p *program) in(wait func(context.Context) error) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := wait(ctx); err != nil {
		p.t.Fatal(err)
	}
}

// waitLog waits until the program has said something.
func (p *program) waitLog(text string) {
	p.t.Helper()
	p.in(func(ctx context.Context) error {
		return p.Wait(ctx, text, func() bool { return strings.Contains(p.Log(), text) })
	})
}

// stop ends the program as a service manager does and checks that it leaves well.
func (p *program) stop() {
	p.t.Helper()
	p.Signal(syscall.SIGTERM)
	p.waitExit(0)
}

func (p *program) waitExit(code int) {
	p.t.Helper()
	p.in(func(ctx context.Context) error { return p.WaitExit(ctx, code) })
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

// once keeps an asset's first bad check from being confirmed by another, for tests
// that count.
var once = map[string]any{"alerts": map[string]any{"confirm": false}}

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
