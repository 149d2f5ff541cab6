package store_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"webmon/plugins"
	"webmon/store"
	"webmon/store/localredis"
	"webmon/store/storetest"
)

// A Redis that may drop what is stored is warned of when webmon connects, and
// whenever somebody asks.
func TestEvictingRedis(t *testing.T) {
	t.Parallel()
	server := storetest.Server(t)
	var calm, log bytes.Buffer
	s := openAt(t, server.Address(), &calm)
	if m, err := s.RedisMemory(t.Context()); err != nil || m.Warning() != "" || m.Used == 0 || calm.Len() != 0 {
		t.Errorf("noeviction: %+v, %v; log: %s", m, err, &calm)
	}
	storetest.Configure(t, server.Address(), "maxmemory-policy", "allkeys-lru")
	s = openAt(t, server.Address(), &log)
	if m, err := s.RedisMemory(t.Context()); err != nil || !m.Evicts() || !strings.Contains(m.Warning(), "allkeys-lru") {
		t.Errorf("allkeys-lru: %+v, %v", m, err)
	}
	if said := log.String(); !strings.Contains(said, "noeviction") || strings.Count(said, "\n") != 1 {
		t.Errorf("the log: %s", said)
	}
}

// Nothing is begun whose result could not be stored: a full Redis costs no job an attempt.
func TestFullRedisCostsNoAttempt(t *testing.T) {
	t.Parallel()
	s := openAt(t, storetest.Server(t).Address(), new(bytes.Buffer))
	a := create(t, s, newAsset("http://a/"))
	_, jobs := enqueue(t, s, store.Selection{Assets: []string{a.ID}})
	if err := s.LimitMemory(t.Context(), "1"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Lease(t.Context(), jobs[0], "one", time.Minute); !errors.Is(err, store.ErrFull) || !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("a lease: %v", err)
	}
	if m, err := s.RedisMemory(t.Context()); err != nil || !strings.Contains(m.Warning(), "limit of 1 bytes") {
		t.Errorf("%+v, %v", m, err)
	}
	if j, err := s.Job(t.Context(), jobs[0]); err != nil || j.State != store.Queued || j.Attempts != 0 {
		t.Errorf("the job: %+v, %v", j, err)
	}
	if err := s.LimitMemory(t.Context(), "0"); err != nil {
		t.Fatal(err)
	}
	l, err := s.Lease(t.Context(), jobs[0], "one", time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Finish(t.Context(), l, outcome(l, time.Now(), plugins.Up)); err != nil {
		t.Error(err)
	}
}

// A disk that takes no snapshot is told of; webmon goes on, also when Redis refuses
// writes for that reason, and recovers by itself.
func TestSnapshotCannotBeWritten(t *testing.T) {
	t.Parallel()
	dir, err := os.MkdirTemp("", "webmon-full-") // short enough for a socket's path
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	server, err := localredis.Start(t.Context(), localredis.Options{Dir: dir, Ephemeral: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Stop(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
	})
	// Redis writes another file and gives it this name in the end, which fails.
	inTheWay := filepath.Join(dir, "webmon.rdb", "full")
	if err := os.MkdirAll(inTheWay, 0o700); err != nil {
		t.Fatal(err)
	}
	s := openAt(t, server.Address(), new(bytes.Buffer))
	n := snapshotter(t, s)
	if _, err := n.Now(t.Context()); err == nil || !strings.Contains(err.Error(), "full disk") {
		t.Errorf("the snapshot: %v", err)
	}
	if i := info(t, s); i.Held || i.Error == "" {
		t.Errorf("what is said of it: %+v", i)
	}
	create(t, s, newAsset("http://goes-on/"))

	// As most Redis are configured, writes are refused now.
	storetest.Configure(t, server.Address(), "save", "3600 1000000")
	storetest.Configure(t, server.Address(), "stop-writes-on-bgsave-error", "yes")
	if err := s.CreateAsset(t.Context(), newAsset("http://b/")); !errors.Is(err, store.ErrUnsaved) || !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("a write: %v", err)
	}
	if err := os.RemoveAll(filepath.Dir(inTheWay)); err != nil {
		t.Fatal(err)
	}
	if _, err := n.Now(t.Context()); err != nil {
		t.Errorf("the snapshot, with room: %v", err)
	}
	create(t, s, newAsset("http://c/"))
	if i := info(t, s); !i.Held || i.Error != "" {
		t.Errorf("what is said of it: %+v", i)
	}
}
