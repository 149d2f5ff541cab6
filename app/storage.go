package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"

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

// openStorage opens the Redis of an address, else the private one of the data
// folder. When that runs already it is used as it is by who only reads; who
// writes is refused.
func openStorage(ctx context.Context, config configs.Config, writes bool, log *slog.Logger) (st storage, err error) {
	st.log = log
	address := config.Redis
	if address == "" && !writes {
		if address, err = dataToRead(config.Data); err != nil {
			return st, err
		}
	}
	if address == "" {
		start, cancel := context.WithTimeout(ctx, localRedisStart)
		defer cancel()
		if st.redis, err = localredis.Start(start, localredis.Options{Dir: config.Data, Logger: log}); err != nil {
			return st, err
		}
		st.alone, address = true, st.redis.Address()
	}
	st.store, err = store.Open(store.Options{Address: address, Prefix: config.Prefix, Logger: slog.New(slog.DiscardHandler)})
	if err == nil {
		err = st.store.Ping(ctx)
	}
	if err != nil {
		return st, errors.Join(err, st.close())
	}
	return st, nil
}

// dataToRead gives the address of the Redis that runs in a folder, "" when it
// is to be started.
func dataToRead(dir string) (address string, err error) {
	if address = localredis.Running(dir); address != "" {
		return address, nil
	}
	has, err := localredis.HasData(dir)
	if err != nil {
		return "", fmt.Errorf("look for the data of webmon: %w", err)
	}
	if !has {
		return "", fmt.Errorf("the folder %s holds no data of webmon: give another with --data, or the address of a Redis with --redis", dir)
	}
	return "", nil
}

// save has Redis write a snapshot. One that takes none is none the worse: it
// keeps its data in another way, or not at all.
func (st storage) save(ctx context.Context) error {
	snapshots := st.store.NewSnapshotter()
	running, cancel := context.WithCancel(ctx)
	var done sync.WaitGroup
	done.Go(func() { snapshots.Run(running) })
	_, err := snapshots.Now(ctx)
	cancel()
	done.Wait()
	if errors.Is(err, store.ErrSnapshotDenied) {
		st.log.Warn("everything is restored, but Redis takes no snapshot of it", "err", err)
		return nil
	}
	if err != nil {
		return fmt.Errorf("everything is restored, but not saved: %w", err)
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
