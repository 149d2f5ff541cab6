package executor

import (
	"context"
	"errors"
	"slices"
	"time"

	"webmon/plugins"
	"webmon/roles/executor/fetch"
	"webmon/store"
)

const (
	// finishFor is how long a result is kept for a Redis that is away. After
	// that the job is run again by whoever gets it.
	finishFor = 2 * time.Minute
	// handBackWithin bounds what a stop waits for Redis.
	handBackWithin = 2 * time.Second
)

// expected are the reasons not to take a job that are no fault.
var expected = []error{store.ErrJobGone, store.ErrJobTaken, store.ErrJobElsewhere, store.ErrAssetDeleted}

// work runs one job. taking ends when the executor is to stop, jobs when it may
// wait no longer, and calls, the context of calls to Redis, a while after that. It
// gives the id of a job to run next: what is to confirm a bad check need not wait to
// be pushed when there is nobody else to take it.
func (e *Executor) work(taking, jobs, calls context.Context, id string) (next string) {
	lease, err := e.lease(taking, calls, id)
	if err != nil {
		e.count.dropped.Add(1)
		if taking.Err() == nil && !slices.ContainsFunc(expected, func(reason error) bool { return errors.Is(err, reason) }) {
			e.opts.Logger.Error("a job could not be leased; it will be pushed again", "job", id, "err", err)
		}
		return ""
	}
	ctx, cancel := context.WithCancel(jobs)
	defer cancel()
	e.leases.add(lease, cancel)
	defer e.leases.remove(lease)

	page, again := e.fetch(taking, ctx, lease)
	switch {
	case page != nil:
		e.finish(calls, lease, page)
		e.opts.Fetcher.Release(page)
	case ctx.Err() != nil && jobs.Err() == nil:
		e.count.lost.Add(1) // somebody else has the job now
	default:
		e.handBack(lease, again)
	}
	if taking.Err() == nil && e.company.alone() {
		return lease.Confirm
	}
	return ""
}

// lease leases a job, waiting for a Redis that is away. A stop ends the waiting
// but not a call under way, or a lease that nobody knows of would cost an attempt.
func (e *Executor) lease(taking, calls context.Context, id string) (lease *store.Lease, err error) {
	take := e.opts.Store.Lease
	if e.company.others() {
		take = e.opts.Store.LeaseAmongOthers
	}
	err = e.opts.Store.Retry(taking, func() error {
		lease, err = take(calls, id, e.opts.Name, e.opts.Lease)
		take = e.opts.Store.LeaseAgain
		return err
	})
	return lease, err
}

// outlive gives a context that ends a while after ctx does.
func outlive(ctx context.Context, by time.Duration) (context.Context, context.CancelFunc) {
	longer, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(by, cancel) })
	return longer, func() { stop(); cancel() }
}

// fetch fetches the asset when it is its turn. It gives no page when the job
// did not come to its end: after a stop, when the lease is lost, or when too
// many wait for the host, and then how long to wait before the next try.
func (e *Executor) fetch(taking, ctx context.Context, lease *store.Lease) (page *plugins.Page, again time.Duration) {
	// A stop ends the waiting, but not the fetch. A job that loses its lease keeps
	// its turn at the host, which comes soon.
	host := fetch.Host(lease.Asset.URL)
	entered, again := e.hosts.enter(taking, host)
	if !entered {
		return nil, again
	}
	var took time.Duration
	defer func() { e.hosts.leave(host, took) }()
	select {
	case e.flight <- struct{}{}:
		defer func() { <-e.flight }()
	case <-taking.Done():
		return nil, 0
	case <-ctx.Done():
		return nil, 0
	}
	e.count.running.Add(1)
	defer e.count.running.Add(-1)
	for try := 0; ; try++ {
		began := e.pulse.beat()
		page = e.opts.Fetcher.Fetch(ctx, lease.Asset)
		took = page.Timing.Total
		e.count.fetches.Add(1)
		e.count.fetching.Add(int64(took))
		if ctx.Err() != nil {
			return nil, 0 // interrupted is not failed
		}
		if try == refetches || !e.pulse.stoodStill(began) {
			return page, 0
		}
		e.opts.Fetcher.Release(page)
		e.count.refetched.Add(1)
	}
}

// finish runs the plugins and stores the result.
func (e *Executor) finish(calls context.Context, lease *store.Lease, page *plugins.Page) {
	suite, err := e.opts.Plugins.Salvage(lease.Asset.Plugins, lease.Asset.Assertions)
	if err != nil {
		// The options were good when they were stored; a newer executor may
		// no longer know them. The check still counts.
		e.opts.Logger.Warn("plugin options are ignored", "asset", lease.Asset.ID, "err", err)
	}
	seen := suite.Inspect(calls, page, lease.Memory)
	outcome := store.Outcome{
		Memory: seen.Memory,
		Result: store.Result{Job: lease.Job, At: page.At, Verdict: seen.Verdict, Changed: seen.Changed, Reports: seen.Reports},
	}
	if page.Err == nil {
		outcome.Seconds = page.Timing.Total.Seconds()
	}
	switch err := e.store(calls, lease, outcome); {
	case err == nil:
		e.count.checks.Add(1)
	case errors.Is(err, store.ErrLeaseLost):
		e.count.lost.Add(1)
	case errors.Is(err, store.ErrAssetChanged):
		e.handBack(lease, 0)
	default:
		e.opts.Logger.Error("a result could not be stored; the job will be run again", "job", lease.Job, "err", err)
	}
}

// store stores a result, waiting for a Redis that is away. Neither a lost lease
// nor a stop ends the try at once: the script decides whether the result counts.
func (e *Executor) store(calls context.Context, lease *store.Lease, outcome store.Outcome) error {
	ctx, cancel := context.WithTimeout(calls, finishFor)
	defer cancel()
	return e.opts.Store.Retry(ctx, func() error { return e.opts.Store.Finish(ctx, lease, outcome) })
}

// handBack gives a job back, so that another executor can have it, after a
// while.
func (e *Executor) handBack(lease *store.Lease, after time.Duration) {
	ctx, cancel := context.WithTimeout(context.Background(), handBackWithin)
	defer cancel()
	e.count.handedBack.Add(1)
	if err := e.opts.Store.HandBack(ctx, lease, after); err != nil {
		e.opts.Logger.Warn("a job could not be handed back; it will be taken back when its lease runs out", "job", lease.Job, "err", err)
	}
}
