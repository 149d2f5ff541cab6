package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"webmon/configs"
)

// demoFlags are the flags of the demo command that are no settings of webmon.
type demoFlags struct {
	once   bool
	within time.Duration // how long once waits
}

func newDemoCommand() *cobra.Command {
	var flags demoFlags
	cmd := &cobra.Command{
		Use:     "demo [URL...]",
		Short:   "watch a demonstration site, or your own URLs, for real",
		GroupID: groupTools,
		Long: `demo starts all roles as "webmon all" does, and a small web site on this machine
with calm, lively, slow and broken pages and two that are attacked after a
while. It has the pages checked and shows what comes of it, until Ctrl-C. With
URLs it watches those, every ten seconds, instead of the site.

It reads neither the configuration file nor WEBMON_ variables: it must not add
its pages to a webmon that is meant seriously.

Exit code: 0 after Ctrl-C, and with --once after the first defacement was
caught; 2 when --once waited for that in vain, or when nothing could start.`,
		Example: `  webmon demo
  webmon demo --once
  webmon demo https://example.com/ https://example.org/`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, urls []string) error { return runDemo(cmd, urls, flags) },
	}
	f := cmd.Flags()
	f.BoolVar(&flags.once, "once", false, "end when the first defacement is caught; with URLs, when each was checked")
	f.DurationVar(&flags.within, "within", 3*time.Minute, "how long --once waits")
	f.String("data", "", "folder to keep the data in; default a temporary one")
	f.String("listen", "127.0.0.1:7700", "address of the HTTP API; by default any free port when this one is taken")
	f.String("control", "tcp://127.0.0.1:7703", "dispatcher's control channel; by default any free port when this one is taken")
	return cmd
}

func runDemo(cmd *cobra.Command, urls []string, flags demoFlags) (failed error) {
	ctx, forget := signal.NotifyContext(cmd.Context(), syscall.SIGINT, syscall.SIGTERM)
	// A second signal ends the process at once.
	defer context.AfterFunc(ctx, forget)()

	screen := newDemoScreen(cmd.OutOrStdout())
	if !cmd.Flags().Changed("data") {
		folder, err := os.MkdirTemp("", "webmon-demo-")
		if err != nil {
			return fmt.Errorf("make a folder for the data: %w", err)
		}
		if err := cmd.Flags().Set("data", folder); err != nil {
			return err
		}
		defer func() {
			if !errors.Is(failed, errNotCaught) { // else its log may tell why
				failed = errors.Join(failed, os.RemoveAll(folder))
			}
		}()
	}
	config, err := demoConfig(cmd, screen)
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

	source, err := newDemoSource(urls)
	if err != nil {
		return err
	}
	defer source.close()
	return serveDemo(ctx, config, log, func(ctx context.Context, at demoAddresses) error {
		at.log = logPath
		return watchDemo(ctx, screen, source, at, flags)
	})
}

// demoAddresses says where what was started can be reached.
type demoAddresses struct{ api, control, log string }

// serveDemo runs all roles until watch returns, or ctx ends, or a role fails.
func serveDemo(ctx context.Context, config configs.Config, log io.Writer, watch func(context.Context, demoAddresses) error) error {
	group, ctx := errgroup.WithContext(ctx)
	serving, stop := context.WithCancel(ctx)
	bound := make(chan demoAddresses, 1)
	group.Go(func() error {
		err := serve(serving, config, configs.All, log, func(services []service) {
			var at demoAddresses
			for _, s := range services {
				switch s.role {
				case configs.API:
					at.api = s.address
				case configs.Dispatcher:
					at.control = s.address
				}
			}
			bound <- at
		})
		return stopped(serving, err)
	})
	group.Go(func() error {
		defer stop()
		select {
		case at := <-bound:
			return stopped(ctx, watch(ctx, at))
		case <-ctx.Done():
			return nil
		}
	})
	return group.Wait()
}

// watchDemo adds the pages and shows what comes of them.
func watchDemo(ctx context.Context, screen *demoScreen, source *demoSource, at demoAddresses, flags demoFlags) error {
	client := &demoClient{base: at.api}
	pages, err := addPages(ctx, client, source.targets)
	if err != nil {
		return err
	}
	source.introduce(screen, at, pages)

	bounded := ctx
	if flags.once {
		var cancel context.CancelFunc
		bounded, cancel = context.WithTimeout(ctx, flags.within)
		defer cancel()
	}
	w := &demoWatch{client: client, screen: screen, pages: pages, rounds: source.rounds, began: time.Now()}
	var done func() bool
	if flags.once {
		done = func() bool { return source.finished(w) }
	}
	err = w.run(bounded, done)
	switch {
	case err == nil: // --once has what it waited for
		source.conclude(screen, w)
	case ctx.Err() == nil && errors.Is(err, context.DeadlineExceeded):
		screen.close(w.table())
		err = fmt.Errorf("%s within %v: %w; see %s", source.aim(), flags.within, errNotCaught, at.log)
	case ctx.Err() != nil:
		screen.close(w.table())
		err = nil
	}
	screen.say("Stopping.")
	screen.flush(nil)
	return err
}
