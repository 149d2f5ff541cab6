package fetch

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
	"golang.org/x/sync/errgroup"

	"webmon/plugins"
	"webmon/store"
)

// serveHTTP2 starts a TLS server that speaks only as much HTTP/2 as handle
// does: it gets each connection once the request's headers have come. It returns
// its address, "https://…".
func serveHTTP2(t testing.TB, handle func(*http2Conn)) string {
	t.Helper()
	config := &tls.Config{
		Certificates: []tls.Certificate{newAuthority(t).issue("127.0.0.1", time.Hour)},
		NextProtos:   []string{"h2"},
	}
	return strings.Replace(serveRaw(t, func(raw net.Conn) {
		conn := tls.Server(raw, config)
		if _, err := io.ReadFull(conn, make([]byte, len(http2.ClientPreface))); err != nil {
			return
		}
		c := &http2Conn{conn: conn, framer: http2.NewFramer(conn, conn)}
		c.framer.WriteSettings()
		for {
			frame, err := c.framer.ReadFrame()
			if err != nil {
				return
			}
			if headers, ok := frame.(*http2.HeadersFrame); ok {
				c.stream = headers.StreamID
				break
			}
		}
		handle(c)
	}), "http", "https", 1)
}

// http2Conn is the server's end of a connection.
type http2Conn struct {
	conn   net.Conn
	framer *http2.Framer
	stream uint32 // of the request
}

// read takes what the client sends and throws it away, until it hangs up.
func (c *http2Conn) read() { io.Copy(io.Discard, c.conn) }

// headers sends a block of headers, pairs of name and value.
func (c *http2Conn) headers(end bool, pairs ...string) error {
	return c.framer.WriteHeaders(http2.HeadersFrameParam{
		StreamID: c.stream, BlockFragment: block(pairs...), EndHeaders: true, EndStream: end,
	})
}

func block(pairs ...string) []byte {
	var buf bytes.Buffer
	encoder := hpack.NewEncoder(&buf)
	for i := 0; i < len(pairs); i += 2 {
		encoder.WriteField(hpack.HeaderField{Name: pairs[i], Value: pairs[i+1]})
	}
	return buf.Bytes()
}

// forever calls send until the client hangs up.
func forever(send func() error) {
	for send() == nil {
	}
}

// What servers send without end, or in lies, ends with the check, and takes a
// bounded part of the memory. Not parallel: it measures the whole process.
func TestFloods(t *testing.T) {
	log.SetOutput(io.Discard) // net/http tells there of what it gets
	defer log.SetOutput(os.Stderr)
	const limit = 1 << 20 // of bodies
	x := strings.Repeat("x", 8<<10)
	status := []string{":status", "200"}
	h1 := func(begin, rest string) string {
		return serveRaw(t, func(conn net.Conn) {
			io.WriteString(conn, begin)
			flood(conn, rest)
		})
	}
	const chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
	tests := []struct {
		name, url string
		class     plugins.ErrorClass
		message   string
	}{
		{"body", h1("HTTP/1.1 200 OK\r\n\r\n", x), "", ""},
		{"body of a huge length", h1("HTTP/1.1 200 OK\r\nContent-Length: 9223372036854775807\r\n\r\n", x), "", ""},
		{"body in chunks", h1(chunked, "2000\r\n"+x+"\r\n"), "", ""},
		{"body of tiny chunks", h1(chunked, strings.Repeat("1\r\nx\r\n", 1000)), "", ""},
		{"chunk of a huge length", h1(chunked+"7fffffffffffffff\r\n", x), "", ""},
		{"one endless chunk extension", h1(chunked+"1;", x), plugins.ErrProtocol, "too long"},
		{"chunk extensions", h1(chunked, strings.Repeat("1;"+x[:2000]+"\r\nx\r\n", 100)), plugins.ErrProtocol, "chunk"},
		{"trailers", h1(chunked+"0\r\n", strings.Repeat("X: y\r\n", 1000)), plugins.ErrProtocol, "trailer"},
		{"status line", h1("HTTP/1.1 200 ", x), plugins.ErrProtocol, "headers exceeded"},
		{"one header", h1("HTTP/1.1 200 OK\r\nX: ", x), plugins.ErrProtocol, "headers exceeded"},
		{"headers", h1("HTTP/1.1 200 OK\r\n", strings.Repeat("X: y\r\n", 1000)), plugins.ErrProtocol, "headers exceeded"},
		{"folded header", h1("HTTP/1.1 200 OK\r\nX: y\r\n", strings.Repeat(" y\r\n", 1000)), plugins.ErrProtocol, "headers exceeded"},
		{"informational answers 100", h1("", strings.Repeat("HTTP/1.1 100 Continue\r\n\r\n", 1000)), plugins.ErrProtocol, "headers exceeded"},
		{"informational answers 103", h1("", strings.Repeat("HTTP/1.1 103 Early Hints\r\n\r\n", 1000)), plugins.ErrProtocol, "headers exceeded"},
		{"Location", h1("HTTP/1.1 302 Found\r\nLocation: /", x), plugins.ErrProtocol, "headers exceeded"},
		{"TLS handshake", strings.Replace(h1("\x16\x03\x03\x40\x00\x0b\xff\xff\xff", x), "http", "https", 1), plugins.ErrTLS, ""},

		{"HTTP/2: body", serveHTTP2(t, func(c *http2Conn) {
			c.headers(false, status...)
			go c.read()
			forever(func() error { return c.framer.WriteData(c.stream, false, []byte(x)) })
		}), "", ""},
		{"HTTP/2: empty data", serveHTTP2(t, func(c *http2Conn) {
			c.headers(false, status...)
			go c.read()
			forever(func() error { return c.framer.WriteData(c.stream, false, nil) })
		}), plugins.ErrTimeout, "timed out after 1s"},
		{"HTTP/2: data that is all padding", serveHTTP2(t, func(c *http2Conn) {
			c.headers(false, status...)
			go c.read()
			forever(func() error { return c.framer.WriteDataPadded(c.stream, false, nil, make([]byte, 255)) })
		}), plugins.ErrTimeout, "timed out after 1s"},
		{"HTTP/2: pings", serveHTTP2(t, func(c *http2Conn) {
			go c.read()
			forever(func() error { return c.framer.WritePing(false, [8]byte{}) })
		}), plugins.ErrTimeout, "timed out after 1s"},
		{"HTTP/2: settings", serveHTTP2(t, func(c *http2Conn) {
			go c.read()
			forever(func() error {
				return c.framer.WriteSettings(http2.Setting{ID: http2.SettingHeaderTableSize, Val: 1<<32 - 1})
			})
		}), plugins.ErrTimeout, "timed out after 1s"},
		{"HTTP/2: settings, never reading", serveHTTP2(t, func(c *http2Conn) {
			forever(func() error { return c.framer.WriteSettings() })
		}), plugins.ErrTimeout, "timed out after 1s"},
		{"HTTP/2: resets of other streams", serveHTTP2(t, func(c *http2Conn) {
			go c.read()
			forever(func() error { return c.framer.WriteRSTStream(c.stream+2, http2.ErrCodeCancel) })
		}), plugins.ErrTimeout, "timed out after 1s"},
		{"HTTP/2: reset", serveHTTP2(t, func(c *http2Conn) {
			c.framer.WriteRSTStream(c.stream, http2.ErrCodeCancel)
			c.read()
		}), plugins.ErrProtocol, "stream error"},
		{"HTTP/2: unknown frames", serveHTTP2(t, func(c *http2Conn) {
			go c.read()
			forever(func() error { return c.framer.WriteRawFrame(0xee, 0, 0, []byte(x)) })
		}), plugins.ErrTimeout, "timed out after 1s"},
		{"HTTP/2: window updates", serveHTTP2(t, func(c *http2Conn) {
			go c.read()
			forever(func() error { return c.framer.WriteWindowUpdate(0, 1<<31-1) })
		}), plugins.ErrProtocol, ""},
		{"HTTP/2: pushed answers", serveHTTP2(t, func(c *http2Conn) {
			go c.read()
			forever(func() error {
				return c.framer.WritePushPromise(http2.PushPromiseParam{StreamID: c.stream, PromiseID: 2, BlockFragment: block(status...), EndHeaders: true})
			})
		}), plugins.ErrProtocol, ""},
		{"HTTP/2: headers", serveHTTP2(t, func(c *http2Conn) {
			go c.read()
			c.framer.WriteHeaders(http2.HeadersFrameParam{StreamID: c.stream, BlockFragment: block(status...)})
			more := bytes.Repeat(block("x", "y"), 1000)
			forever(func() error { return c.framer.WriteContinuation(c.stream, false, more) })
		}), plugins.ErrProtocol, ""},
		{"HTTP/2: empty continuations", serveHTTP2(t, func(c *http2Conn) {
			go c.read()
			c.framer.WriteHeaders(http2.HeadersFrameParam{StreamID: c.stream, BlockFragment: block(status...)})
			forever(func() error { return c.framer.WriteContinuation(c.stream, false, nil) })
		}), plugins.ErrTimeout, "timed out after 1s"},
		{"HTTP/2: a header that unpacks a thousand times", serveHTTP2(t, func(c *http2Conn) {
			go c.read()
			var bomb bytes.Buffer
			encoder := hpack.NewEncoder(&bomb)
			encoder.WriteField(hpack.HeaderField{Name: ":status", Value: "200"})
			for range 10_000 { // all but the first are a byte each
				encoder.WriteField(hpack.HeaderField{Name: "x", Value: x[:3000]})
			}
			c.framer.WriteHeaders(http2.HeadersFrameParam{StreamID: c.stream, BlockFragment: bomb.Bytes(), EndHeaders: true, EndStream: true})
			<-t.Context().Done()
		}), plugins.ErrProtocol, ""},
		{"HTTP/2: informational answers", serveHTTP2(t, func(c *http2Conn) {
			go c.read()
			forever(func() error { return c.headers(false, ":status", "103", "x", x[:1000]) })
		}), plugins.ErrProtocol, ""},
		{"HTTP/2: a frame of 16 MiB", serveHTTP2(t, func(c *http2Conn) {
			go c.read()
			c.conn.Write([]byte{0xff, 0xff, 0xff, 0, 0, 0, 0, 0, byte(c.stream)})
			forever(func() error { _, err := io.WriteString(c.conn, x); return err })
		}), plugins.ErrProtocol, ""},
	}
	f := newTestFetcher(t, Options{MaxBody: limit})
	peak := memoryPeak(func() {
		var all errgroup.Group
		all.SetLimit(8)
		for _, tt := range tests {
			all.Go(func() error {
				a := asset(tt.url)
				a.Request.InsecureTLS = true
				if tt.class == plugins.ErrTimeout {
					a.Timeout = store.Duration(time.Second)
				}
				mustEnd(t, tt.name, func() {
					p := f.Fetch(t.Context(), a)
					if p.ErrClass != tt.class || p.Err != nil && !strings.Contains(p.Err.Error(), tt.message) {
						t.Errorf("%s: class %q, %v; want %q and %q", tt.name, p.ErrClass, p.Err, tt.class, tt.message)
					}
					if p.Err == nil && (!p.Truncated || p.WireBytes != limit) {
						t.Errorf("%s: %d bytes, truncated %t", tt.name, p.WireBytes, p.Truncated)
					}
				})
				return nil
			})
		}
		all.Wait()
	})
	if peak > 128<<20 {
		t.Errorf("%d MiB of memory", peak>>20)
	}
}

// A server that asks and never reads must not hold a check, which waits for the
// answers to be written before it can read on.
func TestServerNeverReads(t *testing.T) {
	t.Parallel()
	for _, keepAlive := range []bool{false, true} {
		url := serveHTTP2(t, func(c *http2Conn) {
			c.headers(false, ":status", "200")
			c.framer.WriteData(c.stream, false, []byte("begun"))
			forever(func() error { return c.framer.WritePing(false, [8]byte{}) })
		})
		f := newTestFetcher(t, Options{KeepAlive: keepAlive})
		if !keepAlive {
			f.insecure.HTTP2.WriteByteTimeout = 0 // the check's own end has to do
		}
		a := asset(url)
		a.Request.InsecureTLS = true
		a.Timeout = store.Duration(2 * time.Second)
		mustEnd(t, fmt.Sprintf("keep-alive %t", keepAlive), func() {
			p := f.Fetch(t.Context(), a)
			if p.ErrClass != plugins.ErrTimeout || string(p.Body) != "begun" {
				t.Errorf("keep-alive %t: %s: %v, %q", keepAlive, p.ErrClass, p.Err, p.Body)
			}
		})
	}
}

// 10,000 headers are taken while they are short; the limit is their size.
func TestManyHeaders(t *testing.T) {
	t.Parallel()
	f := newTestFetcher(t, Options{})
	for _, tt := range []struct {
		value string
		class plugins.ErrorClass
	}{{"y\xff", ""}, {strings.Repeat("y", 20), plugins.ErrProtocol}} {
		var head strings.Builder
		for i := range 10_000 {
			fmt.Fprintf(&head, "X-%d: %s\r\n", i, tt.value)
		}
		p := f.Fetch(t.Context(), asset(answering(t, "HTTP/1.1 200 OK\r\n"+head.String()+"\r\nhello")))
		if p.ErrClass != tt.class || tt.class == "" && (len(p.Header) != 10_000 || string(p.Body) != "hello") {
			t.Errorf("%d bytes: %q, %v, %d headers, body %q", head.Len(), p.ErrClass, p.Err, len(p.Header), p.Body)
		}
	}
}
