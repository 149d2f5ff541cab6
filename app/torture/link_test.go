package torture

import (
	"io"
	"net"
	"sync"
	"testing"
	"time"
)

// link is a way between two processes that can be cut, frozen and slowed down.
// It listens on loopback and passes connections on to a target that may move.
type link struct {
	at string // host:port

	mu      sync.Mutex
	network string
	target  string
	cut     bool
	frozen  bool
	delay   time.Duration // of each piece of data
	changed chan struct{} // closed and replaced with every change
	conns   map[net.Conn]struct{}

	busy sync.Mutex // held by the fault that is using the link
}

func newLink(t *testing.T) *link {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := &link{at: listener.Addr().String(), changed: make(chan struct{}), conns: map[net.Conn]struct{}{}}
	t.Cleanup(func() {
		listener.Close()
		l.change(func() { l.cut = true })
	})
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go l.serve(conn)
		}
	}()
	return l
}

// change alters the link. A cut ends all its connections.
func (l *link) change(how func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	how()
	close(l.changed)
	l.changed = make(chan struct{})
	if l.cut {
		for conn := range l.conns {
			conn.Close()
		}
		clear(l.conns)
	}
}

// lead makes new connections go to another target; the old ones end.
func (l *link) lead(network, target string) {
	l.change(func() { l.network, l.target, l.cut = network, target, true })
	l.change(func() { l.cut = false })
}

func (l *link) heal() {
	l.change(func() { l.cut, l.frozen, l.delay = false, false, 0 })
}

// serve passes one connection on until one of its ends closes it.
func (l *link) serve(from net.Conn) {
	defer from.Close()
	l.mu.Lock()
	network, target, open := l.network, l.target, !l.cut
	l.mu.Unlock()
	if !open || target == "" {
		return
	}
	to, err := net.Dial(network, target)
	if err != nil {
		return
	}
	defer to.Close()
	l.mu.Lock()
	if l.cut || l.target != target {
		l.mu.Unlock()
		return
	}
	l.conns[from], l.conns[to] = struct{}{}, struct{}{}
	l.mu.Unlock()
	defer func() {
		l.mu.Lock()
		delete(l.conns, from)
		delete(l.conns, to)
		l.mu.Unlock()
	}()
	var both sync.WaitGroup
	both.Go(func() { l.copy(to, from); to.Close(); from.Close() })
	both.Go(func() { l.copy(from, to); to.Close(); from.Close() })
	both.Wait()
}

func (l *link) copy(to io.Writer, from io.Reader) {
	piece := make([]byte, 32<<10)
	for {
		n, err := from.Read(piece)
		if n > 0 {
			l.pass()
			if _, err := to.Write(piece[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

// pass waits while the link is frozen, and for its delay.
func (l *link) pass() {
	for {
		l.mu.Lock()
		frozen, delay, changed := l.frozen && !l.cut, l.delay, l.changed
		l.mu.Unlock()
		if !frozen {
			time.Sleep(delay)
			return
		}
		<-changed
	}
}
