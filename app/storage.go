package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"webmon/configs"
	"webmon/store"
	"webmon/store/localredis"
)

// saveTimeout bounds how long a command waits until Redis has saved a change.
const saveTimeout = 10 * time.Second

// withStorage gives work the store: that of --redis, or else the private Redis
// of all, which is started for as long as work takes when it does not run.
func withStorage(cmd *cobra.Command, environ []string, work func(context.Context, *store.Store) error) (failed error) {
	config, err := loadConfig(cmd, configs.Storage, environ)
	if err != nil {
		return err
	}
	ctx, forget := signal.NotifyContext(cmd.Context(), syscall.SIGINT, syscall.SIGTERM)
	defer forget()
	address := config.Redis
	if address == "" {
		if address, err = localredis.Find(config.Data); err != nil {
			return fmt.Errorf("%w; run this as that user", err)
		}
	}
	if address == "" {
		server, err := startStorage(ctx, config.Data)
		if err != nil {
			return err
		}
		defer func() {
			stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), localRedisStop)
			defer cancel()
			failed = errors.Join(failed, server.Stop(stop))
		}()
		address = server.Address()
	}
	s, err := store.Open(store.Options{Address: address, Prefix: config.Prefix, CA: config.RedisCA, Cert: config.RedisCert, Key: config.RedisKey})
	if err != nil {
		return err
	}
	defer s.Close()
	return work(ctx, s)
}

// startStorage starts the private Redis. A folder of another user is left
// alone: what is saved in it now, that user could not read later.
func startStorage(ctx context.Context, folder string) (*localredis.Server, error) {
	if info, err := os.Stat(folder); err == nil {
		if owner, ok := info.Sys().(*syscall.Stat_t); ok && int(owner.Uid) != os.Geteuid() {
			return nil, fmt.Errorf("no Redis runs in %s, and the folder belongs to another user (%d): run this as that user, or while webmon all runs, or give --redis", folder, owner.Uid)
		}
	}
	start, cancel := context.WithTimeout(ctx, localRedisStart)
	defer cancel()
	return localredis.Start(start, localredis.Options{Dir: folder, Logger: slog.New(slog.DiscardHandler)})
}

// save has Redis save what was changed, if it may.
func save(ctx context.Context, s *store.Store) error {
	ctx, cancel := context.WithTimeout(ctx, saveTimeout)
	defer cancel()
	running, stop := context.WithCancel(ctx)
	n, done := s.NewSnapshotter(), make(chan struct{})
	go func() {
		defer close(done)
		n.Run(running)
	}()
	_, err := n.Now(ctx)
	stop()
	<-done
	if errors.Is(err, store.ErrSnapshotDenied) {
		return nil // whoever forbids it saves by other means
	}
	return err
}
