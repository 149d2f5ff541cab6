package zmqwire

import (
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pebbe/zmq4"
)

// ErrTerminated is returned by everything that is used after [Context.Term].
var ErrTerminated = errors.New("the ZeroMQ context is terminated")

// Context is the home of all sockets of a process. There is one a process, because
// inproc endpoints are only seen within a context. It is safe for concurrent use.
type Context struct {
	zmq     *zmq4.Context
	options Options
	closing chan struct{} // closed when Term begins
	owners  sync.WaitGroup
	inner   atomic.Int64 // numbers the endpoints of wakers and monitors
	refused atomic.Int64 // handshakes of bound sockets that failed
	term    sync.Once

	refusalLogged time.Time // when a refused peer was last logged

	mu         sync.Mutex // orders new sockets and owners before or after Term
	terminated bool
}

// NewContext makes a context. End it with [Context.Term].
func NewContext(options Options) (*Context, error) {
	if options.Logger == nil {
		options.Logger = slog.New(slog.DiscardHandler)
	}
	if !options.Key.IsZero() && !zmq4.HasCurve() {
		return nil, fmt.Errorf("start ZeroMQ: this libzmq, %s, was built without CURVE, which keys need: install one with it, as Debian's libzmq5 is", Version())
	}
	z, err := zmq4.NewContext()
	if err != nil {
		return nil, fmt.Errorf("start ZeroMQ: %w", err)
	}
	z.SetRetryAfterEINTR(true)
	c := &Context{zmq: z, options: options, closing: make(chan struct{})}
	if options.Key.IsZero() {
		return c, nil
	}
	if err := c.serveZAP(); err != nil {
		c.Term()
		return nil, fmt.Errorf("start the check of keys: %w", err)
	}
	return c, nil
}

// Term ends every blocked call and returns when all sockets of the context are closed
// and their goroutines have ended. Further calls wait for the first. A control
// handler must not call it: Term waits for the handler.
func (c *Context) Term() {
	c.term.Do(func() {
		c.mu.Lock()
		c.terminated = true
		close(c.closing)
		c.mu.Unlock()
		// An error would mean that the context is not one; nothing is left to end then.
		_ = c.zmq.Term()
		c.owners.Wait()
	})
}

// own starts a goroutine that will own sockets. It returns what body gives to ready,
// which body calls exactly once, when its sockets are open or could not be.
func (c *Context) own(body func(ready func(error))) error {
	c.mu.Lock()
	if c.terminated {
		c.mu.Unlock()
		return ErrTerminated
	}
	opened := make(chan error, 1)
	c.owners.Go(func() { body(func(err error) { opened <- err }) })
	c.mu.Unlock()
	return <-opened
}

// open makes a socket with the options every socket has and the given ones. The
// calling goroutine owns it and closes it.
func (c *Context) open(kind zmq4.Type, options ...option) (*zmq4.Socket, error) {
	c.mu.Lock()
	if c.terminated {
		c.mu.Unlock()
		return nil, ErrTerminated
	}
	sock, err := c.zmq.NewSocket(kind)
	c.mu.Unlock()
	if err != nil {
		return nil, fmt.Errorf("open a %v socket: %w", kind, clean(err))
	}
	for _, set := range append([]option{always}, options...) {
		if err := set(sock); err != nil {
			sock.Close()
			return nil, fmt.Errorf("set the options of a %v socket: %w", kind, clean(err))
		}
	}
	return sock, nil
}
