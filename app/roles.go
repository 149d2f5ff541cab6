package app

import (
	"context"
	"os/signal"
	"sync"
	"syscall"

	"github.com/spf13/cobra"

	"webmon/configs"
	"webmon/plugins/builtin"
	"webmon/roles/api"
	"webmon/roles/api/dashboard"
	"webmon/roles/dispatcher"
	"webmon/roles/dispatcher/notify"
	"webmon/roles/executor"
	"webmon/roles/executor/fetch"
	"webmon/store"
	"webmon/zmqwire"
)

func newRoleCommand(role configs.Role, short, long, example string, environ []string) *cobra.Command {
	cmd := &cobra.Command{
		Use:     string(role),
		Short:   short,
		Long:    long,
		Example: example,
		GroupID: groupRoles,
		Args:    noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			config, err := loadConfig(cmd, role, environ)
			if err != nil {
				return err
			}
			ctx, forget := signal.NotifyContext(cmd.Context(), syscall.SIGINT, syscall.SIGTERM)
			defer forget()
			// A second signal ends the process at once.
			defer context.AfterFunc(ctx, forget)()
			return stopped(ctx, serve(ctx, config, role, cmd.ErrOrStderr(), func([]service) {}))
		},
	}
	configs.AddFlags(cmd.Flags(), role)
	return cmd
}

func newRoleCommands(environ []string) []*cobra.Command {
	return []*cobra.Command{
		newRoleCommand(configs.All, "run everything in one process",
			`all runs the API, the dispatcher and an executor in one process. They are the
same three roles as elsewhere and speak the same way, only within the process.
Without --redis it runs a Redis of its own, which keeps its data in --data.`,
			"  webmon all\n  webmon all --data /var/lib/webmon --listen 127.0.0.1:8080\n  webmon all --redis redis://127.0.0.1:6379", environ),
		newRoleCommand(configs.API, "serve the HTTP API",
			"api serves the HTTP API: assets, statistics and execution. It sends the ids of jobs\nto the dispatcher and never waits for an executor.",
			"  webmon api --redis redis://db:6379 --jobs-in tcp://dispatcher:7701 --key webmon.key", environ),
		newRoleCommand(configs.Dispatcher, "hand jobs on to executors",
			"dispatcher takes job ids from the API and from its own schedule and hands them on to\nexecutors. Its control channel takes PING, STATUS, PAUSE, RESUME and SNAPSHOT NOW.",
			"  webmon dispatcher --redis redis://db:6379 --jobs-in 'tcp://*:7701' --jobs-out 'tcp://*:7702' --key webmon.key", environ),
		newRoleCommand(configs.Executor, "check assets",
			"executor takes job ids from the dispatcher, fetches each asset once, runs every plugin\non the page and stores the result.",
			"  webmon executor --redis redis://db:6379 --jobs-out tcp://dispatcher:7702 --key webmon.key --in-flight 1000", environ),
	}
}

// services makes the roles of this process. all is a list of roles; there is
// no other difference between it and the roles on their own.
func (p *process) services() ([]service, error) {
	// The dispatcher comes first: what it binds the others connect to.
	makers := []struct {
		role configs.Role
		make func() (service, error)
	}{
		{configs.Dispatcher, p.dispatcher},
		{configs.API, p.api},
		{configs.Executor, p.executor},
	}
	var services []service
	for _, m := range makers {
		if p.role != configs.All && p.role != m.role {
			continue
		}
		s, err := m.make()
		if err != nil {
			return nil, err
		}
		s.role = m.role
		services = append(services, s)
	}
	return services, nil
}

func (p *process) dispatcher() (service, error) {
	notifier, err := notify.New(notify.Options{
		Name: p.name, Version: p.version, Store: p.store, Logger: p.log,
		File: p.config.Alerts, Deny: p.config.TargetsDeny, Deliver: deliverCommand(),
	})
	if err != nil {
		return service{}, err
	}
	d, err := dispatcher.New(dispatcher.Options{
		Name: p.name, Version: p.version, Store: p.store, Wire: p.wire, Logger: p.log,
		JobsIn: p.config.JobsIn, JobsOut: p.config.JobsOut, Control: p.config.Control, Notifier: notifier,
	})
	if err != nil {
		return service{}, err
	}
	_, _, control := d.Endpoints()
	return service{run: d.Run, address: control}, nil
}

func (p *process) api() (service, error) {
	pusher, err := p.wire.NewPusher(p.config.JobsIn)
	if err != nil {
		return service{}, err
	}
	outbox := zmqwire.NewOutbox(pusher)
	snapshots := p.store.NewSnapshotter()
	server, err := api.New(api.Options{
		Listen: p.config.Listen, Store: p.store, Version: p.version, Logger: p.log,
		Plugins: builtin.Registry(), Push: outbox.Add, Snapshot: snapshots.Ask, ShutdownTimeout: p.config.StopTimeout,
		TLSCert: p.config.TLSCert, TLSKey: p.config.TLSKey, RateLimit: p.config.RateLimit, Insecure: p.config.Insecure,
		Public: dashboard.Public{
			Tags: configs.Tags(p.config.StatusTags), Title: p.config.StatusTitle, URLs: p.config.StatusURLs, Reasons: p.config.StatusReasons,
		},
	})
	if err != nil {
		return service{}, err
	}
	run := func(ctx context.Context) error {
		// These go on while the last requests finish.
		background, cancel := context.WithCancel(context.WithoutCancel(ctx))
		var done sync.WaitGroup
		done.Go(func() { outbox.Run(background) })
		done.Go(func() { snapshots.Run(background) })
		done.Go(func() {
			p.store.Attend(background, store.Member{Role: "api", Name: p.name}, func() map[string]float64 {
				return map[string]float64{"outbox_ids": float64(outbox.Len())}
			})
		})
		err := server.Run(ctx)
		cancel()
		done.Wait()
		return err
	}
	return service{run: run, address: server.URL()}, nil
}

func (p *process) executor() (service, error) {
	puller, err := p.wire.NewPuller(p.config.JobsOut)
	if err != nil {
		return service{}, err
	}
	guard, err := newGuard(p.config)
	if err != nil {
		return service{}, err
	}
	if !allowsPrivate(p.config) {
		p.log.Info("refuses to check private networks and this machine; targets-allow and targets-private change that",
			"targets-allow", p.config.TargetsAllow)
	}
	fetcher, err := fetch.New(fetch.Options{
		UserAgent: p.config.UserAgent, MaxBody: int64(p.config.MaxBody), KeepAlive: p.config.KeepAlive, PerHost: p.config.PerHost,
		Guard: guard,
	})
	if err != nil {
		return service{}, err
	}
	e, err := executor.New(executor.Options{
		Name: p.name, Store: p.store, IDs: puller.IDs(), Bad: puller.Bad,
		Plugins: builtin.Registry(), Fetcher: fetcher, Logger: p.log,
		InFlight: p.config.InFlight, PerHost: p.config.PerHost,
		Lease: p.config.Lease, StopTimeout: p.config.StopTimeout,
	})
	if err != nil {
		return service{}, err
	}
	run := func(ctx context.Context) error {
		defer fetcher.Close()
		defer raiseHeapFloor()()
		return e.Run(ctx)
	}
	return service{run: run}, nil
}
