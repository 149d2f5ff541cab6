package executor

import (
	"context"
	"sync"
)

// hosts bounds how many fetches go to one host at once. The others wait in the
// order of their arrival.
type hosts struct {
	limit int // fetches to one host
	queue int // jobs that may wait for one host

	mu   sync.Mutex
	busy map[string]*host
}

type host struct {
	fetches int
	waiting []chan struct{} // closed when the place is theirs
}

func newHosts(limit int) *hosts {
	return &hosts{limit: limit, queue: 16 * limit, busy: map[string]*host{}}
}

// enter waits for a place. It tells whether there is one: not when too many
// wait already, or ctx ends. A place must be left.
func (h *hosts) enter(ctx context.Context, name string) bool {
	h.mu.Lock()
	b := h.busy[name]
	if b == nil {
		b = &host{}
		h.busy[name] = b
	}
	if b.fetches < h.limit {
		b.fetches++
		h.mu.Unlock()
		return true
	}
	if len(b.waiting) >= h.queue {
		h.mu.Unlock()
		return false
	}
	turn := make(chan struct{})
	b.waiting = append(b.waiting, turn)
	h.mu.Unlock()
	select {
	case <-turn:
		return true
	case <-ctx.Done():
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for i, w := range b.waiting {
		if w == turn {
			b.waiting = append(b.waiting[:i], b.waiting[i+1:]...)
			return false
		}
	}
	return true // the place came at the same moment
}

// leave gives a place to the next that waits.
func (h *hosts) leave(name string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	b := h.busy[name]
	if len(b.waiting) > 0 {
		close(b.waiting[0])
		b.waiting = b.waiting[1:]
		return
	}
	if b.fetches--; b.fetches == 0 {
		delete(h.busy, name)
	}
}
