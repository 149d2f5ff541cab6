package api

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"webmon/store"
)

const (
	pollEvery = 500 * time.Millisecond
	// maxStreams are open at once in this process.
	maxStreams = 256
	// maxBehind is how many polls with something in them a listener may be behind
	// before it is dropped. All listeners share what was polled.
	maxBehind = 32
)

var errManyStreams = errors.New("too many streams of events are open")

// eventHub polls the store for events, once for all who listen, and only as long
// as somebody does.
type eventHub struct {
	store *store.Store
	log   *slog.Logger

	mu        sync.Mutex
	listeners map[*listener]bool
	end       context.CancelFunc // of the polling
	stopped   bool
	polling   sync.WaitGroup
}

// listener is somebody who listens.
type listener struct {
	events chan []store.Event // closed when it is behind, or at the stop
	wants  func(*store.Event) bool
}

func newEventHub(s *store.Store, log *slog.Logger) *eventHub {
	return &eventHub{store: s, log: log, listeners: map[*listener]bool{}}
}

// join begins to listen to what happens from about now on. Whoever joins must
// leave.
func (h *eventHub) join(ctx context.Context, wants func(*store.Event) bool) (*listener, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.stopped || len(h.listeners) >= maxStreams {
		return nil, errManyStreams
	}
	if len(h.listeners) == 0 {
		_, now, err := h.store.Events(ctx, "")
		if err != nil {
			return nil, err
		}
		polling, end := context.WithCancel(context.Background())
		h.end = end
		h.polling.Go(func() { h.poll(polling, now) })
	}
	l := &listener{events: make(chan []store.Event, maxBehind), wants: wants}
	h.listeners[l] = true
	return l, nil
}

// leave ends the listening.
func (h *eventHub) leave(l *listener) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.remove(l)
}

// remove is leave with the lock held.
func (h *eventHub) remove(l *listener) {
	if !h.listeners[l] {
		return
	}
	delete(h.listeners, l)
	close(l.events)
	if len(h.listeners) == 0 {
		h.end()
	}
}

// stop ends all listening, for good.
func (h *eventHub) stop() {
	h.mu.Lock()
	h.stopped = true
	for l := range h.listeners {
		h.remove(l)
	}
	h.mu.Unlock()
	h.polling.Wait()
}

// poll hands out what happens until ctx ends.
func (h *eventHub) poll(ctx context.Context, at store.Position) {
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
		for more := true; more; {
			events, next, err := h.store.Events(ctx, at)
			if err != nil {
				h.log.Debug("read events", "err", err) // a Redis that is away is said once, by the store
				break
			}
			more, at = len(events) > 0, next
			if !h.hand(ctx, events) {
				return
			}
		}
	}
}

// hand gives events to all who want them. A listener who is too far behind is
// dropped: it may come back and ask for what it missed. It is false when ctx has
// ended, and another poll may go on.
func (h *eventHub) hand(ctx context.Context, events []store.Event) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if ctx.Err() != nil {
		return false
	}
	for l := range h.listeners {
		wanted := l.filter(events)
		if len(wanted) == 0 {
			continue
		}
		select {
		case l.events <- wanted:
		default:
			h.log.Info("a client that reads events too slowly was dropped")
			h.remove(l)
		}
	}
	return true
}

func (l *listener) filter(events []store.Event) []store.Event {
	if l.wants == nil {
		return events
	}
	var wanted []store.Event
	for i := range events {
		if l.wants(&events[i]) {
			wanted = append(wanted, events[i])
		}
	}
	return wanted
}
