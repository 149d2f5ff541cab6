// Package dispatcher is the broker: it hands job ids from the API and from its
// own schedule on to executors, pushes again what was lost on the way, and
// answers on the control channel.
//
// Any number of dispatchers can share the work. None of them holds anything
// that is not in Redis too.
package dispatcher

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"webmon/roles/dispatcher/notify"
	"webmon/store"
	"webmon/zmqwire"
)

// Options says what a dispatcher works with.
type Options struct {
	Name    string // unique to the process
	Version string
	Store   *store.Store
	Wire    *zmqwire.Context
	JobsIn  string // endpoint of the front, where job ids come in
	JobsOut string // endpoint of the back, where executors take them
	Control string // endpoint of the control channel
	// Tick is how often the schedule looks for assets that are due. Zero
	// means 200 ms.
	Tick time.Duration
	// Notifier sends alerts; nil for none.
	Notifier *notify.Notifier
	Logger   *slog.Logger
}

// Dispatcher is the broker. Make it with New, run it with Run.
type Dispatcher struct {
	opts      Options
	streamer  *zmqwire.Streamer
	control   *zmqwire.Control
	outbox    *zmqwire.Outbox
	snapshots *store.Snapshotter
	started   time.Time
	count     counters
}

type counters struct {
	scheduled, redelivered, expired atomic.Int64 // ids pushed, by reason
	rescued                         atomic.Int64 // entries mended
}

// own is where the dispatcher's own loops push ids in: the front end, as for
// everybody else.
const own = "inproc://webmon-dispatcher"

// New checks the options and binds all sockets, so that a port that is taken is
// known before anything runs.
func New(opts Options) (*Dispatcher, error) {
	switch {
	case opts.Name == "":
		return nil, errors.New("dispatcher: it has no name")
	case opts.Store == nil || opts.Wire == nil:
		return nil, errors.New("dispatcher: the store and the wire are both needed")
	}
	if opts.Tick == 0 {
		opts.Tick = 200 * time.Millisecond
	}
	if opts.Logger == nil {
		opts.Logger = slog.New(slog.DiscardHandler)
	}
	d := &Dispatcher{opts: opts, started: time.Now(), snapshots: opts.Store.NewSnapshotter()}
	front, pushTo := []string{opts.JobsIn}, opts.JobsIn
	if !strings.HasPrefix(opts.JobsIn, "inproc://") {
		front, pushTo = append(front, own), own
	}
	var err error
	if d.streamer, err = opts.Wire.NewStreamer(front, []string{opts.JobsOut}); err != nil {
		return nil, fmt.Errorf("dispatcher: %w", err)
	}
	if d.control, err = opts.Wire.NewControl(opts.Control); err != nil {
		return nil, fmt.Errorf("dispatcher: %w", err)
	}
	pusher, err := opts.Wire.NewPusher(pushTo)
	if err != nil {
		return nil, fmt.Errorf("dispatcher: %w", err)
	}
	d.outbox = zmqwire.NewOutbox(pusher)
	return d, nil
}

// Endpoints gives where the dispatcher is bound, with real ports.
func (d *Dispatcher) Endpoints() (jobsIn, jobsOut, control string) {
	return d.streamer.FrontEndpoints()[0], d.streamer.BackEndpoints()[0], d.control.Endpoint()
}

// Snapshots takes the snapshots that the control channel asks for.
func (d *Dispatcher) Snapshots() *store.Snapshotter { return d.snapshots }

// Run works until ctx ends.
func (d *Dispatcher) Run(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return d.streamer.Run(ctx) })
	g.Go(func() error { return d.control.Serve(ctx, d.command) })
	loops := []func(context.Context){
		d.outbox.Run,
		d.snapshots.Run,
		d.schedule,
		d.recover,
		d.rescue,
		d.tidy,
		func(ctx context.Context) {
			d.opts.Store.Attend(ctx, store.Member{Role: "dispatcher", Name: d.opts.Name}, d.counters)
		},
	}
	if d.opts.Notifier != nil {
		loops = append(loops, d.opts.Notifier.Run)
	}
	for _, loop := range loops {
		g.Go(func() error { loop(ctx); return nil })
	}
	return g.Wait()
}

func (d *Dispatcher) counters() map[string]float64 {
	stats := d.streamer.Stats()
	counters := map[string]float64{
		"ids_total":           float64(stats.IDs),
		"messages_total":      float64(stats.Messages),
		"bad_messages_total":  float64(stats.Bad),
		"refused_peers_total": float64(d.opts.Wire.RefusedPeers()),
		"scheduled_total":     float64(d.count.scheduled.Load()),
		"redelivered_total":   float64(d.count.redelivered.Load()),
		"expired_total":       float64(d.count.expired.Load()),
		"rescued_total":       float64(d.count.rescued.Load()),
		"outbox_ids":          float64(d.outbox.Len()),
	}
	if d.opts.Notifier != nil {
		maps.Copy(counters, d.opts.Notifier.Counters())
	}
	return counters
}
