package zmqwire

import (
	"context"
	"fmt"

	"github.com/pebbe/zmq4"
)

// waker ends a wait in ZeroMQ from the outside. A goroutine that polls its sockets
// cannot listen to a Go channel, so it also polls the waker's inproc socket, and a
// second goroutine turns calls of wake into messages on it.
type waker struct {
	in     *zmq4.Socket // belongs to the goroutine that waits
	signal chan struct{}
	stop   chan struct{}
}

// newWaker makes a waker for the calling goroutine, which closes it.
func (c *Context) newWaker() (*waker, error) {
	endpoint := fmt.Sprintf("inproc://waker-%d", c.inner.Add(1))
	in, err := c.open(zmq4.PAIR)
	if err != nil {
		return nil, err
	}
	if _, err := bind(in, endpoint); err != nil {
		in.Close()
		return nil, err
	}
	w := &waker{in: in, signal: make(chan struct{}, 1), stop: make(chan struct{})}
	err = c.own(func(ready func(error)) { w.relay(c, endpoint, ready) })
	if err != nil {
		in.Close()
		return nil, err
	}
	return w, nil
}

// relay sends a message for each signal until the waker or the context ends.
func (w *waker) relay(c *Context, endpoint string, ready func(error)) {
	out, err := c.open(zmq4.PAIR)
	if err != nil {
		ready(err)
		return
	}
	defer out.Close()
	if err := connect(out, endpoint); err != nil {
		ready(err)
		return
	}
	ready(nil)
	for {
		select {
		case <-w.signal:
			// Failure means that many wake-ups wait already, or that all is ending.
			_, _ = out.Send("", zmq4.DONTWAIT)
		case <-w.stop:
			return
		case <-c.closing:
			return
		}
	}
}

// wake ends the current wait, or the next one. Any goroutine may call it, at any time.
func (w *waker) wake() {
	select {
	case w.signal <- struct{}{}:
	default: // one is on its way
	}
}

// poller waits for events of sock, and for the waker. A nil sock waits for the waker alone.
func (w *waker) poller(sock *zmq4.Socket, events zmq4.State) *zmq4.Poller {
	p := zmq4.NewPoller()
	p.Add(w.in, zmq4.POLLIN)
	if sock != nil {
		p.Add(sock, events)
	}
	return p
}

// wait waits, with no timeout and no CPU, for what a poller of this waker waits for.
func (w *waker) wait(p *zmq4.Poller) error {
	ready, err := p.Poll(-1)
	if err != nil {
		return err
	}
	for _, r := range ready {
		if r.Socket != w.in {
			continue
		}
		if _, err := w.in.RecvBytes(zmq4.DONTWAIT); err != nil && !wouldBlock(err) {
			return err
		}
	}
	return nil
}

// await calls try, which must not block, until it does not fail for want of a peer or
// a message. It waits in p between two tries, and gives up when ctx ends, for which
// someone must call wake.
func (w *waker) await(ctx context.Context, p *zmq4.Poller, try func() error) error {
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := try(); !wouldBlock(err) {
			return err
		}
		if err := w.wait(p); err != nil {
			return err
		}
	}
}

// close closes the waiting goroutine's end and ends the other goroutine.
func (w *waker) close() {
	close(w.stop)
	w.in.Close()
}
