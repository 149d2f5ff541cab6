package zmqwire

import (
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/pebbe/zmq4"

	"webmon/zmqwire/keys"
)

// refusedPause is how long a link waits after a refusal before it tries again.
const refusedPause = 2 * time.Second

// mechanismMismatch is the value of a failed handshake between a peer that
// uses CURVE and one that does not.
const mechanismMismatch = 0x11000002

// link is the connection of a socket that connects. It says why there is none,
// and makes it anew: ZeroMQ itself gives up for ever when it is refused. All
// but the fields' own synchronisation belongs to the socket's owner.
type link struct {
	c        *Context
	sock     *zmq4.Socket
	endpoint string
	right    keys.Right // what the socket is for
	w        *waker

	again   chan struct{} // capacity 1: ZeroMQ gave up
	fault   atomic.Pointer[fault]
	onFault func(fault) // called for each, on another goroutine; may be nil
}

// fault is why a handshake failed.
type fault struct {
	err   error
	final bool // ZeroMQ gave up
}

// dial connects a socket of the calling goroutine. w wakes that goroutine when
// the link needs it: the goroutine waits by [link.wait].
func (c *Context) dial(sock *zmq4.Socket, endpoint string, right keys.Right, w *waker, onFault func(fault)) (*link, error) {
	l := &link{c: c, sock: sock, endpoint: endpoint, right: right, w: w, again: make(chan struct{}, 1), onFault: onFault}
	if err := c.client(sock, endpoint); err != nil {
		return nil, err
	}
	if overTCP(endpoint) {
		if err := c.monitor(sock, l.heard); err != nil {
			return nil, err
		}
	}
	return l, connect(sock, endpoint)
}

// heard is called by the monitor's goroutine.
func (l *link) heard(event zmq4.Event, value int) {
	if event == zmq4.EVENT_HANDSHAKE_SUCCEEDED {
		if l.fault.Swap(nil) != nil {
			l.c.options.Logger.Info("the dispatcher lets this process in", "at", l.endpoint)
		}
		return
	}
	f := &fault{err: l.explain(event, value), final: event != zmq4.EVENT_HANDSHAKE_FAILED_NO_DETAIL}
	// One line of the log for as long as it is the same. A peer that refuses
	// may also just end the connection; what it said before is still true.
	last := l.fault.Load()
	if last == nil || f.final || !last.final {
		l.fault.Store(f)
		if last == nil || last.err.Error() != f.err.Error() {
			l.c.options.Logger.Warn("no way to the dispatcher", "at", l.endpoint, "err", f.err)
		}
	}
	if f.final {
		time.AfterFunc(refusedPause, l.wantAgain)
	}
	if l.onFault != nil {
		l.onFault(*f)
	}
}

func (l *link) wantAgain() {
	select {
	case l.again <- struct{}{}:
	default:
	}
	l.w.wake()
}

// explain says in words why a handshake failed, and what to do.
func (l *link) explain(event zmq4.Event, value int) error {
	key := l.c.options.Key
	switch {
	case event == zmq4.EVENT_HANDSHAKE_FAILED_AUTH && value != 400:
		return errors.New("the dispatcher cannot tell whether this key is allowed: its log says why")
	case event == zmq4.EVENT_HANDSHAKE_FAILED_AUTH:
		return fmt.Errorf("the dispatcher does not allow the key %s to %s: add it to its allowed-keys, with that right", key, l.right)
	case value == mechanismMismatch && key.IsZero():
		return errors.New("the dispatcher wants a key: give --key, and --server-key if the dispatcher has another one")
	case value == mechanismMismatch:
		return errors.New("the dispatcher has no key: give it one with --key, or do without --key here")
	// The peer was faster with its end than with saying why.
	case key.IsZero():
		return errors.New("what listens there ends the connection: it wants a key (--key), or it is no dispatcher")
	}
	return errors.New("what listens there ends the connection: --server-key is not its key, or it has no key, or it is no dispatcher")
}

// wait waits in p, a poller of the link's waker, and keeps the link.
func (l *link) wait(p *zmq4.Poller) error {
	if err := l.w.wait(p); err != nil {
		return err
	}
	select {
	case <-l.again:
		return l.reconnect()
	default:
		return nil
	}
}

// reconnect connects anew.
func (l *link) reconnect() error {
	// ZeroMQ may have forgotten the endpoint already.
	if err := clean(l.sock.Disconnect(l.endpoint)); errors.Is(err, ErrTerminated) {
		return err
	}
	return connect(l.sock, l.endpoint)
}
