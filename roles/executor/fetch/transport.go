package fetch

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"net/url"
	"time"
)

const (
	maxHeaderBytes = 256 << 10
	writeBuffer    = 1 << 10          // a request is short; thousands wait at once for an answer
	idleTimeout    = 90 * time.Second // outlives the usual minute between two checks

	// writeTimeout ends a shared HTTP/2 connection that takes nothing more.
	// net/http answers pings as they come, and reading a body waits for those
	// answers to be written, whatever the request's context says.
	writeTimeout = 5 * time.Second
)

// newTransport makes the transport for one way of treating certificates.
func newTransport(o Options, insecure bool) *http.Transport {
	d := &dialer{
		// TCP keep-alive only matters to connections that are kept.
		tcp: net.Dialer{KeepAlive: -1, Control: o.Guard.Control, Resolver: o.resolver},
		tls: &tls.Config{
			RootCAs:            o.RootCAs,
			InsecureSkipVerify: insecure,
			NextProtos:         []string{"h2", "http/1.1"},
			// X25519 first halves the cost of a handshake: the default's
			// post-quantum share protects secrets that a check does not have.
			CurvePreferences:   []tls.CurveID{tls.X25519, tls.CurveP256, tls.CurveP384, tls.CurveP521},
			ClientSessionCache: newSessions(maxSessions, maxSessionAge),
		},
	}
	if o.KeepAlive {
		d.tcp.KeepAlive = 0 // the default interval
	}
	return &http.Transport{
		DialContext:            d.dialPlain,
		DialTLSContext:         d.dialTLS,
		ForceAttemptHTTP2:      true, // custom dialers turn it off otherwise
		DisableCompression:     true, // bodies are decoded here, by their own limit
		MaxResponseHeaderBytes: maxHeaderBytes,
		WriteBufferSize:        writeBuffer,
		MaxIdleConnsPerHost:    o.PerHost,
		IdleConnTimeout:        idleTimeout,
		HTTP2:                  &http.HTTP2Config{MaxReadFrameSize: 16 << 10, WriteByteTimeout: writeTimeout},
	}
}

// send sends req and returns the answer's head. done ends the exchange once
// the body has been read; it is nil when err is not.
func (f *Fetcher) send(req *http.Request, target *url.URL, hop *trace, insecure bool) (resp *http.Response, done func(), err error) {
	transport := f.verified
	if insecure {
		transport = f.insecure
	}
	if f.options.KeepAlive && replayable(req.Method) {
		resp, err = transport.RoundTrip(req)
		if err != nil {
			return nil, nil, err
		}
		return resp, func() { resp.Body.Close() }, nil
	}
	// A connection of its own, outside the transport's pool: with the pool,
	// HTTP/2 checks of one host at one time would share a connection even
	// with keep-alive off.
	conn, err := transport.NewClientConn(req.Context(), target.Scheme, target.Host)
	if err != nil {
		return nil, nil, err
	}
	// The end of the check ends all that waits for the connection; see
	// writeTimeout.
	release := context.AfterFunc(req.Context(), func() { conn.Close() })
	req.Close = true // sends "Connection: close", so the server need not wait for more
	hop.connected()
	resp, err = conn.RoundTrip(req)
	if err != nil {
		release()
		conn.Close()
		return nil, nil, err
	}
	return resp, func() {
		resp.Body.Close() // may wait for the connection, so it is released after
		conn.Close()
		release()
	}, nil
}

// replayable tells whether a request can be sent again when the server closed
// an idle connection just then. The others always get a fresh connection,
// so that such a close is never mistaken for a failure of the target.
func replayable(method string) bool {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodTrace:
		return true
	}
	return false
}

// dialer opens connections and tells the trace in the context about it.
type dialer struct {
	tcp net.Dialer
	tls *tls.Config
}

func (d *dialer) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	hop := traceOf(ctx)
	hop.enter(connecting)
	start := time.Now()
	conn, err := d.tcp.DialContext(ctx, network, addr)
	hop.dialed(time.Since(start), conn)
	return conn, err
}

func (d *dialer) dialPlain(ctx context.Context, network, addr string) (net.Conn, error) {
	conn, err := d.dial(ctx, network, addr)
	if err != nil {
		return nil, err
	}
	return newGate(conn), nil
}

func (d *dialer) dialTLS(ctx context.Context, network, addr string) (net.Conn, error) {
	conn, err := d.dial(ctx, network, addr)
	if err != nil {
		return nil, err
	}
	config := d.tls.Clone()
	if config.ServerName, _, err = net.SplitHostPort(addr); err != nil {
		conn.Close()
		return nil, err
	}
	hop := traceOf(ctx)
	hop.enter(handshaking)
	start := time.Now()
	secured := tls.Client(conn, config)
	err = secured.HandshakeContext(ctx)
	hop.shookHands(time.Since(start), secured.ConnectionState(), err)
	if err != nil {
		conn.Close()
		return nil, err
	}
	return secured, nil
}
