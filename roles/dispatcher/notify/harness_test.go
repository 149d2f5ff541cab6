package notify_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"webmon/plugins"
	"webmon/roles/dispatcher/notify"
	"webmon/roles/dispatcher/notify/shout"
	"webmon/store"
	"webmon/store/storetest"
)

func TestMain(m *testing.M) {
	if len(os.Args) == 2 && os.Args[1] == "deliver" {
		if err := shout.Main(os.Stdin, os.Stdout); err != nil {
			os.Exit(1)
		}
		os.Exit(0)
	}
	storetest.Main(m)
}

// patience bounds every wait of these tests.
const patience = 60 * time.Second

// tick is that of the tests' notifiers.
const tick = 10 * time.Millisecond

// hook is a webhook that keeps what it gets.
type hook struct {
	*httptest.Server
	mu   sync.Mutex
	got  []told
	more chan struct{} // something came
}

// told is the JSON of a message.
type told struct {
	ID, Kind, Subject, Text string
	Incidents               []struct {
		ID, Asset, Name, Link string
		Closed, Last_Good     time.Time
	}
}

func (m told) String() string {
	return fmt.Sprintf("%s of %d: %s", m.Kind, len(m.Incidents), m.Subject)
}

// newFailingHook makes one that refuses what it is told as long as fail is true.
func newFailingHook(t testing.TB) (h *hook, fail *atomic.Bool) {
	t.Helper()
	fail = new(atomic.Bool)
	fail.Store(true)
	return newHook(t, func(w http.ResponseWriter, _ told, _ int) {
		if fail.Load() {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	}), fail
}

// newHook makes one. answer may be nil; else it answers instead, after the
// message was kept.
func newHook(t testing.TB, answer func(w http.ResponseWriter, m told, calls int)) *hook {
	t.Helper()
	h := &hook{more: make(chan struct{}, 1)}
	calls := 0
	h.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		var m told
		if err == nil {
			err = json.Unmarshal(body, &m)
		}
		if err != nil {
			t.Errorf("%v: %s", err, body)
		}
		h.mu.Lock()
		h.got = append(h.got, m)
		calls++
		n := calls
		h.mu.Unlock()
		select {
		case h.more <- struct{}{}:
		default:
		}
		if answer != nil {
			answer(w, m, n)
		}
	}))
	t.Cleanup(h.Close)
	return h
}

func (h *hook) all() []told {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append([]told(nil), h.got...)
}

// await waits for so many messages and gives them.
func (h *hook) await(t testing.TB, n int) []told {
	t.Helper()
	end := time.After(patience)
	for {
		if got := h.all(); len(got) >= n {
			return got
		}
		select {
		case <-h.more:
		case <-end:
			t.Fatalf("%d messages did not come: %v", n, h.all())
		}
	}
}

// system is a store and what tests do to its assets.
type system struct {
	t   testing.TB
	s   *store.Store
	log *syncBuffer
}

type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

func newSystem(t testing.TB) *system {
	t.Helper()
	s := &system{t: t, s: storetest.Open(t), log: &syncBuffer{}}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the log:\n%s", s.log)
		}
	})
	return s
}

// asset makes an asset whose first bad check opens an incident and whose first
// good one closes it.
func (s *system) asset(name string, change ...func(*store.Asset)) *store.Asset {
	s.t.Helper()
	no := false
	a := &store.Asset{
		Name: name, URL: "http://" + name + ".example.org/", Timeout: store.Duration(time.Second), Enabled: true,
		Alerts: store.Alerts{Bad: 1, Of: 1, Good: 1, Confirm: &no},
	}
	for _, c := range change {
		c(a)
	}
	if err := s.s.CreateAsset(s.t.Context(), a); err != nil {
		s.t.Fatal(err)
	}
	return a
}

func tags(tags ...string) func(*store.Asset) { return func(a *store.Asset) { a.Tags = tags } }

// check stores a check of an asset.
func (s *system) check(a *store.Asset, v plugins.Verdict) {
	s.t.Helper()
	ctx := s.t.Context()
	var job string
	if _, _, err := s.s.Enqueue(ctx, store.Selection{Assets: []string{a.ID}}, func(ids []string) { job = ids[0] }); err != nil {
		s.t.Fatal(err)
	}
	l, err := s.s.Lease(ctx, job, "worker", time.Minute)
	if err != nil {
		s.t.Fatal(err)
	}
	r := store.Result{Job: job, At: time.Now(), Verdict: v, Reports: []plugins.Report{{Plugin: "timing"}}}
	if v != plugins.Up {
		severity := plugins.Critical
		if v == plugins.Degraded {
			severity = plugins.Warning
		}
		r.Reports[0].Findings = []plugins.Finding{{Severity: severity, Code: "x", Message: "it answers 503", Verdict: v}}
	}
	if err := s.s.Finish(ctx, l, store.Outcome{Result: r}); err != nil {
		s.t.Fatal(err)
	}
}

// incident gives the latest incident of an asset.
func (s *system) incident(a *store.Asset) *store.Incident {
	s.t.Helper()
	page, err := s.s.Incidents(s.t.Context(), store.IncidentQuery{Asset: a.ID, Limit: 1})
	if err != nil || len(page.Incidents) == 0 {
		s.t.Fatalf("no incident of %s: %v", a.Name, err)
	}
	return &page.Incidents[0]
}

// eventually asks again and again until there is no error.
func (s *system) eventually(try func() error) {
	s.t.Helper()
	end := time.After(patience)
	poll := time.NewTicker(tick)
	defer poll.Stop()
	for {
		err := try()
		if err == nil {
			return
		}
		select {
		case <-poll.C:
		case <-end:
			s.t.Fatalf("not in time: %v", err)
		}
	}
}

// becomes waits until a delivery is in a state.
func (s *system) becomes(a *store.Asset, kind, channel string, state store.DeliveryState) *store.Delivery {
	s.t.Helper()
	var d *store.Delivery
	s.eventually(func() error {
		i := s.incident(a)
		if d = i.Delivery(kind, channel); d == nil || d.State != state {
			return fmt.Errorf("%s to %s is %+v, not %s", kind, channel, i.Deliveries, state)
		}
		return nil
	})
	return d
}

// drop drops notices of an asset's incident, as a look does when nobody is to hear.
func (s *system) drop(a *store.Asset, kinds ...string) {
	s.t.Helper()
	var plans []store.NoticePlan
	for _, kind := range kinds {
		plans = append(plans, store.NoticePlan{Notice: store.Notice{Incident: s.incident(a).ID, Kind: kind}})
	}
	if _, err := s.s.PlanNotices(s.t.Context(), plans); err != nil {
		s.t.Fatal(err)
	}
}

// settle waits until no notice is left.
func (s *system) settle() {
	s.t.Helper()
	s.eventually(func() error {
		page, err := s.s.Incidents(s.t.Context(), store.IncidentQuery{Limit: 1000})
		if err != nil {
			return err
		}
		for _, i := range page.Incidents {
			if i.Deliveries == nil {
				return fmt.Errorf("nobody was told of %s", i.Name)
			}
			for _, d := range i.Deliveries {
				if !d.State.Final() {
					return fmt.Errorf("%s: %+v", i.Name, d)
				}
			}
		}
		return nil
	})
}

// file writes an alerts file and gives its path.
func (s *system) file(text string, args ...any) string {
	s.t.Helper()
	path := filepath.Join(s.t.TempDir(), "alerts.yaml")
	s.write(path, text, args...)
	return path
}

func (s *system) write(path, text string, args ...any) {
	s.t.Helper()
	if err := os.WriteFile(path+".new", fmt.Appendf(nil, text, args...), 0o600); err != nil {
		s.t.Fatal(err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		s.t.Fatal(err)
	}
}

// start runs a notifier until the function that it gives is called, or the test
// ends.
func (s *system) start(name, file string, change ...func(*notify.Notifier)) (n *notify.Notifier, stop func()) {
	s.t.Helper()
	n, err := notify.New(notify.Options{
		Name: name, Version: "1.2", Store: s.s, File: file, Tick: tick, Deliver: []string{os.Args[0], "deliver"},
		Logger: slog.New(slog.NewTextHandler(s.log, &slog.HandlerOptions{Level: slog.LevelDebug})).With("process", name),
	})
	if err != nil {
		s.t.Fatal(err)
	}
	for _, c := range change {
		c(n)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { defer close(ended); n.Run(ctx) }()
	stop = sync.OnceFunc(func() { cancel(); <-ended })
	s.t.Cleanup(stop)
	return n, stop
}

// plain is an alerts file with a webhook for all.
const plain = "base-url: http://webmon.test\nchannels: {hook: {webhook: {url: '%s'}, rate: 10000/1s}}\nroutes: [{channels: [hook], group-wait: 0s, group-at: 1000000}]\n"
