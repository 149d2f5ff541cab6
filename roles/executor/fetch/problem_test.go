package fetch

import (
	"bufio"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/net/http2"

	"webmon/plugins"
	"webmon/store"
)

// serveRaw starts a TCP server that gives each connection to handle and then
// closes it. It returns its address, "http://…".
func serveRaw(t testing.TB, handle func(net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				handle(conn)
			}()
		}
	}()
	return "http://" + l.Addr().String()
}

// answering is a raw server that reads the request and sends answer, whatever
// it is.
func answering(t testing.TB, answer string) string {
	return serveRaw(t, func(conn net.Conn) {
		http.ReadRequest(bufio.NewReader(conn))
		io.WriteString(conn, answer)
	})
}

// untilGone is a raw server's way to wait for the client to give up.
func untilGone(conn net.Conn) { io.Copy(io.Discard, conn) }

// closedPort is the address of a port that nobody listens on.
func closedPort(t testing.TB) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func TestErrorClasses(t *testing.T) {
	t.Parallel()
	plain := serve(t, func(w http.ResponseWriter, r *http.Request) {})
	broken := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		panic(http.ErrAbortHandler) // resets the stream
	}))
	broken.EnableHTTP2 = true
	broken.StartTLS()
	t.Cleanup(broken.Close)

	tests := []struct {
		name, url string
		class     plugins.ErrorClass
		message   string
		status    int // when an answer's head came all the same
	}{
		{"unknown name", "http://no-such-host.invalid./", plugins.ErrDNS, "no-such-host.invalid", 0},
		{"refused", "http://" + closedPort(t), plugins.ErrRefused, "refused the connection", 0},
		{"refused TLS", "https://" + closedPort(t), plugins.ErrRefused, "refused the connection", 0},
		{"closes at once", serveRaw(t, func(net.Conn) {}), plugins.ErrReset, "closed the connection", 0},
		{"closes after the request", answering(t, ""), plugins.ErrReset, "closed the connection", 0},
		{"resets", serveRaw(t, func(conn net.Conn) {
			http.ReadRequest(bufio.NewReader(conn))
			conn.(*net.TCPConn).SetLinger(0)
		}), plugins.ErrReset, "while waiting for the answer", 0},
		{"ends in the head", answering(t, "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n"), plugins.ErrReset, "while waiting for the answer", 0},
		{"ends in the body", answering(t, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc"), plugins.ErrReset, "while reading the body", 200},
		{"ends in a chunk", answering(t, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab"), plugins.ErrReset, "while reading the body", 200},
		{"closes in the handshake", strings.Replace(serveRaw(t, func(conn net.Conn) {
			conn.Read(make([]byte, 1))
		}), "http", "https", 1), plugins.ErrReset, "in the TLS handshake", 0},
		{"garbage", answering(t, "\x00\x01garbage\r\n\r\n"), plugins.ErrProtocol, "not valid HTTP: malformed", 0},
		{"greets first", serveRaw(t, func(conn net.Conn) {
			io.WriteString(conn, "SSH-2.0-OpenSSH_9.2\r\n")
			untilGone(conn)
		}), plugins.ErrProtocol, "SSH-2.0", 0},
		{"bad header", answering(t, "HTTP/1.1 200 OK\r\nno colon\r\n\r\n"), plugins.ErrProtocol, "malformed", 0},
		{"bad length", answering(t, "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n"), plugins.ErrProtocol, "Content-Length", 0},
		{"two lengths", answering(t, "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab"), plugins.ErrProtocol, "Content-Length", 0},
		{"negative length", answering(t, "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nab"), plugins.ErrProtocol, "Content-Length", 0},
		{"length that overflows", answering(t, "HTTP/1.1 200 OK\r\nContent-Length: 18446744073709551617\r\n\r\na"), plugins.ErrProtocol, "Content-Length", 0},
		{"huge length, short body", answering(t, "HTTP/1.1 200 OK\r\nContent-Length: 9223372036854775807\r\n\r\nab"), plugins.ErrReset, "while reading the body", 200},
		{"chunks and length", answering(t, "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab"), plugins.ErrReset, "while reading the body", 200},
		{"unknown transfer encoding", answering(t, "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"), plugins.ErrProtocol, "transfer encoding", 0},
		{"chunk length that overflows", answering(t, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10000000000000000\r\na"), plugins.ErrProtocol, "chunk", 200},
		{"negative chunk", answering(t, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\nab"), plugins.ErrProtocol, "chunk", 200},
		{"null in a header", answering(t, "HTTP/1.1 200 OK\r\nX: a\x00b\r\n\r\n"), plugins.ErrProtocol, "malformed", 0},
		{"bad chunk", answering(t, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"), plugins.ErrProtocol, "chunk", 200},
		{"HTTP/2 stream error", broken.URL, plugins.ErrProtocol, "stream error", 0},
		{"no TLS", strings.Replace(plain.URL, "http", "https", 1), plugins.ErrTLS, "does not speak TLS", 0},
		{"no scheme", "example.com/", plugins.ErrRequest, "scheme", 0},
		{"other scheme", "file:///etc/passwd", plugins.ErrRequest, `"file"`, 0},
		{"no host", "http:///x", plugins.ErrRequest, "no host", 0},
		{"bad port", "http://127.0.0.1:70000/", plugins.ErrRequest, "70000", 0},
		{"bad URL", "http://a b/", plugins.ErrRequest, "malformed", 0},
	}
	f := newTestFetcher(t, Options{})
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			a := asset(tt.url)
			a.Request.InsecureTLS = true
			p := f.Fetch(t.Context(), a)
			if p.ErrClass != tt.class || p.Err == nil || !strings.Contains(p.Err.Error(), tt.message) {
				t.Errorf("class %q, error %v; want %q and %q", p.ErrClass, p.Err, tt.class, tt.message)
			}
			if p.Err != nil && strings.Contains(p.Err.Error(), tt.url) {
				t.Errorf("the error repeats the address: %v", p.Err)
			}
			if p.Status != tt.status {
				t.Errorf("status %d, want %d", p.Status, tt.status)
			}
			if p.Timing.Total <= 0 {
				t.Errorf("total time %v", p.Timing.Total)
			}
		})
	}
}

// flood writes s again and again until the client hangs up.
func flood(conn net.Conn, s string) {
	for {
		if _, err := io.WriteString(conn, s); err != nil {
			return
		}
	}
}

func TestUnreachable(t *testing.T) {
	t.Parallel()
	for _, errno := range []syscall.Errno{syscall.EHOSTUNREACH, syscall.ENETUNREACH} {
		err := &net.OpError{Op: "dial", Err: errno}
		if p := networkProblem(err, progress{}); p == nil || p.class != plugins.ErrUnreachable || !errors.Is(p, errno) {
			t.Errorf("%v: %v", errno, p)
		}
	}
}

func TestRequestErrors(t *testing.T) {
	t.Parallel()
	f := newTestFetcher(t, Options{})
	for message, r := range map[string]store.Request{
		"method":                 {Method: "GE T"},
		`"a b" is not a header`:  {Headers: map[string]string{"a b": "c"}},
		"the header X-A holds":   {Headers: map[string]string{"X-A": "c\r\nEvil: 1"}},
		"the user agent holds":   {UserAgent: "a\nb"},
		"the bearer token holds": {BearerToken: "a\nb"},
		`"a{b" is not a host`:    {Headers: map[string]string{"Host": "a{b"}},
		"the header Host holds":  {Headers: map[string]string{"Host": "a\nb"}},
	} {
		a := asset("http://" + closedPort(t))
		a.Request = r
		p := f.Fetch(t.Context(), a)
		if p.ErrClass != plugins.ErrRequest || !strings.Contains(p.Err.Error(), message) {
			t.Errorf("%s: got %s: %v", message, p.ErrClass, p.Err)
		}
	}
}

// Each server stops at another point; the asset's timeout has to end it there.
func TestTimeout(t *testing.T) {
	t.Parallel()
	f := newTestFetcher(t, Options{})
	var zipped strings.Builder
	z := gzip.NewWriter(&zipped)
	io.WriteString(z, "begun")
	z.Flush()
	for _, tt := range []struct {
		name, url, phase string
		status           int
		body             string
	}{
		{"handshake", strings.Replace(serveRaw(t, untilGone), "http", "https", 1), "in the TLS handshake", 0, ""},
		{"answer", serveRaw(t, untilGone), "waiting for the answer", 0, ""},
		{"head", serveRaw(t, func(conn net.Conn) {
			io.WriteString(conn, "HTTP/1.1 200 OK\r\nX: ")
			untilGone(conn)
		}), "waiting for the answer", 0, ""},
		{"body", serveRaw(t, func(conn net.Conn) {
			io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\nContent-Type: text/plain\r\n\r\nbegun")
			untilGone(conn)
		}), "reading the body", 200, "begun"},
		{"compressed body", serveRaw(t, func(conn net.Conn) {
			fmt.Fprintf(conn, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\nContent-Encoding: gzip\r\n\r\n%s", zipped.String())
			untilGone(conn)
		}), "reading the body", 200, "begun"},
		{"handshake by drops", strings.Replace(serveRaw(t, func(conn net.Conn) {
			io.WriteString(conn, "\x16\x03\x03\x40\x00\x02\x00\x3f\x00") // the beginning of a greeting
			drip(conn)
		}), "http", "https", 1), "in the TLS handshake", 0, ""},
		{"head by drops", serveRaw(t, func(conn net.Conn) {
			io.WriteString(conn, "HTTP/1.1 200 OK\r\nX: ")
			drip(conn)
		}), "waiting for the answer", 0, ""},
		{"informational answers by drops", serveRaw(t, func(conn net.Conn) {
			dripOf(conn, "HTTP/1.1 103 Early Hints\r\n\r\n")
		}), "waiting for the answer", 0, ""},
		{"HTTP/2 head by drops", serveHTTP2(t, func(c *http2Conn) {
			go c.read()
			c.conn.Write([]byte{0, 0x40, 0, 1, 4, 0, 0, 0, byte(c.stream)}) // 16 KiB of headers are to follow
			drip(c.conn)
		}), "waiting for the answer", 0, ""},
		{"HTTP/2 that never takes a body", serveHTTP2(t, func(c *http2Conn) {
			c.framer.WriteSettings(http2.Setting{ID: http2.SettingInitialWindowSize, Val: 0})
			c.read()
		}), "waiting for the answer", 0, ""},
		{"chunks by drops", serveRaw(t, func(conn net.Conn) {
			io.WriteString(conn, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Type: text/plain\r\n\r\n5\r\nbegun\r\n")
			dripOf(conn, "0")
		}), "reading the body", 200, "begun"},
		{"trailer by drops", serveRaw(t, func(conn net.Conn) {
			io.WriteString(conn, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Type: text/plain\r\n\r\n5\r\nbegun\r\n0\r\nX: ")
			drip(conn)
		}), "reading the body", 200, "begun"},
		{"body by drops", serveRaw(t, func(conn net.Conn) {
			io.WriteString(conn, "HTTP/1.1 200 OK\r\n\r\n")
			drip(conn)
		}), "reading the body", 200, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			a := asset(tt.url)
			a.Timeout = store.Duration(time.Second)
			a.Request.InsecureTLS = true
			if strings.Contains(tt.name, "takes a body") {
				a.Request.Method, a.Request.Body = http.MethodPost, "a=1"
			}
			ctx := t.Context()
			p := f.Fetch(ctx, a)
			if p.ErrClass != plugins.ErrTimeout || !strings.Contains(p.Err.Error(), "timed out after 1s while "+tt.phase) {
				t.Fatalf("%s: %v", p.ErrClass, p.Err)
			}
			if !errors.Is(p.Err, context.DeadlineExceeded) || ctx.Err() != nil {
				t.Errorf("a timeout must not look like an interruption: %v, %v", p.Err, ctx.Err())
			}
			if p.Status != tt.status || tt.body != "" && string(p.Body) != tt.body {
				t.Errorf("status %d, body %q", p.Status, p.Body)
			}
			if p.Timing.Total < 300*time.Millisecond {
				t.Errorf("gave up after %v", p.Timing.Total)
			}
		})
	}
}

// drip writes one byte at a time until the client hangs up.
func drip(conn net.Conn) { dripOf(conn, ".") }

func dripOf(conn net.Conn, s string) {
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for range tick.C {
		if _, err := io.WriteString(conn, s); err != nil {
			return
		}
	}
}
