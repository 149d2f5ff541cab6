package dispatcher

import (
	"context"
	"math/rand/v2"
	"time"

	"webmon/store"
	"webmon/zmqwire"
)

const (
	recoverEvery = time.Second
	recoverBusy  = 250 * time.Millisecond // while there is something to recover
	tidyEvery    = time.Hour
	rescueEvery  = time.Second // about 6,400 jobs each
	rescueRest   = time.Minute // between two rounds
)

// schedule makes the jobs of the assets that are due.
func (d *Dispatcher) schedule(ctx context.Context) {
	d.every(ctx, func() time.Duration {
		d.count.scheduled.Add(d.sweep(ctx, d.opts.Store.ClaimDue))
		return d.opts.Tick
	})
}

// recover pushes again the ids of jobs that an executor lost, and of those that
// were lost on the way. As long as ids wait here for executors that are busy,
// others wait for the same reason and would only make the queue longer.
func (d *Dispatcher) recover(ctx context.Context) {
	d.every(ctx, func() time.Duration {
		expired := d.sweep(ctx, d.opts.Store.ExpireLeases)
		d.count.expired.Add(expired)
		var redelivered int64
		if d.outbox.Len() == 0 && !d.streamer.Stats().Waiting {
			redelivered = d.sweep(ctx, d.opts.Store.Redeliver)
			d.count.redelivered.Add(redelivered)
		}
		if expired+redelivered > 0 {
			return recoverBusy
		}
		return recoverEvery
	})
}

// rescue looks through all jobs, slowly, for those that the sorted sets know
// nothing of.
func (d *Dispatcher) rescue(ctx context.Context) {
	walk := d.opts.Store.NewRescue()
	d.every(ctx, func() time.Duration {
		jobs, mended, over, err := walk.Step(ctx)
		d.outbox.Add(jobs)
		if mended > 0 {
			d.count.rescued.Add(mended)
			d.opts.Logger.Warn("entries in Redis contradicted each other and were mended", "entries", mended)
		}
		switch {
		case err != nil:
			d.opts.Logger.Debug("rescue", "err", err)
			return rescueEvery
		case over:
			return rescueRest
		}
		return rescueEvery
	})
}

// tidy forgets old batches.
func (d *Dispatcher) tidy(ctx context.Context) {
	d.every(ctx, func() time.Duration {
		if err := d.opts.Store.ForgetBatches(ctx); err != nil && ctx.Err() == nil {
			d.opts.Logger.Debug("forget old batches", "err", err)
		}
		return tidyEvery
	})
}

// every calls work again and again until ctx ends, each time after what the
// call before said, but not while the dispatcher is paused.
func (d *Dispatcher) every(ctx context.Context, work func() time.Duration) {
	// Several dispatchers started together should not sweep together.
	wait := rand.N(d.opts.Tick)
	timer := time.NewTimer(wait)
	defer timer.Stop()
	for {
		select {
		case <-timer.C:
		case <-ctx.Done():
			return
		}
		if d.streamer.Paused() {
			wait = d.opts.Tick
		} else {
			wait = work()
		}
		timer.Reset(wait)
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
