package zmqwire

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/pebbe/zmq4"

	"webmon/zmqwire/keys"
)

// MaxIDsPerMessage is how many ids a [Pusher] packs into a message when that many wait.
// When fewer wait it sends each on its own, so that several executors share them.
const MaxIDsPerMessage = 10

// PushError says how far a push came.
type PushError struct {
	Endpoint string
	Sent     int // the first Sent ids were taken
	Total    int // ids given
	Err      error
}

func (e *PushError) Error() string {
	return fmt.Sprintf("push to %q: %d of %d ids were taken: %v", e.Endpoint, e.Sent, e.Total, e.Err)
}

func (e *PushError) Unwrap() error { return e.Err }

// Pusher sends job ids to a [Streamer]. It is safe for concurrent use and lives until
// its context ends.
type Pusher struct {
	endpoint string
	wanted   chan struct{} // capacity 1: something was queued

	mu      sync.Mutex
	queue   []*push // in order of arrival
	waiting int     // ids in queue
	ended   error   // why no more can be pushed
}

// push is one call of Push. Its fields are guarded by the Pusher's mutex until done is closed.
type push struct {
	ids  []string // not yet taken
	err  error
	done chan struct{}
}

// NewPusher makes a PUSH socket and connects it. The other end need not be there yet.
func (c *Context) NewPusher(endpoint string) (*Pusher, error) {
	p := &Pusher{endpoint: endpoint, wanted: make(chan struct{}, 1)}
	err := c.own(func(ready func(error)) {
		sock, err := c.open(zmq4.PUSH, jobs, onlyConnected)
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
		l, err := c.dial(sock, endpoint, keys.Push, w, nil)
		ready(err)
		if err == nil {
			p.end(p.send(l, c.closing))
		}
	})
	if err != nil {
		return nil, fmt.Errorf("make a pusher: %w", err)
	}
	return p, nil
}

// Push returns when ZeroMQ has taken all ids, in order, or when ctx ends or the context is
// terminated; the error is then a [*PushError]. Ids that are not well formed (see
// [ParseIDs]) are refused before any is sent. Taken does not mean that an executor has them.
func (p *Pusher) Push(ctx context.Context, ids []string) error {
	for _, id := range ids {
		if err := checkID(id); err != nil {
			return fmt.Errorf("push to %q: %w", p.endpoint, err)
		}
	}
	if err := ctx.Err(); err != nil {
		return p.failed(ids, ids, err)
	}
	if len(ids) == 0 {
		return nil
	}
	r := &push{ids: ids, done: make(chan struct{})}
	if err := p.enqueue(r); err != nil {
		return p.failed(ids, ids, err)
	}
	select {
	case <-r.done:
	case <-ctx.Done():
		p.withdraw(r, ctx.Err())
	}
	if r.err != nil {
		return p.failed(ids, r.ids, r.err)
	}
	return nil
}

func (p *Pusher) failed(given, left []string, err error) error {
	return &PushError{Endpoint: p.endpoint, Sent: len(given) - len(left), Total: len(given), Err: err}
}

func (p *Pusher) enqueue(r *push) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ended != nil {
		return p.ended
	}
	p.queue = append(p.queue, r)
	p.waiting += len(r.ids)
	select {
	case p.wanted <- struct{}{}:
	default: // the owner is told already
	}
	return nil
}

// withdraw takes what is left of r out of the queue, unless it is done.
func (p *Pusher) withdraw(r *push, why error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	i := slices.Index(p.queue, r)
	if i < 0 {
		return
	}
	p.queue = slices.Delete(p.queue, i, i+1)
	p.waiting -= len(r.ids)
	r.err = why
}

// end refuses all pushes from now on.
func (p *Pusher) end(why error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ended = why
	for _, r := range p.queue {
		r.err = why
		close(r.done)
	}
	p.queue, p.waiting = nil, 0
}

var errNothingWaits = errors.New("nothing waits")

// send is the owner of the socket: it sends what is queued until the context ends.
func (p *Pusher) send(l *link, closing <-chan struct{}) error {
	room := l.w.poller(l.sock, zmq4.POLLOUT)
	for {
		switch err := p.sendNext(l.sock); {
		case err == nil:
		case err == errNothingWaits:
			select {
			case <-p.wanted:
			case <-l.again:
				if err := l.reconnect(); err != nil {
					return clean(err)
				}
			case <-closing:
				return ErrTerminated
			}
		case wouldBlock(err):
			// Callers that give up meanwhile withdraw by themselves; what is
			// to be sent is looked up again when there is room.
			if err := l.wait(room); err != nil {
				return clean(err)
			}
		default:
			return clean(err)
		}
	}
}

// sendNext sends one message of what waits, without blocking. The mutex is held
// meanwhile, so that a caller that withdraws knows exactly how many of its ids went.
func (p *Pusher) sendNext(sock *zmq4.Socket) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.waiting == 0 {
		return errNothingWaits
	}
	size := 1
	if p.waiting >= MaxIDsPerMessage {
		size = MaxIDsPerMessage
	}
	message, err := FormatIDs(p.head(size))
	if err != nil {
		return err
	}
	if _, err := sock.SendBytes(message, zmq4.DONTWAIT); err != nil {
		return err
	}
	p.drop(size)
	return nil
}

// head returns the first n ids of the queue, which holds at least n.
func (p *Pusher) head(n int) []string {
	ids := make([]string, 0, n)
	for _, r := range p.queue {
		ids = append(ids, r.ids[:min(n-len(ids), len(r.ids))]...)
		if len(ids) == n {
			break
		}
	}
	return ids
}

// drop removes the first n ids of the queue and lets the callers go whose ids are all taken.
func (p *Pusher) drop(n int) {
	p.waiting -= n
	for n > 0 {
		r := p.queue[0]
		k := min(n, len(r.ids))
		r.ids = r.ids[k:]
		n -= k
		if len(r.ids) == 0 {
			close(r.done)
			p.queue[0] = nil
			p.queue = p.queue[1:]
		}
	}
}
