package fetch

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
)

// countConns makes s count the connections it accepts.
func countConns(s *httptest.Server) (count func() int) {
	var mu sync.Mutex
	var n int
	s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			mu.Lock()
			defer mu.Unlock()
			n++
		}
	}
	return func() int {
		mu.Lock()
		defer mu.Unlock()
		return n
	}
}

func TestKeepAlive(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name                string
		keepAlive, tls, h2  bool
		method              string
		wantConns, wantTLS0 int // connections for three checks; checks without a handshake
	}{
		{name: "off", wantConns: 3},
		{name: "on", keepAlive: true, wantConns: 1},
		{name: "on, not replayable", keepAlive: true, method: "POST", wantConns: 3},
		{name: "off, TLS", tls: true, wantConns: 3},
		{name: "on, TLS", tls: true, keepAlive: true, wantConns: 1, wantTLS0: 2},
		{name: "off, HTTP/2", tls: true, h2: true, wantConns: 3},
		{name: "on, HTTP/2", tls: true, h2: true, keepAlive: true, wantConns: 1, wantTLS0: 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				io.WriteString(w, "hello")
			}))
			count := countConns(s)
			s.EnableHTTP2 = tt.h2
			if tt.tls {
				s.StartTLS()
			} else {
				s.Start()
			}
			t.Cleanup(s.Close)
			f := newTestFetcher(t, Options{KeepAlive: tt.keepAlive})
			a := asset(s.URL)
			a.Request.InsecureTLS = true
			a.Request.Method = tt.method
			noHandshake := 0
			for range 3 {
				p := mustFetch(t, f, a)
				if want := map[bool]string{true: "HTTP/2.0", false: "HTTP/1.1"}[tt.h2]; p.Proto != want {
					t.Errorf("proto %q, want %q", p.Proto, want)
				}
				if string(p.Body) != "hello" || p.RemoteAddr != s.Listener.Addr().String() {
					t.Errorf("body %q from %q", p.Body, p.RemoteAddr)
				}
				if (p.TLS != nil) != tt.tls {
					t.Errorf("TLS state %v", p.TLS)
				}
				if tt.tls && p.Timing.TLS == 0 {
					noHandshake++
				}
			}
			if got := count(); got != tt.wantConns {
				t.Errorf("%d connections, want %d", got, tt.wantConns)
			}
			if noHandshake != tt.wantTLS0 {
				t.Errorf("%d checks without a handshake, want %d", noHandshake, tt.wantTLS0)
			}
		})
	}
}

// Checks at one time must not share an HTTP/2 connection either.
func TestFreshConnectionsHTTP2Concurrently(t *testing.T) {
	t.Parallel()
	const checks = 8
	var arrived sync.WaitGroup
	arrived.Add(checks)
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		arrived.Done()
		arrived.Wait() // all are in flight together
	}))
	count := countConns(s)
	s.EnableHTTP2 = true
	s.StartTLS()
	t.Cleanup(s.Close)
	f := newTestFetcher(t, Options{})
	a := asset(s.URL)
	a.Request.InsecureTLS = true
	var done sync.WaitGroup
	for range checks {
		done.Go(func() {
			if p := f.Fetch(t.Context(), a); p.Err != nil || p.Proto != "HTTP/2.0" {
				t.Errorf("%s, %v", p.Proto, p.Err)
			}
		})
	}
	done.Wait()
	if got := count(); got != checks {
		t.Errorf("%d connections, want %d", got, checks)
	}
}
