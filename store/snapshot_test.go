package store_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"webmon/store"
	"webmon/store/storetest"
)

// snapshotter runs a snapshotter until the test ends.
func snapshotter(t *testing.T, s *store.Store) *store.Snapshotter {
	t.Helper()
	n := s.NewSnapshotter()
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { n.Run(ctx) })
	t.Cleanup(func() {
		cancel()
		running.Wait()
	})
	return n
}

func info(t *testing.T, s *store.Store) store.SnapshotInfo {
	t.Helper()
	i, err := s.Snapshots(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return i
}

func openAt(t *testing.T, address string, log *bytes.Buffer) *store.Store {
	t.Helper()
	s, err := store.Open(store.Options{Address: address, Logger: slog.New(slog.NewTextHandler(log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

func TestSnapshotNow(t *testing.T) {
	t.Parallel()
	s := openAt(t, storetest.Server(t).Address(), new(bytes.Buffer))
	if i := info(t, s); !i.Began.IsZero() || i.Held || !i.Allowed || i.Begun != 0 {
		t.Errorf("before the first: %+v", i)
	}
	n := snapshotter(t, s)
	for round := range int64(3) {
		before := time.Now().Truncate(time.Second)
		if _, err := n.Now(t.Context()); err != nil {
			t.Fatal(err)
		}
		i := info(t, s)
		if i.Running || !i.Held || i.Error != "" || i.Begun != round+1 || i.Began.Before(before) || i.Ended.Before(i.Began) {
			t.Errorf("round %d: %+v", round, i)
		}
	}
}

// Many askers at once are covered by few snapshots, each by one that began
// after it asked.
func TestSnapshotsAreShared(t *testing.T) {
	t.Parallel()
	s := openAt(t, storetest.Server(t).Address(), new(bytes.Buffer))
	n := snapshotter(t, s)
	var askers sync.WaitGroup
	for range 100 {
		askers.Go(func() {
			if _, err := n.Now(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	askers.Wait()
	if i := info(t, s); i.Begun < 1 || i.Begun > 20 {
		t.Errorf("%d snapshots for 100 askers at once", i.Begun)
	}
}

// Somebody else's snapshot in between is waited for, not an error.
func TestSnapshotAmongOthers(t *testing.T) {
	t.Parallel()
	address := storetest.Server(t).Address()
	one, other := openAt(t, address, new(bytes.Buffer)), openAt(t, address, new(bytes.Buffer))
	var askers sync.WaitGroup
	for _, n := range []*store.Snapshotter{snapshotter(t, one), snapshotter(t, other)} {
		askers.Go(func() {
			for range 10 {
				if _, err := n.Now(t.Context()); err != nil {
					t.Error(err)
				}
			}
		})
	}
	askers.Wait()
}

func TestAskIsServedInTheBackground(t *testing.T) {
	t.Parallel()
	s := openAt(t, storetest.Server(t).Address(), new(bytes.Buffer))
	n := s.NewSnapshotter()
	n.Ask()
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { n.Run(ctx) })
	waitFor(t, func() bool { return info(t, s).Held })
	// The next one would wait for the pause; a stop begins it at once.
	n.Ask()
	cancel()
	running.Wait()
	waitFor(t, func() bool { return info(t, s).Begun == 2 })
}

func TestSnapshotsDenied(t *testing.T) {
	t.Parallel()
	server := storetest.Server(t)
	admin := openAt(t, server.Address(), new(bytes.Buffer))
	if err := admin.DenySnapshots(t.Context(), "plain", "secret"); err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	s := openAt(t, strings.Replace(server.Address(), "webmon:webmon@", "plain:secret@", 1), &log)
	n := s.NewSnapshotter()
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { n.Run(ctx) })
	for range 3 {
		if _, err := n.Now(t.Context()); !errors.Is(err, store.ErrSnapshotDenied) {
			t.Errorf("a snapshot that is not allowed: %v", err)
		}
	}
	if i := info(t, s); i.Allowed || i.Error == "" {
		t.Errorf("%+v", i)
	}
	create(t, s, newAsset("http://a/")) // everything else works
	cancel()
	running.Wait()
	if said := strings.Count(log.String(), "no snapshots"); said != 1 {
		t.Errorf("said %d times: %s", said, &log)
	}
}

// waitFor waits until a condition holds.
func waitFor(t *testing.T, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !holds(); {
		if time.Now().After(deadline) {
			t.Fatal("it never holds")
		}
	}
}
