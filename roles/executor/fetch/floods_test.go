package fetch

import (
	"bytes"
	"crypto/tls"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
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
