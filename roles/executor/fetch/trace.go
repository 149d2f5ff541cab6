package fetch

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http/httptrace"
	"sync"
	"time"

	"webmon/plugins"
)

// phase is what a hop is busy with.
type phase int

const (
	connecting phase = iota
	resolving
	handshaking
	waiting // for the first byte of the answer, or the rest of its head
	reading // the body
)

func (p phase) String() string {
	return [...]string{
		connecting:  "connecting",
		resolving:   "resolving the host's name",
		handshaking: "in the TLS handshake",
		waiting:     "waiting for the answer",
		reading:     "reading the body",
	}[p]
}

// trace follows one request. Each request has its own, because the transport
// may report from its goroutines after the request has ended.
type trace struct {
	mu     sync.Mutex
	phase  phase
	frozen bool // the request has a connection: late news of dials is not its own
	http2  bool
	remote string
	state  *tls.ConnectionState // of a handshake that failed on the certificate

	dns, connect, tls time.Duration // connect holds only the TCP part
	lookup            time.Time     // when the name lookup began
	ready             time.Time     // when there was a connection to write to
	wrote             time.Time     // when the request had been written
	first             time.Time     // when the first byte of the answer came
	end               time.Time     // when the body had been read
}

type traceKey struct{}

// withTrace returns a context that makes dialers and the transport report to
// the new trace.
func withTrace(ctx context.Context) (context.Context, *trace) {
	t := &trace{}
	ctx = context.WithValue(ctx, traceKey{}, t)
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		DNSStart:             t.dnsStart,
		DNSDone:              t.dnsDone,
		GotConn:              t.gotConn,
		WroteRequest:         t.wroteRequest,
		GotFirstResponseByte: t.firstByte,
	}), t
}

// traceOf returns the trace of a context made by withTrace.
func traceOf(ctx context.Context) *trace { return ctx.Value(traceKey{}).(*trace) }

func (t *trace) enter(p phase) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.frozen || p == reading {
		t.phase = p
	}
}

func (t *trace) dnsStart(httptrace.DNSStartInfo) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.frozen {
		t.phase, t.lookup = resolving, time.Now()
	}
}

func (t *trace) dnsDone(info httptrace.DNSDoneInfo) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.frozen {
		return
	}
	t.dns += time.Since(t.lookup)
	if info.Err == nil {
		t.phase = connecting
	}
}

// dialed records a dial, name lookup included. Timing the dial as a whole
// keeps the parallel attempts of a host with several addresses apart.
func (t *trace) dialed(took time.Duration, conn net.Conn) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.frozen {
		return
	}
	t.connect += max(took-t.dns, 0)
	if conn != nil {
		t.remote = conn.RemoteAddr().String()
	}
}

func (t *trace) shookHands(took time.Duration, state tls.ConnectionState, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.frozen {
		return
	}
	t.tls += took
	t.http2 = state.NegotiatedProtocol == "h2"
	var refused *tls.CertificateVerificationError
	if errors.As(err, &refused) {
		state.PeerCertificates = refused.UnverifiedCertificates
		t.state = &state
	}
}

// gotConn is called by the transport's pool only.
func (t *trace) gotConn(info httptrace.GotConnInfo) {
	t.mu.Lock()
	if info.Reused {
		t.dns, t.connect, t.tls = 0, 0, 0
	}
	t.remote = info.Conn.RemoteAddr().String()
	t.mu.Unlock()
	t.connected()
}

// connected says that the request now has a connection.
func (t *trace) connected() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.frozen, t.phase, t.ready = true, waiting, time.Now()
}

func (t *trace) wroteRequest(httptrace.WroteRequestInfo) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.wrote = time.Now()
}

func (t *trace) firstByte() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.first = time.Now()
}

// finished says that the body has been read, or as much as came of it.
func (t *trace) finished() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.end = time.Now()
}

// addTo adds the hop's times to the page's. The times of the answer replace
// those of the hop before.
func (t *trace) addTo(timing *plugins.Timing) {
	t.mu.Lock()
	defer t.mu.Unlock()
	timing.DNS += t.dns
	timing.Connect += t.connect
	timing.TLS += t.tls
	timing.FirstByte, timing.Transfer = 0, 0
	if t.first.IsZero() {
		return
	}
	from := t.wrote
	if from.IsZero() || from.After(t.first) {
		// The answer overtook the news of the request having been written.
		from = t.ready
	}
	timing.FirstByte = max(t.first.Sub(from), 0)
	if !t.end.IsZero() {
		timing.Transfer = max(t.end.Sub(t.first), 0)
	}
}

func (t *trace) remoteAddr() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.remote
}

// refusedTLS is the state of a handshake that failed on the certificate, or nil.
func (t *trace) refusedTLS() *tls.ConnectionState {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.state
}

// progress is how far a hop has come.
type progress struct {
	phase    phase
	answered bool // the server has sent something
	http2    bool // HTTP/2 was agreed on
}

func (t *trace) progress() progress {
	t.mu.Lock()
	defer t.mu.Unlock()
	return progress{t.phase, !t.first.IsZero(), t.http2}
}
