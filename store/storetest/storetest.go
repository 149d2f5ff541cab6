// Package storetest gives tests a real Redis. Import it from tests only.
//
// Every server is used as a user with the rights of [store.ACL] and no others,
// as SECURITY.md advises, so that all tests prove that they are enough.
package storetest

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rs/xid"
	"go.uber.org/goleak"

	"webmon/store"
	"webmon/store/localredis"
)

const prefix = "webmon" // of all keys

var rights = store.ACL(prefix)

// shared is the one redis-server of a test binary. It is started on first use,
// stopped by Main, and else killed by the kernel when the binary ends.
var (
	started atomic.Pointer[localredis.Server]
	shared  = sync.OnceValues(func() (*localredis.Server, error) {
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		defer cancel()
		dir, err := os.MkdirTemp("", "webmon-test-")
		if err != nil {
			return nil, err
		}
		server, err := localredis.Start(ctx, localredis.Options{Dir: dir, Ephemeral: true, ACL: rights})
		started.Store(server)
		return server, err
	})
)

// Main is the TestMain of a package whose tests use Redis.
func Main(m *testing.M) { os.Exit(Run(m)) }

// Run runs the tests and gives the exit code, which also tells of a goroutine that
// one of them has left behind.
func Run(m *testing.M) (code int) {
	code = m.Run()
	if server := started.Load(); server != nil {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := server.Stop(ctx); err != nil {
			fmt.Fprintln(os.Stderr, "stop the tests' Redis:", err)
			code = 1
		}
	}
	http.DefaultClient.CloseIdleConnections()
	if err := goleak.Find(); code == 0 && err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	return code
}

// Address is the address of the Redis that all tests of the binary share.
func Address(t testing.TB) string {
	t.Helper()
	server, err := shared()
	if err != nil {
		t.Fatalf("start a redis-server for the tests: %v", err)
	}
	return server.Address()
}

// Open gives a store under a key prefix of its own in the shared Redis.
// change may alter the options before the store is opened.
func Open(t testing.TB, change ...func(*store.Options)) *store.Store {
	t.Helper()
	opts := store.Options{Address: Address(t), Prefix: prefix + ":t" + xid.New().String()}
	for _, c := range change {
		c(&opts)
	}
	s, err := store.Open(opts)
	if err != nil {
		t.Fatalf("open the store: %v", err)
	}
	t.Cleanup(s.Close)
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := s.Ready(ctx); err != nil {
		t.Fatalf("reach the tests' Redis: %v", err)
	}
	return s
}

// Server starts a redis-server of the test's own, for tests that stop or break
// it. It is stopped when the test ends.
func Server(t testing.TB) *localredis.Server {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	server, err := localredis.Start(ctx, localredis.Options{Dir: filepath.Join(t.TempDir(), "redis"), Ephemeral: true, ACL: rights})
	if err != nil {
		t.Fatalf("start a redis-server: %v", err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := server.Stop(ctx); err != nil {
			t.Error(err)
		}
	})
	return server
}

// Restartable is a redis-server that a test stops and starts again. It keeps
// its data and its address.
type Restartable struct {
	t      testing.TB
	dir    string
	server *localredis.Server
}

// NewRestartable starts a redis-server that can be stopped.
func NewRestartable(t testing.TB) *Restartable {
	t.Helper()
	r := &Restartable{t: t, dir: filepath.Join(t.TempDir(), "redis")}
	r.Start()
	t.Cleanup(r.Stop)
	return r
}

// Address is where the server is, when it runs.
func (r *Restartable) Address() string { return r.server.Address() }

// Start starts the server, with the data it had when it was stopped.
func (r *Restartable) Start() {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	server, err := localredis.Start(ctx, localredis.Options{Dir: r.dir, ACL: rights})
	if err != nil {
		r.t.Fatalf("start a redis-server: %v", err)
	}
	r.server = server
}

// Stop stops the server, which saves its data.
func (r *Restartable) Stop() {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	if err := r.server.Stop(ctx); err != nil {
		r.t.Errorf("stop the redis-server: %v", err)
	}
}
