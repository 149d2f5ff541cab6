package executor

import (
	"context"
	"slices"
	"sync"
	"time"
)

// hosts bounds how many fetches go to one host at once. Others wait in the
// order of their arrival, but only those whose turn comes soon: hosts that are
// slow must not fill the executor with jobs that wait, and keep the jobs of all
// other hosts away. The rest is told when to come again.
type hosts struct {
	limit int // fetches to one host
	most  int // jobs that may wait, for all hosts together

	mu      sync.Mutex
	busy    map[string]*host
	waiting int
}

type host struct {
	fetches int
	waiting []chan struct{} // closed when the place is theirs
	took    time.Duration   // how long a fetch takes, about
	// free is when a job that comes now would have its turn, if all that were
	// told to come again did so at their time.
	free time.Time
}

const (
	// soon is how long a job may wait here for its host.
	soon         = time.Second
	minComeAgain = 100 * time.Millisecond
	maxComeAgain = time.Minute
)

func newHosts(limit, most int) *hosts {
	return &hosts{limit: limit, most: most, busy: map[string]*host{}}
}

// room tells whether one more may wait for b. Of a host that has not answered
// yet nothing is known, and few may wait.
func (h *hosts) room(b *host) bool {
	queue := 4 * h.limit
	if b.took > 0 {
		queue = int(soon * time.Duration(h.limit) / b.took)
	}
	return h.waiting < h.most && len(b.waiting) < max(queue, h.limit)
}

// enter waits for a place at a host. When there is none, because too many wait
// or ctx ended, it says after how long it may be worth to try again. A place
// that was entered must be left.
func (h *hosts) enter(ctx context.Context, name string) (entered bool, again time.Duration) {
	h.mu.Lock()
	b := h.busy[name]
	if b == nil {
		b = &host{}
		h.busy[name] = b
	}
	if b.fetches < h.limit {
		b.fetches++
		h.mu.Unlock()
		return true, 0
	}
	if !h.room(b) {
		again = h.comeAgain(b)
		h.mu.Unlock()
		return false, again
	}
	turn := make(chan struct{})
	b.waiting = append(b.waiting, turn)
	h.waiting++
	h.mu.Unlock()
	select {
	case <-turn:
		return true, 0
	case <-ctx.Done():
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if i := slices.Index(b.waiting, turn); i >= 0 {
		b.waiting = slices.Delete(b.waiting, i, i+1)
		h.waiting--
		return false, 0
	}
	return true, 0 // the place came at the same moment
}

// comeAgain gives out the turns after those that wait, one after the other.
func (h *hosts) comeAgain(b *host) time.Duration {
	turn := max(b.took, time.Millisecond) / time.Duration(h.limit)
	now := time.Now()
	if first := now.Add(time.Duration(len(b.waiting)) * turn / 2); b.free.Before(first) {
		b.free = first // when half of those that wait now have had their turn
	}
	b.free = b.free.Add(turn)
	return min(max(b.free.Sub(now), minComeAgain), maxComeAgain)
}

// leave gives a place to the next that waits. took is how long the fetch took.
func (h *hosts) leave(name string, took time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	b := h.busy[name]
	b.took = (7*b.took + took) / 8
	if len(b.waiting) > 0 {
		close(b.waiting[0])
		b.waiting = b.waiting[1:]
		h.waiting--
		return
	}
	if b.fetches--; b.fetches == 0 {
		delete(h.busy, name)
	}
}
