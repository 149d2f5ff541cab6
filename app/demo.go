package app

import (
	"context"
	"io"
	"os/signal"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"webmon/app/demo"
	"webmon/configs"
)

func newDemoCommand() *cobra.Command {
	var options demo.Options
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
		RunE: func(cmd *cobra.Command, urls []string) error {
			ctx, forget := signal.NotifyContext(cmd.Context(), syscall.SIGINT, syscall.SIGTERM)
			defer forget()
			// A second signal ends the process at once.
			defer context.AfterFunc(ctx, forget)()
			options.URLs = urls
			options.Out = cmd.OutOrStdout()
			options.Settings = cmd.Flags()
			options.Version = currentBuild().version
			options.Serve = serveDemo
			return demo.Run(ctx, options)
		},
	}
	f := cmd.Flags()
	f.BoolVar(&options.Once, "once", false, "end when the first defacement is caught; with URLs, when each was checked")
	f.DurationVar(&options.Within, "within", 3*time.Minute, "how long --once waits")
	demo.AddFlags(f)
	return cmd
}

// serveDemo runs all roles for the demo, as the command "all" does.
func serveDemo(ctx context.Context, config configs.Config, log io.Writer, ready func(demo.Addresses)) error {
	err := serve(ctx, config, configs.All, log, func(services []service) {
		var at demo.Addresses
		for _, s := range services {
			switch s.role {
			case configs.API:
				at.API = s.address
			case configs.Dispatcher:
				at.Control = s.address
			}
		}
		ready(at)
	})
	return stopped(ctx, err)
}
