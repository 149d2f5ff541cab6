package dispatcher

import (
	"context"
	"math/rand/v2"
	"time"

	"webmon/store"
	"webmon/zmqwire"
)

const (
	recoverEvery = 250 * time.Millisecond
	tidyEvery    = time.Hour
)

// schedule makes the jobs of the assets that are due.
func (d *Dispatcher) schedule(ctx context.Context) {
	d.every(ctx, d.opts.Tick, func() {
		n := d.sweep(ctx, d.opts.Store.ClaimDue)
		d.count.scheduled.Add(n)
	})
}

// recover pushes again the ids of jobs that an executor lost, and of those that
// were lost on the way. As long as ids wait here for executors that are busy,
// others wait for the same reason and would only make the queue longer.
func (d *Dispatcher) recover(ctx context.Context) {
	d.every(ctx, recoverEvery, func() {
		d.count.expired.Add(d.sweep(ctx, d.opts.Store.ExpireLeases))
		if d.outbox.Len() == 0 && !d.streamer.Stats().Waiting {
			d.count.redelivered.Add(d.sweep(ctx, d.opts.Store.Redeliver))
		}
	})
}

// tidy forgets old batches.
func (d *Dispatcher) tidy(ctx context.Context) {
	d.every(ctx, tidyEvery, func() {
		if err := d.opts.Store.ForgetBatches(ctx); err != nil && ctx.Err() == nil {
			d.opts.Logger.Debug("forget old batches", "err", err)
		}
	})
}

// every calls work at once and then again and again until ctx ends, but not
// while the dispatcher is paused.
func (d *Dispatcher) every(ctx context.Context, period time.Duration, work func()) {
	// Several dispatchers started together should not sweep together.
	timer := time.NewTimer(rand.N(period/10 + 1))
	defer timer.Stop()
	for {
		select {
		case <-timer.C:
		case <-ctx.Done():
			return
		}
		if !d.streamer.Paused() {
			work()
		}
		timer.Reset(period)
	}
}

// sweep makes one call of the store on all partitions, and again on those that
// have more, and puts the ids it gives into the outbox. It gives their number.
func (d *Dispatcher) sweep(ctx context.Context, call func(context.Context, []int) ([]string, []int, error)) (n int64) {
	parts := store.AllParts
	for len(parts) > 0 && ctx.Err() == nil && d.outbox.Len() < zmqwire.OutboxMax {
		jobs, more, err := call(ctx, parts)
		n += int64(len(jobs))
		d.outbox.Add(jobs)
		if err != nil {
			// A Redis that is away is said once, by the store.
			d.opts.Logger.Debug("sweep", "err", err)
			return n
		}
		parts = more
	}
	return n
}
