// Package notify tells people and machines of incidents: it reads the notices
// that the store's scripts leave, finds the channels they go to, and sends them.
//
// One dispatcher at a time does it, so that incidents that open together make
// one message. That none is sent twice does not depend on it: each notice is
// claimed for each channel before it is sent. Every channel has a goroutine of
// its own, so a hung one delays no other, and no check.
package notify

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"webmon/roles/dispatcher/notify/channel"
	"webmon/roles/dispatcher/notify/settings"
	"webmon/store"
)

// Options say what a Notifier works with.
type Options struct {
	Name    string // of the process
	Version string
	Store   *store.Store
	// File is the path of the alerts file. Empty means that this process sends
	// nothing; if no other does either, notices are dropped after an hour.
	File string
	// Environ gives variables of the environment; nil means this process's.
	Environ func(string) string
	Deny    []netip.Prefix // networks that no channel may connect to
	Deliver []string       // the command that runs shout.Main
	Logger  *slog.Logger
	// Tick is how often notices are looked for. Zero means a second.
	Tick time.Duration
}

// The times of the loop, in ticks, so that tests can be quick.
const (
	holdTicks  = 15 // a dispatcher that is silent for so long sends no more
	againTicks = 30 // what was looked at is looked at again
	retryTicks = 2  // what is tried again waits for what failed together with it
	fileTicks  = 5  // the file is looked at
)

// pace is how fast a notifier goes, for tests to hurry it.
type pace struct {
	hold   func(ctx context.Context, ttl time.Duration) (bool, error) // see Store.HoldNotices
	pause  func(attempts int) time.Duration
	remind func(time.Duration) time.Duration
	grace  time.Duration // what is under way may take so much longer after webmon was told to stop
}

// Notifier sends notices. Make it with New, run it with Run.
type Notifier struct {
	opts  Options
	pace  pace
	file  *settings.File // nil: none
	count counts

	messages atomic.Int64 // numbers what is sent

	mu       sync.Mutex // for what follows
	settings *settings.Settings
	workers  map[string]*worker // by channel; only while this process sends
	running  sync.WaitGroup
	broken   bool // the newest version of the file cannot be used
}

// New reads the alerts file. A mistake in it is an error.
func New(o Options) (*Notifier, error) {
	if o.Tick == 0 {
		o.Tick = time.Second
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	n := &Notifier{opts: o, settings: &settings.Settings{}}
	n.pace = pace{
		hold: func(ctx context.Context, ttl time.Duration) (bool, error) {
			return o.Store.HoldNotices(ctx, o.Name, ttl)
		},
		pause: pause, remind: func(d time.Duration) time.Duration { return d }, grace: 4 * time.Second,
	}
	if o.File == "" {
		return n, nil
	}
	n.file = settings.NewFile(o.File, o.Environ)
	s, err := n.file.Load()
	if err == nil {
		err = n.check(s)
	}
	if err != nil {
		return nil, err
	}
	n.settings = s
	return n, nil
}

func (n *Notifier) channelOptions() channel.Options {
	return channel.Options{Deny: n.opts.Deny, Deliver: n.opts.Deliver, Version: n.opts.Version, Logger: n.opts.Logger}
}

// check tells whether all channels can be made.
func (n *Notifier) check(s *settings.Settings) error {
	_, err := Channels(s, n.channelOptions())
	return err
}

// Channels makes the channels of an alerts file, by name.
func Channels(s *settings.Settings, o channel.Options) (map[string]channel.Channel, error) {
	made := map[string]channel.Channel{}
	for i := range s.Channels {
		c, err := channel.New(&s.Channels[i], o)
		if err != nil {
			return nil, fmt.Errorf("alerts file: %w", err)
		}
		made[s.Channels[i].Name] = c
	}
	return made, nil
}

// Run sends notices until ctx ends.
func (n *Notifier) Run(ctx context.Context) {
	tick := time.NewTicker(n.opts.Tick)
	defer tick.Stop()
	for round := 0; ; round++ {
		if n.file == nil {
			if round%againTicks == 0 {
				n.report("drop old notices", n.opts.Store.DropNotices(ctx, time.Hour))
			}
		} else {
			if round%fileTicks == 0 {
				n.reload()
			}
			held, err := n.pace.hold(ctx, holdTicks*n.opts.Tick)
			n.report("hold notices", err)
			if err == nil && held {
				n.lead(ctx)
			}
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// lead sends notices as long as no other dispatcher does.
func (n *Notifier) lead(ctx context.Context) {
	n.opts.Logger.Info("sends alerts from now on", "file", n.opts.File)
	leading, cancel := context.WithCancel(ctx)
	n.startWorkers(leading)
	defer func() {
		cancel()
		n.stopWorkers()
		if ctx.Err() != nil { // another one need not wait
			free, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
			defer cancel()
			_, _ = n.pace.hold(free, 0)
		}
	}()
	tick := time.NewTicker(n.opts.Tick)
	defer tick.Stop()
	last := time.Now() // that this process is known to be the one
	for round := 1; ; round++ {
		n.report("look for notices", n.look(leading))
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
		if round%fileTicks == 0 && n.reload() {
			n.startWorkers(leading)
		}
		held, err := n.pace.hold(ctx, holdTicks*n.opts.Tick)
		n.report("hold notices", err)
		switch {
		case ctx.Err() != nil:
			return
		case err == nil && held:
			last = time.Now()
		case err == nil || time.Since(last) > holdTicks*n.opts.Tick:
			n.opts.Logger.Warn("sends no alerts any more: another dispatcher does, or Redis is away")
			return
		}
	}
}

// report logs an error at a level that a Redis that is away, which the store
// tells once, does not fill the log at.
func (n *Notifier) report(what string, err error) {
	switch {
	case err == nil || errors.Is(err, context.Canceled):
	case errors.Is(err, store.ErrUnavailable):
		n.opts.Logger.Debug(what, "err", err)
	default:
		n.opts.Logger.Error("alerts: "+what, "err", err)
	}
}

// reload reads the file again when it changed, and tells whether there are new
// settings. With a broken file the old ones stay.
func (n *Notifier) reload() bool {
	s, err := n.file.Changed()
	if err == nil && s != nil {
		err = n.check(s)
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	switch {
	case err != nil:
		n.opts.Logger.Error("the alerts file changed and cannot be used; what it said before still holds", "err", err)
		n.broken = true
		return false
	case s == nil:
		return false
	}
	n.opts.Logger.Info("the alerts file was read again", "channels", len(s.Channels), "routes", len(s.Routes))
	n.settings, n.broken = s, false
	return true
}
