package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"sync"
	"syscall"

	"github.com/spf13/cobra"

	"webmon/configs"
	"webmon/store"
	"webmon/store/localredis"
)

// storage is what webmon stores, for a command that works on it.
type storage struct {
	store *store.Store
	redis *localredis.Server // only when the command runs it
	alone bool               // nobody else can reach the Redis
	log   *slog.Logger
}

// storageUse says how a command uses the private Redis of a data folder.
type storageUse int

const (
	readStorage   storageUse = iota // as it runs, else its data: there must be some
	changeStorage                   // as it runs, else it is started
	ownStorage                      // it is started; while it runs elsewhere it is refused
)

// withStorage gives work what webmon stores, until a signal ends it: the Redis
// of --redis, or else the private one of --data.
func withStorage(cmd *cobra.Command, environ []string, use storageUse, work func(context.Context, storage) error) (err error) {
	config, err := loadConfig(cmd, configs.Storage, environ)
	if err != nil {
		return err
	}
	ctx, forget := signal.NotifyContext(cmd.Context(), syscall.SIGINT, syscall.SIGTERM)
	defer context.AfterFunc(ctx, forget)()
	st, err := openStorage(ctx, config, use, newLogger(config, cmd.ErrOrStderr()))
	if err != nil {
		return err
	}
	defer func() {
		if failure := st.close(); err == nil {
			err = failure
		}
	}()
	return work(ctx, st)
}

func openStorage(ctx context.Context, config configs.Config, use storageUse, log *slog.Logger) (st storage, err error) {
	st.log = log
	address := config.Redis
	if address == "" && use != ownStorage {
		if address, err = localredis.Running(config.Data); err != nil {
			return st, fmt.Errorf("%w; run this as that user", err)
		}
	}
	if address == "" {
		if err = mayStart(config.Data, use); err != nil {
			return st, err
		}
		start, cancel := context.WithTimeout(ctx, localRedisStart)
		defer cancel()
		if st.redis, err = localredis.Start(start, localredis.Options{Dir: config.Data, Logger: log}); err != nil {
			return st, err
		}
		st.alone, address = true, st.redis.Address()
	}
	st.store, err = store.Open(store.Options{
		Address: address, Prefix: config.Prefix, CA: config.RedisCA, Cert: config.RedisCert, Key: config.RedisKey,
		Logger: slog.New(slog.DiscardHandler),
	})
	if err == nil {
		err = st.store.Ping(ctx)
	}
	if err != nil {
		return st, errors.Join(err, st.close())
	}
	return st, nil
}

// mayStart refuses a folder without data to who only reads. It leaves the folder
// of another user alone: what is saved in it now, that user could not read later.
func mayStart(folder string, use storageUse) error {
	if info, err := os.Stat(folder); err == nil {
		if owner, ok := info.Sys().(*syscall.Stat_t); ok && int(owner.Uid) != os.Geteuid() {
			return fmt.Errorf("no Redis runs in %s, and the folder belongs to another user (%d): run this as that user, or while webmon all runs, or give --redis", folder, owner.Uid)
		}
	}
	if use != readStorage {
		return nil
	}
	has, err := localredis.HasData(folder)
	if err != nil {
		return fmt.Errorf("look for the data of webmon: %w", err)
	}
	if !has {
		return fmt.Errorf("the folder %s holds no data of webmon: give another with --data, or the address of a Redis with --redis", folder)
	}
	return nil
}

// save has Redis write a snapshot, and tells whether it did. One that takes none
// is none the worse: it keeps its data in another way, or not at all.
func (st storage) save(ctx context.Context) error {
	snapshots := st.store.NewSnapshotter()
	running, cancel := context.WithCancel(ctx)
	var done sync.WaitGroup
	done.Go(func() { snapshots.Run(running) })
	_, err := snapshots.Now(ctx)
	cancel()
	done.Wait()
	if errors.Is(err, store.ErrSnapshotDenied) {
		st.log.Warn("it is done, but Redis takes no snapshot of it", "err", err)
		return nil
	}
	if err != nil {
		return fmt.Errorf("it is done, but Redis has not saved it yet, so a crash could undo it: %w", err)
	}
	return nil
}

// close closes what is open, Redis last: it saves what was written.
func (st storage) close() error {
	if st.store != nil {
		st.store.Close()
	}
	if st.redis == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), localRedisStop)
	defer cancel()
	return st.redis.Stop(ctx)
}
