package api_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"webmon/plugins"
	"webmon/roles/api"
	"webmon/store"
	"webmon/store/token"
)

// stream is an open stream of events.
type stream struct {
	t      testing.TB
	body   io.ReadCloser
	lines  *bufio.Scanner
	header http.Header
}

// sent is an event of a stream.
type sent struct {
	id, name                                       string
	Kind, Asset, From, To, What, Message, Incident string
}

// listen opens a stream. It returns when the server has begun it.
func (h *harness) listen(query string, headers ...string) *stream {
	h.t.Helper()
	r, err := http.NewRequestWithContext(h.t.Context(), "GET", h.base+"/v1/events"+query, nil)
	if err != nil {
		h.t.Fatal(err)
	}
	for _, header := range headers {
		name, value, _ := strings.Cut(header, ": ")
		r.Header.Set(name, value)
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() { response.Body.Close() })
	if response.StatusCode != http.StatusOK || response.Header.Get("Content-Type") != "text/event-stream" {
		text, _ := io.ReadAll(response.Body)
		h.t.Fatalf("%s: %s", response.Status, text)
	}
	s := &stream{t: h.t, body: response.Body, lines: bufio.NewScanner(response.Body), header: response.Header}
	if !s.lines.Scan() || s.lines.Text() != "retry: 2000" {
		h.t.Fatalf("a stream begins with %q", s.lines.Text())
	}
	return s
}

// next waits for an event; it is false at the end of the stream.
func (s *stream) next() (e sent, ok bool) {
	s.t.Helper()
	for s.lines.Scan() {
		field, value, _ := strings.Cut(s.lines.Text(), ": ")
		switch field {
		case "id":
			e.id = value
		case "event":
			e.name = value
		case "data":
			if err := json.Unmarshal([]byte(value), &e); err != nil {
				s.t.Fatal(err)
			}
			return e, true
		}
	}
	return sent{}, false
}

func (s *stream) want(short ...string) (last sent) {
	s.t.Helper()
	for _, want := range short {
		e, ok := s.next()
		if got := strings.Join([]string{e.name, e.From, e.What, e.To}, " "); !ok || got != want || e.name != e.Kind {
			s.t.Fatalf("got %q, want %q; %+v", got, want, e)
		}
		last = e
	}
	return last
}

func (h *harness) bad(id string, times int) {
	for range times {
		h.check(id, store.Result{At: time.Now(), Verdict: plugins.Down, Reports: []plugins.Report{{
			Plugin: "availability", Findings: []plugins.Finding{{Severity: plugins.Critical, Message: "It is gone.", Verdict: plugins.Down}},
		}}})
	}
}

func TestEvents(t *testing.T) {
	t.Parallel()
	h := start(t)
	a, b := h.create(`{"url":"http://a/"}`), h.create(`{"url":"http://b/"}`)
	h.bad(b, 1)
	all, one, incidents := h.listen(""), h.listen("?asset="+b), h.listen("?kind=incident")
	h.bad(a, 2)
	last := all.want("verdict unknown  down", "incident  opened down")
	h.bad(b, 1) // not before: of two assets, what is of the same millisecond has no order
	if last.Asset != a || last.Message != "It is gone." || !strings.HasPrefix(last.Incident, a+"!") {
		t.Errorf("%+v", last)
	}
	if e := all.want("incident  opened down"); e.Asset != b {
		t.Errorf("%+v", e)
	}
	one.want("incident  opened down")
	incidents.want("incident  opened down", "incident  opened down")

	// Who comes back hears what it missed, and then what comes.
	all.body.Close()
	h.check(a, store.Result{At: time.Now(), Verdict: plugins.Up})
	h.check(a, store.Result{At: time.Now(), Verdict: plugins.Up})
	again := h.listen("", "Last-Event-ID: "+last.id)
	again.want("incident  opened down", "verdict down  up", "incident  closed down")
	filtered := h.listen("?asset="+a+"&kind=verdict", "Last-Event-ID: "+last.id)
	filtered.want("verdict down  up")
	h.bad(a, 1)
	again.want("verdict up  down")
	filtered.want("verdict up  down")

	h.do("GET", "/v1/events", "", "Last-Event-ID: nonsense").refuses("header.Last-Event-ID", "no position")
	h.do("GET", "/v1/events?kind=x", "").refuses("query.kind", "")
	h.do("HEAD", "/v1/events", "").want(http.StatusMethodNotAllowed)
}

// What happens while somebody comes back is neither lost nor told twice.
func TestEventsAreNeitherLostNorDoubled(t *testing.T) {
	t.Parallel()
	h := start(t)
	var ids []string
	for range 20 {
		ids = append(ids, h.create(`{"url":"http://a/"}`))
	}
	first := h.listen("")
	h.bad(ids[0], 1)
	last := first.want("verdict unknown  down")
	done := make(chan error, 1)
	go func() {
		defer close(done)
		for _, id := range ids[1:] {
			var job string
			_, _, err := h.store.Enqueue(context.Background(), store.Selection{Assets: []string{id}}, func(ids []string) { job = ids[0] })
			if err == nil {
				var l *store.Lease
				if l, err = h.store.Lease(context.Background(), job, "test", time.Minute); err == nil {
					err = h.store.Finish(context.Background(), l, store.Outcome{Result: store.Result{Job: job, At: time.Now(), Verdict: plugins.Down}})
				}
			}
			if err != nil {
				done <- err
				return
			}
		}
	}()
	var streams []*stream
	for range 5 {
		streams = append(streams, h.listen("", "Last-Event-ID: "+last.id))
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	for _, s := range streams {
		var got []string
		for range ids[1:] {
			e, ok := s.next()
			if !ok || slices.Contains(got, e.Asset) {
				t.Fatalf("%+v after %v", e, got)
			}
			got = append(got, e.Asset)
		}
	}
}

func TestStreamsAreBounded(t *testing.T) {
	t.Parallel()
	h := start(t)
	var streams []*stream
	for range api.MaxStreams {
		streams = append(streams, h.listen(""))
	}
	if p := h.do("GET", "/v1/events", ""); p.problem(http.StatusServiceUnavailable).Detail == "" || p.header.Get("Retry-After") == "" {
		t.Errorf("%v", p.header)
	}
	for _, s := range streams {
		s.body.Close()
	}
	waitFor(t, func() bool {
		r, err := http.NewRequest("GET", h.base+"/v1/events", nil)
		if err != nil {
			t.Fatal(err)
		}
		response, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		return response.StatusCode == http.StatusOK
	})
}

func waitFor(t *testing.T, holds func() bool) {
	t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(30 * time.Second)
	for !holds() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatal("it never holds")
		}
	}
}

// A stop does not wait for streams, and a revoked token ends its own.
func TestStreamsEnd(t *testing.T) {
	t.Parallel()
	opts := options(t)
	server, err := api.New(opts)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- server.Run(ctx) }()
	h := &harness{t: t, base: "http://" + server.Addr(), store: opts.Store}
	made, kept, err := opts.Store.CreateToken(t.Context(), "reader", token.Read, 0)
	if err != nil {
		t.Fatal(err)
	}
	other, _, err := opts.Store.CreateToken(t.Context(), "other", token.Read, 0)
	if err != nil {
		t.Fatal(err)
	}
	revoked, stopped := h.listen("", "Authorization: Bearer "+made.Reveal()), h.listen("", "Authorization: Bearer "+other.Reveal())
	if err := opts.Store.RevokeToken(t.Context(), kept.ID); err != nil {
		t.Fatal(err)
	}
	if e, ok := revoked.next(); ok {
		t.Errorf("%+v", e)
	}
	stop()
	if e, ok := stopped.next(); ok || stopped.lines.Err() != nil && !errors.Is(stopped.lines.Err(), io.ErrUnexpectedEOF) {
		t.Errorf("%+v, %v", e, stopped.lines.Err())
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
}
