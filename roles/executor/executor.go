// Package executor is the task worker: it takes job ids, leases the jobs,
// fetches each asset once, runs all plugins on the page and stores the result.
package executor

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"webmon/plugins"
	"webmon/roles/executor/fetch"
	"webmon/store"
)

// Options says what an executor works with.
type Options struct {
	Name    string        // unique to the process
	Store   *store.Store  // jobs come from here and results go here
	IDs     <-chan string // job ids from the dispatcher
	Bad     func() int64  // malformed messages so far; nil: not counted
	Plugins *plugins.Registry
	Fetcher *fetch.Fetcher

	InFlight int           // most fetches at once
	PerHost  int           // most fetches at once to one host
	Lease    time.Duration // how long a job is leased; leases are renewed while the job runs
	// StopTimeout bounds the wait for running checks on a stop. What is not
	// done by then is handed back.
	StopTimeout time.Duration
	Logger      *slog.Logger
}

// Executor runs jobs.
type Executor struct {
	opts    Options
	hosts   *hosts
	flight  chan struct{} // one token a fetch
	leases  leaseSet
	pulse   *pulse
	company company
	count   counters
}

// counters are what an executor tells of itself.
type counters struct {
	checks, lost, handedBack, dropped, refetched, running atomic.Int64
	fetches, fetching                                     atomic.Int64 // how many, and how long in all (ns)
}

// New checks the options.
func New(opts Options) (*Executor, error) {
	switch {
	case opts.Name == "":
		return nil, errors.New("executor: it has no name")
	case opts.Store == nil || opts.IDs == nil || opts.Plugins == nil || opts.Fetcher == nil:
		return nil, errors.New("executor: the store, the ids, the plugins and the fetcher are all needed")
	case opts.InFlight < 1 || opts.PerHost < 1:
		return nil, errors.New("executor: at least one check in flight, and one to a host, must be allowed")
	case opts.Lease < 100*time.Millisecond:
		return nil, errors.New("executor: a lease shorter than 100ms cannot be renewed in time")
	}
	if opts.Logger == nil {
		opts.Logger = slog.New(slog.DiscardHandler)
	}
	return &Executor{opts: opts, hosts: newHosts(opts.PerHost, max(1, opts.InFlight/2)), flight: make(chan struct{}, opts.InFlight), pulse: newPulse()}, nil
}

// Run takes jobs until ctx ends. Then it takes no more, gives the fetches
// under way StopTimeout to finish, hands back the rest and returns.
func (e *Executor) Run(ctx context.Context) error {
	// Jobs outlive ctx by the time that a stop may take.
	jobs, abort := context.WithCancel(context.WithoutCancel(ctx))
	defer abort()
	// And calls to Redis outlive the jobs, as their outcome must be known even
	// after a stop. All jobs share one context for that, as each would cost.
	calls, cut := outlive(jobs, handBackWithin)
	defer cut()
	var background, running sync.WaitGroup
	background.Go(func() { e.renew(jobs) })
	background.Go(func() { e.pulse.run(jobs) })
	background.Go(func() { e.company.watch(ctx, e.opts.Store, e.opts.Name) })
	background.Go(func() {
		e.opts.Store.Attend(ctx, store.Member{Role: "executor", Name: e.opts.Name}, e.counters)
	})
	// Beside the jobs that are fetched as many may be held: those that wait for
	// their host, at most half of them, and those that wait for their fetch.
	held := make(chan struct{}, 2*e.opts.InFlight)
	e.take(ctx, held, func(id string) {
		running.Go(func() {
			defer func() { <-held }()
			for id != "" {
				id = e.work(ctx, jobs, calls, id)
			}
		})
	})
	limit := time.AfterFunc(e.opts.StopTimeout, abort)
	defer limit.Stop()
	running.Wait()
	abort()
	background.Wait()
	return nil
}

// take hands each id to start, as long as there is room in held.
func (e *Executor) take(ctx context.Context, held chan struct{}, start func(id string)) {
	for {
		select {
		case held <- struct{}{}:
		case <-ctx.Done():
			return
		}
		select {
		case id, ok := <-e.opts.IDs:
			if !ok {
				return
			}
			start(id)
		case <-ctx.Done():
			return
		}
	}
}

func (e *Executor) counters() map[string]float64 {
	c := map[string]float64{
		"checks_total":        float64(e.count.checks.Load()),
		"lost_leases_total":   float64(e.count.lost.Load()),
		"handed_back_total":   float64(e.count.handedBack.Load()),
		"dropped_ids_total":   float64(e.count.dropped.Load()),
		"refetched_total":     float64(e.count.refetched.Load()),
		"fetches_running":     float64(e.count.running.Load()),
		"fetches_total":       float64(e.count.fetches.Load()),
		"fetch_seconds_total": time.Duration(e.count.fetching.Load()).Seconds(),
		"fetches_max":         float64(e.opts.InFlight),
	}
	if e.opts.Bad != nil {
		c["bad_messages_total"] = float64(e.opts.Bad())
	}
	return c
}
