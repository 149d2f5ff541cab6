package app_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"webmon/store/storetest"
	"webmon/zmqwire"
)

// These tests run webmon as its users do: as processes.

func site(t *testing.T) string {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/missing" {
			http.NotFound(w, r)
			return
		}
		fmt.Fprintf(w, "<!doctype html><title>%s</title><div>one</div><div>two</div>", r.URL.Path)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// wholeSystem is what must hold of webmon, whichever way it was started.
func wholeSystem(t *testing.T, c client) {
	t.Helper()
	base := site(t)
	good := c.create(base+"/good", map[string]any{"tags": []string{"x"}})
	bad := c.create(base+"/missing", once)
	refused := c.create("http://127.0.0.1:1/", once)
	scheduled := c.create(base+"/scheduled", map[string]any{"interval": "1s"})

	b := c.finish(c.run(map[string]any{"assets": []string{good.ID, bad.ID, refused.ID}}))
	if b.State != "done" || b.Counts["done"] != 3 {
		t.Errorf("batch: %+v", b)
	}
	for _, want := range []struct{ id, verdict string }{{good.ID, "up"}, {bad.ID, "down"}, {refused.ID, "down"}} {
		results := c.results(want.id)
		if len(results) != 1 || results[0].Verdict != want.verdict {
			t.Errorf("asset %s: %+v", want.id, results)
		}
	}
	var stats struct {
		Metrics map[string]struct {
			N    int
			Last float64
		}
		Availability float64
	}
	c.must(http.StatusOK, "GET", "/v1/assets/"+good.ID+"/stats?window=1h", nil, &stats)
	if m := stats.Metrics["htmlstats.tag_div_count"]; m.N != 1 || m.Last != 2 || stats.Availability != 100 {
		t.Errorf("statistics: %+v", stats)
	}
	eventually(t, "the schedule checks an asset three times", func() error {
		if n := len(c.results(scheduled.ID)); n < 3 {
			return fmt.Errorf("%d times", n)
		}
		return nil
	})
	var list struct{ Assets []asset }
	c.must(http.StatusOK, "GET", "/v1/assets?verdict=down", nil, &list)
	if len(list.Assets) != 2 {
		t.Errorf("assets that are down: %+v", list.Assets)
	}
}

func TestAllInOneProcess(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), "data")
	args := allOn(data)
	p := start(t, 3, args...)
	c := client{t, p.Address("api")}
	wholeSystem(t, c)

	// A second one on the same folder is refused in one line.
	second := launch(t, args...)
	second.waitExit(2)
	if said := second.Log(); !strings.Contains(said, "in use") || strings.Count(said, "\n") != 1 {
		t.Errorf("the second says: %s", said)
	}
	last := c.create(site(t)+"/last", nil)
	p.stop()

	// What was stored is there again, after a stop and after kill -9.
	p = start(t, 3, args...)
	c.base = p.Address("api")
	c.must(http.StatusOK, "GET", "/v1/assets/"+last.ID, nil, nil)
	c.finish(c.run(map[string]any{"assets": []string{last.ID}}))
	later := c.create(site(t)+"/later", nil)
	p.Kill()

	p = start(t, 3, args...)
	c.base = p.Address("api")
	c.must(http.StatusOK, "GET", "/v1/assets/"+later.ID, nil, nil)
	if n := len(c.results(last.ID)); n != 1 {
		t.Errorf("%d results after kill -9, not 1", n)
	}
	p.stop()
}

// roles are the three roles as processes of their own.
type roles struct {
	t                         *testing.T
	redis                     string
	jobsIn, jobsOut           string
	api, dispatcher, executor *program
	client
}

func startRoles(t *testing.T, redis string) *roles {
	t.Helper()
	r := &roles{t: t, redis: redis}
	r.dispatcher = start(t, 1, "dispatcher", "--redis", redis, "--redeliver", "300ms",
		"--jobs-in", "tcp://127.0.0.1:*", "--jobs-out", "tcp://127.0.0.1:*", "--control", "tcp://127.0.0.1:*")
	var status struct {
		JobsIn  string `json:"jobs_in"`
		JobsOut string `json:"jobs_out"`
	}
	ask(t, r.dispatcher.Address("dispatcher"), "STATUS", &status)
	r.jobsIn, r.jobsOut = status.JobsIn, status.JobsOut
	r.api = start(t, 1, "api", "--redis", redis, "--redeliver", "300ms", "--listen", "127.0.0.1:0", "--jobs-in", r.jobsIn)
	r.client = client{t, r.api.Address("api")}
	return r
}

func (r *roles) startExecutor(more ...string) *program {
	r.t.Helper()
	r.executor = start(r.t, 1, append([]string{"executor", "--redis", r.redis, "--jobs-out", r.jobsOut, "--lease", "1s"}, more...)...)
	return r.executor
}

// ask asks a dispatcher on its control channel.
func ask(t *testing.T, endpoint, command string, into any) {
	t.Helper()
	wire, err := zmqwire.NewContext(zmqwire.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer wire.Term()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	reply, err := wire.Ask(ctx, endpoint, command)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(reply, into); err != nil {
		t.Fatalf("%s: %v: %s", command, err, reply)
	}
}

func TestThreeProcesses(t *testing.T) {
	t.Parallel()
	r := startRoles(t, storetest.Server(t).Address())
	r.startExecutor()
	wholeSystem(t, r.client)
	r.executor.stop()
	r.api.stop()
	r.dispatcher.stop()
}

func TestJobWaitsForAnExecutor(t *testing.T) {
	t.Parallel()
	r := startRoles(t, storetest.Server(t).Address())
	a := r.create(site(t), nil)
	path := r.run(map[string]any{"all": true})
	var b batch
	r.must(http.StatusOK, "GET", path, nil, &b)
	if b.State != "running" || b.Counts["queued"] != 1 {
		t.Errorf("without an executor: %+v", b)
	}
	r.startExecutor()
	if b = r.finish(path); b.Counts["done"] != 1 || len(r.results(a.ID)) != 1 {
		t.Errorf("with an executor: %+v", b)
	}
}

// An executor killed in the middle of its checks loses no job, and none counts
// twice.
func TestExecutorKilledMidCheck(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	arrived := map[string]int{}
	release := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		arrived[r.URL.Path]++
		mu.Unlock()
		select {
		case <-release:
		case <-r.Context().Done():
		}
		fmt.Fprint(w, "<title>late</title>")
	}))
	t.Cleanup(server.Close)
	r := startRoles(t, storetest.Server(t).Address())
	const n = 40
	var ids []string
	for i := range n {
		ids = append(ids, r.create(fmt.Sprintf("%s/%d", server.URL, i), map[string]any{"timeout": "60s"}).ID)
	}
	r.startExecutor("--per-host", "100")
	path := r.run(map[string]any{"all": true})
	eventually(t, "all checks are under way", func() error {
		mu.Lock()
		defer mu.Unlock()
		if len(arrived) < n {
			return fmt.Errorf("%d of %d", len(arrived), n)
		}
		return nil
	})
	r.executor.Kill()
	close(release)
	r.startExecutor("--per-host", "100")
	if b := r.finish(path); b.Counts["done"] != n {
		t.Errorf("batch: %+v", b)
	}
	for _, id := range ids {
		if got := len(r.results(id)); got != 1 {
			t.Errorf("asset %s has %d results", id, got)
		}
	}
}

// A stop lets checks finish that are under way; a check that would take too
// long is handed back. Neither fails.
func TestExecutorStopsGracefully(t *testing.T) {
	t.Parallel()
	arrived := make(chan string, 10)
	release := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		arrived <- r.URL.Path
		wait := release
		if r.URL.Path == "/endless" {
			wait = nil
		}
		select {
		case <-wait:
		case <-r.Context().Done():
		}
		fmt.Fprint(w, "<title>late</title>")
	}))
	t.Cleanup(server.Close)
	r := startRoles(t, storetest.Server(t).Address())
	soon := r.create(server.URL+"/soon", map[string]any{"timeout": "60s"})
	endless := r.create(server.URL+"/endless", map[string]any{"timeout": "60s"})
	r.startExecutor("--stop-timeout", "2s")
	path := r.run(map[string]any{"all": true})
	<-arrived
	<-arrived
	r.executor.Signal(syscall.SIGTERM)
	r.executor.waitLog("stopping")
	close(release)
	r.executor.waitExit(0)
	if results := r.results(soon.ID); len(results) != 1 || results[0].Verdict != "up" {
		t.Errorf("the check under way: %+v", results)
	}
	if results := r.results(endless.ID); len(results) != 0 {
		t.Errorf("the check that was interrupted has a result: %+v", results)
	}
	var b batch
	r.must(http.StatusOK, "GET", path, nil, &b)
	if b.Counts["queued"] != 1 || b.Counts["done"] != 1 || b.Counts["failed"] != 0 {
		t.Errorf("batch: %+v", b)
	}
}

// Everything recovers from an outage of Redis without a restart.
func TestRedisOutage(t *testing.T) {
	t.Parallel()
	redis := storetest.NewRestartable(t)
	r := startRoles(t, redis.Address())
	r.startExecutor()
	a := r.create(site(t), nil)
	r.finish(r.run(map[string]any{"all": true}))
	redis.Stop()
	status, header := 0, http.Header(nil)
	eventually(t, "the API says 503", func() error {
		if status, header = r.call("GET", "/v1/assets/"+a.ID, nil, nil); status != http.StatusServiceUnavailable {
			return fmt.Errorf("status %d", status)
		}
		return nil
	})
	if header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
	if status, _ := r.call("GET", "/readyz", nil, nil); status != http.StatusServiceUnavailable {
		t.Errorf("/readyz: %d", status)
	}
	if status, _ := r.call("GET", "/healthz", nil, nil); status != http.StatusOK {
		t.Errorf("/healthz: %d", status)
	}
	redis.Start()
	eventually(t, "the API works again", func() error {
		if status, _ := r.call("GET", "/v1/assets/"+a.ID, nil, nil); status != http.StatusOK {
			return fmt.Errorf("status %d", status)
		}
		return nil
	})
	if b := r.finish(r.run(map[string]any{"all": true})); b.Counts["done"] != 1 {
		t.Errorf("after the outage: %+v", b)
	}
	for name, p := range map[string]*program{"api": r.api, "dispatcher": r.dispatcher, "executor": r.executor} {
		if said := strings.Count(p.Log(), "Redis is away"); said > 1 {
			t.Errorf("the %s says %d times that Redis is away:\n%s", name, said, p.Log())
		}
	}
}
