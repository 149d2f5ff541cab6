package store

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/redis/rueidis"
)

// The errors that callers tell apart, with errors.Is.
var (
	ErrUnavailable = errors.New("redis is not available")
	ErrNotFound    = errors.New("not found")
	ErrRevision    = errors.New("the asset was changed by somebody else in the meantime")
	ErrCursor      = errors.New("this cursor is not one of ours")
	ErrLeaseLost   = errors.New("the lease on the job is gone")
)

const (
	dialTimeout = 2 * time.Second
	// writeTimeout ends a connection on which nothing moves, such as one to a
	// host that vanished.
	writeTimeout = 10 * time.Second
	minVersion   = 7
)

func parseAddress(address string) (rueidis.ClientOption, error) {
	u, err := url.Parse(address)
	if err != nil {
		// url.Error repeats the address, which may hold a password.
		return rueidis.ClientOption{}, errors.New("the Redis address is not a URL: write redis://host:6379, rediss://host:6379 or unix:///path/to/redis.sock")
	}
	switch u.Scheme {
	case "redis", "rediss", "unix":
	default:
		return rueidis.ClientOption{}, fmt.Errorf("address of Redis %s: the scheme is not one of redis://, rediss://, unix://", u.Redacted())
	}
	opt, err := rueidis.ParseURL(address)
	if err != nil {
		return rueidis.ClientOption{}, fmt.Errorf("address of Redis %s: %w", u.Redacted(), err)
	}
	opt.ForceSingleClient = true
	opt.DisableCache = true // nothing is read twice soon enough to pay for tracking
	opt.DisableRetry = true // the roles retry, with a backoff of their own
	opt.Dialer.Timeout = dialTimeout
	opt.ConnWriteTimeout = writeTimeout
	opt.ClientName = "webmon"
	return opt, nil
}

// conn is the client, connected on first use.
func (s *Store) conn(ctx context.Context) (rueidis.Client, error) {
	if c := s.client.Load(); c != nil {
		return *c, nil
	}
	dialed := s.dialing.DoChan("", func() (any, error) {
		if c := s.client.Load(); c != nil {
			return *c, nil
		}
		return s.connect()
	})
	select {
	case r := <-dialed:
		if r.Err != nil {
			return nil, s.check(r.Err)
		}
		return r.Val.(rueidis.Client), nil
	case <-ctx.Done():
		return nil, fmt.Errorf("%w: %w", ErrUnavailable, ctx.Err())
	}
}

func (s *Store) connect() (rueidis.Client, error) {
	if s.closed.Load() {
		return nil, errors.New("the store is closed")
	}
	c, err := rueidis.NewClient(s.dial)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), dialTimeout)
	defer cancel()
	info, err := c.Do(ctx, c.B().Info().Section("server").Build()).ToString()
	if err != nil {
		c.Close()
		return nil, err
	}
	version := infoFields(info)["redis_version"]
	if major, _ := strconv.Atoi(strings.SplitN(version, ".", 2)[0]); major < minVersion {
		c.Close()
		return nil, &versionError{version}
	}
	s.client.Store(&c)
	if s.closed.Load() { // Close came meanwhile and may have seen no client
		s.Close()
		return nil, errors.New("the store is closed")
	}
	return c, nil
}

// versionError is a Redis that will not do however long one waits.
type versionError struct{ version string }

func (e *versionError) Error() string {
	return fmt.Sprintf("Redis %s is too old: webmon needs Redis %d or newer", e.version, minVersion)
}

// passing are the error prefixes of a Redis that is there but cannot work just now.
var passing = []string{"LOADING", "MASTERDOWN", "CLUSTERDOWN", "TRYAGAIN", "READONLY", "OOM", "MISCONF", "BUSY"}

// check sorts an error: everything that time can mend becomes ErrUnavailable,
// which is logged once when it begins and once when it is over.
func (s *Store) check(err error) error {
	if err == nil || rueidis.IsRedisNil(err) {
		if s.away.Load() && s.away.CompareAndSwap(true, false) {
			s.opts.Logger.Info("Redis answers again")
		}
		return err
	}
	var tooOld *versionError
	if errors.As(err, &tooOld) || errors.Is(err, ErrUnavailable) {
		return err
	}
	if errors.Is(err, context.Canceled) {
		return err
	}
	if answer, ok := rueidis.IsRedisErr(err); ok {
		for _, prefix := range passing {
			if strings.HasPrefix(answer.Error(), prefix) {
				return s.unavailable(err)
			}
		}
		return err
	}
	return s.unavailable(err)
}

func (s *Store) unavailable(err error) error {
	if !s.closed.Load() && s.away.CompareAndSwap(false, true) {
		s.opts.Logger.Warn("Redis is away; trying again until it answers", "err", err)
	}
	return fmt.Errorf("%w: %w", ErrUnavailable, err)
}

// infoFields parses the answer of INFO.
func infoFields(info string) map[string]string {
	fields := map[string]string{}
	for line := range strings.SplitSeq(info, "\r\n") {
		if name, value, ok := strings.Cut(line, ":"); ok {
			fields[name] = value
		}
	}
	return fields
}
