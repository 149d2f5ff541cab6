package zmqwire

import (
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/pebbe/zmq4"

	"webmon/zmqwire/keys"
)

// Puller receives job ids from a [Streamer]. It lives until its context ends.
type Puller struct {
	ids chan string
	bad atomic.Int64
}

// NewPuller makes a PULL socket and connects it. The other end need not be there yet.
func (c *Context) NewPuller(endpoint string) (*Puller, error) {
	p := &Puller{ids: make(chan string)}
	err := c.own(func(ready func(error)) {
		defer close(p.ids)
		sock, err := c.open(zmq4.PULL, jobs)
		if err != nil {
			ready(err)
			return
		}
		defer sock.Close()
		w, err := c.newWaker()
		if err != nil {
			ready(err)
			return
		}
		defer w.close()
		l, err := c.dial(sock, endpoint, keys.Pull, w, nil)
		ready(err)
		if err == nil {
			p.receive(l, c.closing)
		}
	})
	if err != nil {
		return nil, fmt.Errorf("make a puller: %w", err)
	}
	return p, nil
}

// IDs gives the ids as they come. It has no buffer: ids that nobody reads stay with
// ZeroMQ, and so with other executors as far as possible. It is closed when the context
// is terminated.
func (p *Puller) IDs() <-chan string { return p.ids }

// Bad counts the messages that were dropped because they are malformed.
func (p *Puller) Bad() int64 { return p.bad.Load() }

// receive is the owner of the socket.
func (p *Puller) receive(l *link, closing <-chan struct{}) {
	arrived := l.w.poller(l.sock, zmq4.POLLIN)
	for {
		message, err := receive(l.sock, zmq4.DONTWAIT)
		if wouldBlock(err) {
			if l.wait(arrived) != nil {
				return
			}
			continue
		}
		if err != nil && !errors.Is(err, errSeveralFrames) {
			return // receiving fails only when the context ends
		}
		var ids []string
		if err == nil {
			ids, err = ParseIDs(message)
		}
		if err != nil {
			p.bad.Add(1)
			continue
		}
		for _, id := range ids {
			select {
			case p.ids <- id:
			case <-closing: // the reader may have left
				return
			}
		}
	}
}
