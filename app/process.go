package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/rs/xid"
	"golang.org/x/sync/errgroup"

	"webmon/configs"
	"webmon/store"
	"webmon/store/localredis"
	"webmon/zmqwire"
)

// process is what the roles of one process share.
type process struct {
	config  configs.Config
	role    configs.Role
	version string
	name    string // unique to the process
	log     *slog.Logger

	access zmqwire.Options
	redis  *localredis.Server // only when all runs its own
	store  *store.Store
	wire   *zmqwire.Context
}

// service is a role that is bound and ready to run.
type service struct {
	role    configs.Role
	run     func(ctx context.Context) error
	address string // where it can be reached; empty: nowhere
}

const (
	localRedisStart = 30 * time.Second // reading a large RDB takes a while
	localRedisStop  = 30 * time.Second // writing one, too
)

// serve runs the roles until ctx ends or one of them fails. ready is called
// with the roles when all of them are bound, before they run.
func serve(ctx context.Context, config configs.Config, role configs.Role, stderr io.Writer, ready func([]service)) error {
	p := &process{config: config, role: role, version: currentBuild().version, name: processName(), log: newLogger(config, stderr)}
	defer p.close()
	access, err := wireAccess(config, role, p.log)
	if err != nil {
		return err
	}
	p.access = access
	if err := p.open(ctx); err != nil {
		return err
	}
	// A Redis that is away is waited for later; one that can never do, or that is
	// restored into, is an error before anything has started.
	if err := p.store.CheckWhole(ctx); err != nil && !errors.Is(err, store.ErrUnavailable) {
		return err
	}
	services, err := p.services()
	if err != nil {
		return err
	}
	for _, s := range services {
		p.log.Info("started", "role", string(s.role), "address", s.address, "name", p.name, "version", p.version)
	}
	ready(services)

	g, ctx := errgroup.WithContext(ctx)
	for _, s := range services {
		g.Go(func() error { return s.run(ctx) })
	}
	g.Go(func() error {
		if err := p.store.Ready(ctx); err != nil && ctx.Err() == nil {
			return err
		}
		return nil
	})
	g.Go(func() error {
		<-ctx.Done()
		p.log.Info("stopping", "within", config.StopTimeout)
		return nil
	})
	return g.Wait()
}

// open opens what the roles share.
func (p *process) open(ctx context.Context) (err error) {
	address := p.config.Redis
	if address == "" {
		start, cancel := context.WithTimeout(ctx, localRedisStart)
		defer cancel()
		if p.redis, err = localredis.Start(start, localredis.Options{Dir: p.config.Data, Logger: p.log}); err != nil {
			return err
		}
		address = p.redis.Address()
		p.log.Info("runs a Redis of its own", "folder", p.config.Data, "address", address)
	}
	p.store, err = store.Open(store.Options{
		Address:     address,
		CA:          p.config.RedisCA,
		Cert:        p.config.RedisCert,
		Key:         p.config.RedisKey,
		Prefix:      p.config.Prefix,
		Retention:   store.Retention{Count: p.config.RetentionCount, Age: store.Duration(p.config.RetentionAge)},
		Redeliver:   p.config.Redeliver,
		MaxAttempts: p.config.MaxAttempts,
		Logger:      p.log,
	})
	if err != nil {
		return err
	}
	p.wire, err = zmqwire.NewContext(p.access)
	return err
}

// close closes what is open, Redis last: it saves all that came before.
func (p *process) close() {
	if p.wire != nil {
		p.wire.Term()
	}
	if p.store != nil {
		p.store.Close()
	}
	if p.redis != nil {
		ctx, cancel := context.WithTimeout(context.Background(), localRedisStop)
		defer cancel()
		if err := p.redis.Stop(ctx); err != nil {
			p.log.Error("the private Redis", "err", err)
		}
	}
}

func newLogger(config configs.Config, w io.Writer) *slog.Logger {
	opts := &slog.HandlerOptions{Level: config.LogLevel}
	if config.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(w, opts))
	}
	return slog.New(slog.NewTextHandler(w, opts))
}

// processName tells processes apart, on one host and on many.
func processName() string {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	id := xid.New().String()
	return fmt.Sprintf("%s-%d-%s", strings.Map(plain, host), os.Getpid(), id[len(id)-4:])
}

func plain(r rune) rune {
	if r == '-' || r == '.' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
		return r
	}
	return '_'
}

// stopped makes the end that was asked for no error.
func stopped(ctx context.Context, err error) error {
	if ctx.Err() != nil && errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}
