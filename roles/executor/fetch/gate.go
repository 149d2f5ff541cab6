package fetch

import (
	"net"
	"sync"
)

// gate is a connection on which the client speaks first, as HTTP has it: what
// the server sends before it was asked is read after the first write. Without
// it net/http, which listens from the start, would sometimes take a server
// that greets at once (an SSH server, say) for one that closed an idle
// connection, and sometimes for one that speaks no HTTP.
type gate struct {
	net.Conn
	open   chan struct{}
	opener sync.Once
}

func newGate(conn net.Conn) *gate { return &gate{Conn: conn, open: make(chan struct{})} }

func (g *gate) Read(b []byte) (int, error) {
	<-g.open
	return g.Conn.Read(b)
}

func (g *gate) Write(b []byte) (int, error) {
	g.opener.Do(func() { close(g.open) })
	return g.Conn.Write(b)
}

func (g *gate) Close() error {
	g.opener.Do(func() { close(g.open) })
	return g.Conn.Close()
}
