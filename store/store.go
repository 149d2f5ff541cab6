// Package store is everything webmon keeps in Redis: keys, scripts, assets,
// jobs, results, statistics and snapshots. No other package sends a command.
//
// Keys are spread over [Partitions] partitions by asset id. All keys of a
// partition share a hash tag ("{p17}"), and every script declares every key it
// touches, all of one partition: what is atomic on one Redis stays atomic on a
// Redis Cluster. See keys.go for the layout and scripts/ for the transitions.
package store

import (
	"context"
	"errors"
	"log/slog"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/redis/rueidis"
	"golang.org/x/sync/singleflight"
)

// Options says which Redis to use and how.
type Options struct {
	// Address is redis://, rediss:// or unix://, with user, password and
	// database as in the Redis URI scheme.
	Address string
	// CA is a PEM file with the certificates that a Redis at rediss:// is
	// trusted by; empty for those of the system. Cert and Key are PEM files that
	// are shown to a Redis that asks for a certificate. They are read once.
	CA, Cert, Key string
	// Prefix begins every key, so that several webmons can share a Redis.
	Prefix string
	// Retention is the default for assets that set none. Zero fields mean
	// 10,000 results and 30 days.
	Retention Retention
	// Redeliver is how long a queued job waits before its id is pushed again;
	// it doubles with every push. Zero means 10 s.
	Redeliver time.Duration
	// MaxAttempts is how often a job is leased before it fails. Zero means 5.
	MaxAttempts int
	Logger      *slog.Logger
	// Now replaces the clock of the Redis server in tests. Nil means the
	// server's own clock, so that hosts need not agree on the time.
	Now func() time.Time
}

// The default retention of results, per asset.
const (
	DefaultRetentionCount = 10_000
	DefaultRetentionAge   = 30 * 24 * time.Hour
)

// Store is a connection to Redis. It is safe for concurrent use.
type Store struct {
	opts     Options
	dial     rueidis.ClientOption
	shown    string // the address, without its password
	keys     *keyspace
	client   atomic.Pointer[rueidis.Client]
	dialing  singleflight.Group
	closed   atomic.Bool
	snapshot snapshotNote

	awaySince atomic.Int64 // when Redis last failed, in Unix nanoseconds; 0 while it works
}

// Open checks the options. It does not wait for Redis: a Redis that is away
// makes calls fail with [ErrUnavailable] until it is back.
func Open(opts Options) (*Store, error) {
	dial, err := parseAddress(opts.Address)
	if err != nil {
		return nil, err
	}
	if err := trust(dial.TLSConfig, opts); err != nil {
		return nil, err
	}
	if opts.Prefix == "" {
		opts.Prefix = "webmon"
	}
	if opts.Logger == nil {
		opts.Logger = slog.New(slog.DiscardHandler)
	}
	if opts.Retention.Count == 0 {
		opts.Retention.Count = DefaultRetentionCount
	}
	if opts.Retention.Age == 0 {
		opts.Retention.Age = Duration(DefaultRetentionAge)
	}
	if opts.Redeliver == 0 {
		opts.Redeliver = 10 * time.Second
	}
	if opts.MaxAttempts == 0 {
		opts.MaxAttempts = 5
	}
	if opts.Retention.Count < 0 || opts.Retention.Age < 0 || opts.Redeliver < 0 || opts.MaxAttempts < 0 {
		return nil, errors.New("store: retention, redelivery and attempts cannot be negative")
	}
	return &Store{opts: opts, dial: dial, shown: redacted(opts.Address), keys: newKeyspace(opts.Prefix)}, nil
}

// Close ends the connection. Calls under way fail.
func (s *Store) Close() {
	s.closed.Store(true)
	if c := s.client.Swap(nil); c != nil {
		(*c).Close()
	}
}

// nowArg is the time argument of every script: milliseconds since 1970, or 0
// for "ask Redis".
func (s *Store) nowArg() string {
	if s.opts.Now == nil {
		return "0"
	}
	return millis(s.opts.Now())
}

// now is the time for what the store computes itself.
func (s *Store) now() time.Time {
	if s.opts.Now == nil {
		return time.Now()
	}
	return s.opts.Now()
}

func millis(t time.Time) string { return strconv.FormatInt(t.UnixMilli(), 10) }

// Ping asks Redis for a sign of life.
func (s *Store) Ping(ctx context.Context) error {
	c, err := s.conn(ctx)
	if err != nil {
		return err
	}
	return s.check(c.Do(ctx, c.B().Ping().Build()).Error())
}

// Ready waits until Redis answers. It returns at once when Redis can never do
// (too old, wrong password, half restored), and with the last error when ctx
// ends first.
func (s *Store) Ready(ctx context.Context) error {
	return s.Retry(ctx, func() error { return s.CheckWhole(ctx) })
}
