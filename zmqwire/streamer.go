package zmqwire

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"github.com/pebbe/zmq4"

	"webmon/zmqwire/keys"
)

// StreamerStats counts what a [Streamer] did since it was made.
type StreamerStats struct {
	Messages int64     `json:"messages"`      // handed on to executors
	IDs      int64     `json:"ids"`           // in those messages
	Bad      int64     `json:"bad"`           // malformed messages, dropped
	Last     time.Time `json:"last,omitzero"` // when the last message was handed on
	Waiting  bool      `json:"waiting"`       // holds a message that no executor has room for
	Paused   bool      `json:"paused"`
}

// Streamer takes messages of job ids at its front (PULL) and hands them on at its
// back (PUSH). Its methods are safe for concurrent use.
type Streamer struct {
	front, back []string // endpoints

	start chan context.Context // from Run to the owner
	ended chan struct{}
	err   error // of the loop; set before ended is closed
	ran   atomic.Bool

	waker   *waker // made by the owner
	paused  atomic.Bool
	waiting atomic.Bool

	messages, ids, bad, last atomic.Int64 // last in Unix nanoseconds
}

// NewStreamer binds the front and the back to one or more endpoints each. An error names the
// endpoint that could not be bound. The sockets stay bound until [Streamer.Run] returns
// or the context is terminated.
func (c *Context) NewStreamer(front, back []string) (*Streamer, error) {
	if len(front) == 0 || len(back) == 0 {
		return nil, errors.New("make a streamer: it needs at least one endpoint at the front and one at the back")
	}
	s := &Streamer{start: make(chan context.Context), ended: make(chan struct{})}
	err := c.own(func(ready func(error)) {
		defer close(s.ended)
		s.own(c, front, back, ready)
	})
	if err != nil {
		return nil, fmt.Errorf("make a streamer: %w", err)
	}
	return s, nil
}

// own owns the sockets: it opens them, waits for Run and works for it.
func (s *Streamer) own(c *Context, front, back []string, ready func(error)) {
	pull, frontAt, err := c.openBound(zmq4.PULL, front, keys.Push)
	if err != nil {
		ready(err)
		return
	}
	defer pull.Close()
	push, backAt, err := c.openBound(zmq4.PUSH, back, keys.Pull)
	if err != nil {
		ready(err)
		return
	}
	defer push.Close()
	s.waker, err = c.newWaker()
	if err != nil {
		ready(err)
		return
	}
	defer s.waker.close()
	s.front, s.back = frontAt, backAt
	ready(nil)

	select {
	case ctx := <-s.start:
		stop := context.AfterFunc(ctx, s.waker.wake)
		defer stop()
		s.err = s.forward(ctx, pull, push)
	case <-c.closing:
	}
}

// openBound opens a job socket and binds it to all endpoints, for peers that
// have the right.
func (c *Context) openBound(kind zmq4.Type, endpoints []string, right keys.Right) (*zmq4.Socket, []string, error) {
	sock, err := c.open(kind, jobs)
	if err != nil {
		return nil, nil, err
	}
	if err := c.countRefused(sock); err != nil {
		sock.Close()
		return nil, nil, err
	}
	bound := make([]string, len(endpoints))
	for _, tcp := range []bool{false, true} { // see protect
		for i, endpoint := range endpoints {
			if overTCP(endpoint) != tcp {
				continue
			}
			if bound[i], err = c.listen(sock, endpoint, right); err != nil {
				sock.Close()
				return nil, nil, err
			}
		}
	}
	return sock, bound, nil
}

// FrontEndpoints returns where job ids are taken, with real ports.
func (s *Streamer) FrontEndpoints() []string { return slices.Clone(s.front) }

// BackEndpoints returns where job ids are handed out, with real ports.
func (s *Streamer) BackEndpoints() []string { return slices.Clone(s.back) }

// Run hands messages on until ctx ends or the context is terminated, and then
// returns nil. A message that no executor took by then is dropped. It can be called once.
func (s *Streamer) Run(ctx context.Context) error {
	if s.ran.Swap(true) {
		return errors.New("a streamer runs only once; make another")
	}
	select {
	case s.start <- ctx:
	case <-s.ended:
	}
	<-s.ended
	return s.err
}

// Pause makes the streamer take nothing more from the front, and hand on nothing of what
// it holds. A message on its way at that moment may still go.
func (s *Streamer) Pause() { s.setPaused(true) }

// Resume ends a pause.
func (s *Streamer) Resume() { s.setPaused(false) }

// Paused tells whether the streamer is paused.
func (s *Streamer) Paused() bool { return s.paused.Load() }

func (s *Streamer) setPaused(paused bool) {
	s.paused.Store(paused)
	s.waker.wake()
}

// Stats returns what was done so far.
func (s *Streamer) Stats() StreamerStats {
	stats := StreamerStats{
		Messages: s.messages.Load(),
		IDs:      s.ids.Load(),
		Bad:      s.bad.Load(),
		Waiting:  s.waiting.Load(),
		Paused:   s.paused.Load(),
	}
	if last := s.last.Load(); last != 0 {
		stats.Last = time.Unix(0, last)
	}
	return stats
}

// forward is the streamer's loop. It waits for one thing at a time, so it sleeps whenever
// there is nothing to do: for Resume, for a message, or for room at the back.
func (s *Streamer) forward(ctx context.Context, front, back *zmq4.Socket) error {
	resumed := s.waker.poller(nil, 0)
	arrived := s.waker.poller(front, zmq4.POLLIN)
	room := s.waker.poller(back, zmq4.POLLOUT)
	var held []byte // a good message that is not handed on yet
	var ids int     // how many are in it

	for ctx.Err() == nil {
		var err error
		switch {
		case s.paused.Load():
			err = s.waker.wait(resumed)
		case held == nil:
			if held, ids, err = s.take(front); wouldBlock(err) {
				err = s.waker.wait(arrived)
			}
		default:
			if _, err = back.SendBytes(held, zmq4.DONTWAIT); err == nil {
				held = nil
				s.handedOn(ids)
			} else if wouldBlock(err) {
				s.waiting.Store(true)
				err = s.waker.wait(room)
			}
		}
		if errors.Is(clean(err), ErrTerminated) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("stream job ids: %w", err)
		}
	}
	return nil
}

// take takes one message from the front, without blocking. It returns nil for a bad one.
func (s *Streamer) take(front *zmq4.Socket) (message []byte, ids int, err error) {
	message, err = receive(front, zmq4.DONTWAIT)
	if err != nil && !errors.Is(err, errSeveralFrames) {
		return nil, 0, err
	}
	if err == nil {
		ids, err = countIDs(message)
	}
	if err != nil {
		s.bad.Add(1)
		return nil, 0, nil
	}
	return message, ids, nil
}

func (s *Streamer) handedOn(ids int) {
	s.waiting.Store(false)
	s.messages.Add(1)
	s.ids.Add(int64(ids))
	s.last.Store(time.Now().UnixNano())
}
