package torture

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// site is what webmon watches: pages that never change, and below /shaky some that
// are broken half of the time, until they are healed.
func site(t *testing.T, healed *atomic.Bool) string {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select { // as slow as a page is
		case <-time.After(rand.N(40 * time.Millisecond)):
		case <-r.Context().Done():
		}
		if strings.HasPrefix(r.URL.Path, "/shaky") && !healed.Load() && time.Now().Unix()%6 < 3 {
			w.WriteHeader(http.StatusInternalServerError)
		}
		fmt.Fprintf(w, "<!doctype html><title>%s</title><h1>A page</h1><p>It never changes.</p>", r.URL.Path)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// load is what the clients of webmon ask for, and what they were promised.
type load struct {
	sys    *system
	caller http.Client

	mu       sync.Mutex
	requests []*request
	lives    int // of Redis: how often it came back from a snapshot
}

// request is one POST /v1/jobs, sent until it is accepted.
type request struct {
	key    string
	assets []string

	// Guarded by the load's mutex.
	sent, accepted time.Time // accepted is zero until then
	batch          string
	again          bool // Redis lost what came after its snapshot: it is to be sent again
}

// call makes a request and decodes the answer. The status is 0 when nothing answered.
func (l *load) call(method, path, key string, body, into any) (status int, err error) {
	text, err := json.Marshal(body)
	if err != nil {
		return 0, err
	}
	req, err := http.NewRequest(method, l.sys.api.program().Address("api")+path, bytes.NewReader(text))
	if err != nil {
		return 0, err
	}
	req.Header.Set("Content-Type", "application/json")
	if key != "" {
		req.Header.Set("Idempotency-Key", key)
	}
	resp, err := l.caller.Do(req)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		return 0, err
	}
	if resp.StatusCode >= 300 {
		return resp.StatusCode, fmt.Errorf("%s %s: %s", method, path, answer)
	}
	if into != nil {
		err = json.Unmarshal(answer, into)
	}
	return resp.StatusCode, err
}

// get reads, however long it takes to get an answer.
func (l *load) get(path string, into any) error {
	return patiently("GET "+path, func() error {
		_, err := l.call("GET", path, "", nil, into)
		return err
	})
}

// client asks for checks at a steady pace until stop is closed. What it has asked
// for by then it still gets accepted.
func (l *load) client(name int, assets []string, random *rand.Rand, stop <-chan struct{}) error {
	pace := time.NewTicker(400 * time.Millisecond)
	defer pace.Stop()
	for n := 0; ; n++ {
		select {
		case <-stop:
			return nil
		case <-pace.C:
		}
		r := &request{key: fmt.Sprintf("client-%d-%d", name, n)}
		for _, i := range random.Perm(len(assets))[:1+random.IntN(24)] {
			r.assets = append(r.assets, assets[i])
		}
		l.mu.Lock()
		r.sent = time.Now()
		l.requests = append(l.requests, r)
		l.mu.Unlock()
		if err := l.send(r); err != nil {
			return err
		}
	}
}

// send sends a request again and again until it is accepted. An answer of a Redis
// that was lost meanwhile does not count.
func (l *load) send(r *request) error {
	return patiently("accept "+r.key, func() error {
		l.mu.Lock()
		life := l.lives
		l.mu.Unlock()
		var made struct {
			Batch string
			Jobs  int
		}
		if _, err := l.call("POST", "/v1/jobs", r.key, map[string]any{"assets": r.assets}, &made); err != nil {
			return err
		}
		l.mu.Lock()
		defer l.mu.Unlock()
		if l.lives != life {
			return fmt.Errorf("Redis came back from a snapshot meanwhile")
		}
		if made.Jobs != len(r.assets) {
			return fmt.Errorf("%s: %d jobs for %d assets", r.key, made.Jobs, len(r.assets))
		}
		r.accepted, r.batch, r.again = time.Now(), made.Batch, false
		return nil
	})
}

// lost notes that Redis came back from the snapshot that covers what was accepted
// before a time, and has everything that was accepted later sent again.
func (l *load) lost(covered time.Time) error {
	l.mu.Lock()
	l.lives++
	var again []*request
	for _, r := range l.requests {
		if r.accepted.After(covered) {
			r.again = true
			again = append(again, r)
		}
	}
	l.mu.Unlock()
	for _, r := range again {
		if err := l.send(r); err != nil {
			return err
		}
	}
	return nil
}

// snapshot asks the API for a snapshot of Redis and waits until it is there. It
// covers what was accepted before the time that is given.
func (l *load) snapshot() (covered time.Time, err error) {
	type state struct {
		Running, Held bool
		Begun         int64
	}
	var before, after state
	covered = time.Now()
	if err := l.get("/v1/snapshots", &before); err != nil {
		return time.Time{}, err
	}
	if err := patiently("ask for a snapshot", func() error {
		_, err := l.call("POST", "/v1/snapshots", "", nil, nil)
		return err
	}); err != nil {
		return time.Time{}, err
	}
	return covered, patiently("the snapshot is taken", func() error {
		if err := l.get("/v1/snapshots", &after); err != nil {
			return err
		}
		if after.Begun <= before.Begun || after.Running || !after.Held {
			// An API that was killed forgets what it was asked for.
			_, err := l.call("POST", "/v1/snapshots", "", nil, nil)
			return fmt.Errorf("%+v, then %+v: %w", before, after, err)
		}
		return nil
	})
}

// create makes assets and gives their ids.
func (l *load) create(n int, url, interval string) ([]string, error) {
	ids := make([]string, n)
	for i := range ids {
		var made struct{ ID string }
		body := map[string]any{"url": fmt.Sprintf("%s/%s/%d", url, interval, i), "interval": interval, "timeout": "2s"}
		if _, err := l.call("POST", "/v1/assets", "", body, &made); err != nil {
			return nil, err
		}
		ids[i] = made.ID
	}
	return ids, nil
}
