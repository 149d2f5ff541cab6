package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"webmon/plugins"
	"webmon/roles/api"
	"webmon/store"
	"webmon/store/storetest"
)

// harness is an API that serves on a port of its own, over a real Redis.
type harness struct {
	t     testing.TB
	base  string
	store *store.Store
	log   *logBuffer

	mu        sync.Mutex
	pushed    []string
	snapshots int
}

// start serves an API. change may alter its options first.
func start(t testing.TB, change ...func(*api.Options)) *harness {
	t.Helper()
	return startOn(t, storetest.Open(t), change...)
}

// startAway serves an API whose Redis does not exist.
func startAway(t *testing.T, change ...func(*api.Options)) *harness {
	t.Helper()
	s, err := store.Open(store.Options{Address: "unix://" + t.TempDir() + "/none.sock"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return startOn(t, s, change...)
}

func startOn(t testing.TB, s *store.Store, change ...func(*api.Options)) *harness {
	t.Helper()
	h := &harness{t: t, store: s, log: &logBuffer{}}
	opts := api.Options{
		Listen: "127.0.0.1:0", Store: s, Plugins: onlyHTMLStats(), Version: "test",
		Push: func(ids []string) {
			h.mu.Lock()
			defer h.mu.Unlock()
			h.pushed = append(h.pushed, ids...)
		},
		Snapshot: func() {
			h.mu.Lock()
			defer h.mu.Unlock()
			h.snapshots++
		},
		Logger: textLogger(h.log),
	}
	for _, c := range change {
		c(&opts)
	}
	server, err := api.New(opts)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- server.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
	_, port, err := net.SplitHostPort(server.Addr())
	if err != nil {
		t.Fatal(err)
	}
	h.base = "http://127.0.0.1:" + port
	return h
}

// onlyHTMLStats is a registry of one plugin, which takes the options k and note,
// and says nothing.
func onlyHTMLStats() *plugins.Registry {
	registry, err := plugins.NewRegistry(plugins.Definition{
		Name: "htmlstats", Doc: "Counts.",
		Metrics: []plugins.MetricDoc{{Name: "page_bytes", Unit: "bytes", Doc: "Size."}},
		New: func(raw json.RawMessage) (plugins.Plugin, error) {
			var known struct {
				K    float64
				Note string
			}
			return silent{}, plugins.DecodeOptions(raw, &known)
		},
	})
	if err != nil {
		panic(err) // the definition is constant
	}
	return registry
}

type silent struct{}

func (silent) Inspect(context.Context, *plugins.Page, []byte) (plugins.Report, error) {
	return plugins.Report{}, nil
}

func (h *harness) snapshotCount() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.snapshots
}

func (h *harness) pushedIDs() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.pushed)
}

// answer is an HTTP answer, read to its end.
type answer struct {
	t      testing.TB
	asked  string
	status int
	header http.Header
	body   []byte
}

// do asks; a body is JSON unless headers ("Name: value") say otherwise.
func (h *harness) do(method, path, body string, headers ...string) answer {
	h.t.Helper()
	r, err := http.NewRequestWithContext(h.t.Context(), method, h.base+path, strings.NewReader(body))
	if err != nil {
		h.t.Fatal(err)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for _, header := range headers {
		name, value, _ := strings.Cut(header, ": ")
		if name == "Host" {
			r.Host = value
			continue
		}
		r.Header.Set(name, value)
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		h.t.Fatal(err)
	}
	defer response.Body.Close()
	data, err := io.ReadAll(response.Body)
	if err != nil {
		h.t.Fatalf("%s %s: %v", method, path, err)
	}
	return answer{t: h.t, asked: method + " " + path, status: response.StatusCode, header: response.Header, body: data}
}

// want checks the status and gives the answer back.
func (a answer) want(status int) answer {
	a.t.Helper()
	if a.status != status {
		a.t.Fatalf("%s: status %d, want %d: %s", a.asked, a.status, status, a.body)
	}
	return a
}

// into decodes the body.
func (a answer) into(v any) {
	a.t.Helper()
	if err := json.Unmarshal(a.body, v); err != nil {
		a.t.Fatalf("%s: %v in %s", a.asked, err, a.body)
	}
}

// object decodes the body as a JSON object.
func (a answer) object() map[string]any {
	a.t.Helper()
	var o map[string]any
	a.into(&o)
	return o
}

type problem struct {
	Title, Detail string
	Status        int
	Errors        []struct {
		Location, Message string
		Value             any
	}
}

// problem checks that the answer is a problem document of this status.
func (a answer) problem(status int) problem {
	a.t.Helper()
	a.want(status)
	if got := a.header.Get("Content-Type"); got != "application/problem+json" {
		a.t.Errorf("%s: content type %q of a problem", a.asked, got)
	}
	var p problem
	a.into(&p)
	if p.Status != status || p.Title == "" || p.Detail == "" {
		a.t.Errorf("%s: not a problem document: %s", a.asked, a.body)
	}
	return p
}

// refuses checks for a 422 that names a location and says something of it.
func (a answer) refuses(location, says string) {
	a.t.Helper()
	for _, e := range a.problem(http.StatusUnprocessableEntity).Errors {
		if e.Location == location && strings.Contains(e.Message, says) {
			return
		}
	}
	a.t.Errorf("%s: no error at %q that says %q: %s", a.asked, location, says, a.body)
}

// create makes an asset and gives its id.
func (h *harness) create(body string) string {
	h.t.Helper()
	id, _ := h.do("POST", "/v1/assets", body).want(http.StatusCreated).object()["id"].(string)
	if id == "" {
		h.t.Fatal("a new asset has no id")
	}
	return id
}

// logBuffer is a log that tests can read.
type logBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *logBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *logBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// textLogger logs everything.
func textLogger(b *logBuffer) *slog.Logger {
	return slog.New(slog.NewTextHandler(b, &slog.HandlerOptions{Level: slog.LevelDebug}))
}
