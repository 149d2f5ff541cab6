package zmqwire

import (
	"context"
	"slices"
	"sync"
)

// OutboxMax is the most ids that an [Outbox] holds, about 5 MB of them.
const OutboxMax = 100_000

// outboxChunk is how many ids are pushed in one go.
const outboxChunk = 100

// Outbox pushes job ids in the background, so that nobody waits for an executor
// that is slow or away. It is safe for concurrent use.
type Outbox struct {
	pusher *Pusher

	mu    sync.Mutex
	ids   []string
	added chan struct{} // capacity 1
}

// NewOutbox makes an outbox. It sends while Run runs.
func NewOutbox(p *Pusher) *Outbox {
	return &Outbox{pusher: p, added: make(chan struct{}, 1)}
}

// Add takes the ids that there is room for and returns at once. The others are
// not lost: their jobs are in Redis, and redelivery pushes them later. An id that
// is not well formed is left out: the pusher would refuse it, and all others with it.
func (o *Outbox) Add(ids []string) {
	if slices.ContainsFunc(ids, malformed) {
		ids = slices.DeleteFunc(slices.Clone(ids), malformed)
	}
	o.mu.Lock()
	o.ids = append(o.ids, ids[:min(len(ids), OutboxMax-len(o.ids))]...)
	o.mu.Unlock()
	select {
	case o.added <- struct{}{}:
	default:
	}
}

func malformed(id string) bool { return checkID(id) != nil }

// Len is the number of ids that wait.
func (o *Outbox) Len() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return len(o.ids)
}

// Run sends until ctx ends or the context of the pusher is terminated.
func (o *Outbox) Run(ctx context.Context) {
	for {
		ids := o.next()
		if len(ids) == 0 {
			select {
			case <-o.added:
				continue
			case <-ctx.Done():
				return
			}
		}
		// A push ends only when all ids are taken, or with ctx or the wire.
		if o.pusher.Push(ctx, ids) != nil {
			return
		}
		o.drop(len(ids))
	}
}

func (o *Outbox) next() []string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.ids[:min(len(o.ids), outboxChunk)]
}

func (o *Outbox) drop(n int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.ids = o.ids[n:]; len(o.ids) == 0 {
		o.ids = nil // let a long queue's memory go
	}
}
