package zmqwire

import (
	"context"
	"fmt"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pebbe/zmq4"
)

// patience is how long a test waits for something that must happen. It bounds a failing
// test, a passing one does not come near it.
const patience = 30 * time.Second

var names atomic.Int64

// transports lists one endpoint maker a transport; each endpoint is a new one.
var transports = map[string]func(t *testing.T) string{
	"tcp":    func(*testing.T) string { return "tcp://127.0.0.1:*" },
	"inproc": func(*testing.T) string { return fmt.Sprintf("inproc://test-%d", names.Add(1)) },
	"ipc":    func(t *testing.T) string { return "ipc://" + filepath.Join(t.TempDir(), "s") },
}

// overAll runs a test over every transport.
func overAll(t *testing.T, test func(t *testing.T, endpoint func() string)) {
	t.Helper()
	for name, make := range transports {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, func() string { return make(t) })
		})
	}
}

func newContext(t testing.TB) *Context {
	t.Helper()
	return newContextWith(t, Options{})
}

func newContextWith(t testing.TB, options Options) *Context {
	t.Helper()
	c, err := NewContext(options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Term)
	return c
}

func newStreamer(t testing.TB, c *Context, front, back string) *Streamer {
	t.Helper()
	s, err := c.NewStreamer([]string{front}, []string{back})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// run runs the streamer and fails the test if it ends with an error.
func run(t testing.TB, s *Streamer) {
	t.Helper()
	go func() {
		if err := s.Run(context.Background()); err != nil {
			t.Errorf("the streamer ended: %v", err)
		}
	}()
}

func newPusher(t testing.TB, c *Context, s *Streamer) *Pusher {
	t.Helper()
	p, err := c.NewPusher(s.FrontEndpoints()[0])
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func newPuller(t testing.TB, c *Context, s *Streamer) *Puller {
	t.Helper()
	p, err := c.NewPuller(s.BackEndpoints()[0])
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// rawSocket makes a connected plain ZeroMQ socket in the context, owned by the test's goroutine.
func rawSocket(t *testing.T, c *Context, kind zmq4.Type, endpoint string) *zmq4.Socket {
	t.Helper()
	sock, err := c.zmq.NewSocket(kind)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { sock.Close() }) // runs before Term
	for _, err := range []error{
		sock.SetLinger(0), sock.SetRcvtimeo(patience), sock.SetSndtimeo(patience), sock.Connect(endpoint),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	return sock
}

func soon(t testing.TB) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	return ctx
}

func makeIDs(n int) []string {
	ids := make([]string, n)
	for i := range ids {
		ids[i] = fmt.Sprintf("job-%06d", i)
	}
	return ids
}

// next reads one id, or fails the test.
func next(t *testing.T, p *Puller) string {
	t.Helper()
	select {
	case id, open := <-p.IDs():
		if !open {
			t.Fatal("the puller ended")
		}
		return id
	case <-time.After(patience):
		t.Fatal("no id came")
	}
	return ""
}

// eventually waits for a condition that another goroutine brings about.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	deadline := time.After(patience)
	for !holds() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("this never came true: %s", what)
		}
	}
}
