package app_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"webmon/store/storetest"
)

// A page that kills its executor, or what happens to run it, is given up after
// max-attempts, says why, and is tried again when it is due.
func TestPoisonJob(t *testing.T) {
	t.Parallel()
	var harmless atomic.Bool
	arrived := make(chan struct{}, 10)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !harmless.Load() {
			arrived <- struct{}{}
			<-r.Context().Done()
			return
		}
		fmt.Fprint(w, "<title>harmless</title>")
	}))
	t.Cleanup(server.Close)
	r := startRoles(t, storetest.Server(t).Address())
	a := r.create(server.URL, map[string]any{"interval": "1s", "timeout": "60s"})
	const attempts = 5 // the default
	for range attempts {
		r.startExecutor()
		<-arrived
		r.executor.Kill()
	}
	harmless.Store(true)
	var failed struct {
		Jobs []struct {
			Asset, Reason string
			Attempts      int
		}
	}
	eventually(t, "the job fails", func() error {
		r.must(http.StatusOK, "GET", "/v1/jobs?state=failed", nil, &failed)
		if len(failed.Jobs) == 0 {
			return fmt.Errorf("none failed")
		}
		return nil
	})
	if j := failed.Jobs[0]; j.Asset != a.ID || j.Attempts != attempts || !strings.Contains(j.Reason, "no executor finished it in 5 attempts") {
		t.Errorf("failed: %+v", j)
	}
	var got struct {
		Failed  int
		Verdict string
	}
	r.must(http.StatusOK, "GET", "/v1/assets/"+a.ID, nil, &got)
	if got.Failed != 1 || got.Verdict != "unknown" {
		t.Errorf("the asset: %+v", got)
	}
	r.startExecutor()
	eventually(t, "the next check", func() error {
		if results := r.results(a.ID); len(results) == 0 || results[0].Verdict != "up" {
			return fmt.Errorf("%+v", results)
		}
		return nil
	})
}

// A page is not down because the executor was stopped for longer than the page
// may take.
func TestPauseIsNoAlarm(t *testing.T) {
	t.Parallel()
	arrived := make(chan struct{}, 10)
	var requests atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if requests.Add(1) == 1 {
			arrived <- struct{}{}
			<-r.Context().Done()
			return
		}
		fmt.Fprint(w, "<title>fine</title>")
	}))
	t.Cleanup(server.Close)
	r := startRoles(t, storetest.Server(t).Address())
	r.startExecutor("--lease", "60s")
	a := r.create(server.URL, map[string]any{"timeout": "2s"})
	path := r.run(map[string]any{"all": true})
	<-arrived
	r.executor.Signal(syscall.SIGSTOP)
	time.Sleep(3 * time.Second) // the pause is what is tested
	r.executor.Signal(syscall.SIGCONT)
	if b := r.finish(path); b.Counts["done"] != 1 {
		t.Errorf("batch: %+v", b)
	}
	if results := r.results(a.ID); len(results) != 1 || results[0].Verdict != "up" || requests.Load() != 2 {
		t.Errorf("%d requests, results %+v", requests.Load(), results)
	}
}
