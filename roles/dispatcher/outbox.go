package dispatcher

import (
	"context"
	"sync"
)

// outboxMax bounds the ids that wait in memory, about 5 MB. More are left in
// Redis, to be pushed again later.
const outboxMax = 100_000

// outbox pushes ids in the background, so that an executor that is slow or
// away holds up no schedule.
type outbox struct {
	push func(ctx context.Context, ids []string) error

	mu    sync.Mutex
	ids   []string
	added chan struct{} // capacity 1
}

func newOutbox(push func(ctx context.Context, ids []string) error) *outbox {
	return &outbox{push: push, added: make(chan struct{}, 1)}
}

// add takes the ids that there is room for.
func (o *outbox) add(ids []string) {
	o.mu.Lock()
	o.ids = append(o.ids, ids[:min(len(ids), outboxMax-len(o.ids))]...)
	o.mu.Unlock()
	select {
	case o.added <- struct{}{}:
	default:
	}
}

func (o *outbox) len() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return len(o.ids)
}

// outboxChunk is how many ids are pushed in one go.
const outboxChunk = 100

func (o *outbox) next() []string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.ids[:min(len(o.ids), outboxChunk)]
}

func (o *outbox) drop(n int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.ids = o.ids[n:]; len(o.ids) == 0 {
		o.ids = nil // let a long queue's memory go
	}
}

// run pushes until ctx ends.
func (o *outbox) run(ctx context.Context) {
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
		// The push ends only when all are taken, or with the wire itself.
		if o.push(ctx, ids) != nil {
			return
		}
		o.drop(len(ids))
	}
}
