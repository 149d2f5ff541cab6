// Package demo shows webmon at work: it runs all roles, has them watch a
// small web site or URLs that were given, and tells what comes of it. It
// speaks to what it runs by the HTTP API only, as anybody would.
package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/pflag"
	"golang.org/x/sync/errgroup"

	"webmon/configs"
	"webmon/roles/api/client"
)

// Options say what to show. All but URLs, Once and Within are needed.
type Options struct {
	URLs     []string       // to be watched; empty: the demonstration site
	Once     bool           // end after the first defacement caught; with URLs, when each was checked
	Within   time.Duration  // how long Once waits
	Out      io.Writer      // where to show it; on a terminal, with a table that is drawn in place
	Settings *pflag.FlagSet // parsed; has the flags of [AddFlags]
	Version  string         // webmon's version, for the user agent

	// Serve runs all roles until ctx ends, which is no error, or one of them
	// fails. It calls ready once, when all of them are bound.
	Serve func(ctx context.Context, config configs.Config, log io.Writer, ready func(Addresses)) error
}

// Addresses say where the roles can be reached.
type Addresses struct {
	API     string // a URL without a path
	Control string // a ZeroMQ endpoint
}

// errNotCaught ends a demonstration that did not show what it should.
var errNotCaught = errors.New("it did not happen")

// Run shows webmon at work until ctx ends, which is no error. It is one when
// nothing can start, or when Once has waited in vain.
func Run(ctx context.Context, o Options) (failed error) {
	screen := newScreen(o.Out)
	if !o.Settings.Changed(dataFlag) {
		folder, err := os.MkdirTemp("", "webmon-demo-")
		if err != nil {
			return fmt.Errorf("make a folder for the data: %w", err)
		}
		if err := o.Settings.Set(dataFlag, folder); err != nil {
			return err
		}
		defer func() {
			if !errors.Is(failed, errNotCaught) { // else its log may tell why
				failed = errors.Join(failed, os.RemoveAll(folder))
			}
		}()
	}
	config, err := configure(o.Settings, o.Version, screen)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(config.Data, 0o700); err != nil {
		return fmt.Errorf("make the data folder: %w", err)
	}
	logPath := filepath.Join(config.Data, "webmon.log")
	log, err := os.OpenFile(logPath, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return fmt.Errorf("open the log: %w", err)
	}
	defer log.Close()

	source, err := newSource(o.URLs)
	if err != nil {
		return err
	}
	defer source.close()
	return o.serve(ctx, config, log, func(ctx context.Context, at Addresses) error {
		return o.show(ctx, screen, source, at, logPath)
	})
}

// serve runs all roles until show returns, or ctx ends, or a role fails.
func (o Options) serve(ctx context.Context, config configs.Config, log io.Writer, show func(context.Context, Addresses) error) error {
	group, ctx := errgroup.WithContext(ctx)
	serving, stop := context.WithCancel(ctx)
	bound := make(chan Addresses, 1)
	group.Go(func() error {
		return o.Serve(serving, config, log, func(at Addresses) { bound <- at })
	})
	group.Go(func() error {
		defer stop()
		select {
		case at := <-bound:
			err := show(ctx, at)
			if ctx.Err() != nil && errors.Is(err, context.Canceled) {
				return nil // the end that was asked for
			}
			return err
		case <-ctx.Done():
			return nil
		}
	})
	return group.Wait()
}

// show adds the pages and tells what comes of them.
func (o Options) show(ctx context.Context, screen *screen, source *source, at Addresses, logPath string) error {
	api, err := client.New(at.API, "")
	if err != nil {
		return err
	}
	pages, err := addPages(ctx, api, source.targets)
	if err != nil {
		return err
	}
	source.introduce(screen, at, logPath, pages)

	bounded := ctx
	if o.Once {
		var cancel context.CancelFunc
		bounded, cancel = context.WithTimeout(ctx, o.Within)
		defer cancel()
	}
	w := &watch{api: api, base: at.API, screen: screen, pages: pages, rounds: source.rounds, began: time.Now()}
	var done func() bool
	if o.Once {
		done = func() bool { return source.finished(w) }
	}
	err = w.run(bounded, done)
	switch {
	case err == nil: // Once has what it waited for
		source.conclude(screen, w)
	case ctx.Err() == nil && errors.Is(err, context.DeadlineExceeded):
		screen.close(w.table())
		err = fmt.Errorf("%s within %v: %w; see %s", source.aim(), o.Within, errNotCaught, logPath)
	case ctx.Err() != nil:
		screen.close(w.table())
		err = nil
	}
	screen.say("Stopping.")
	screen.flush(nil)
	return err
}
