package store

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/redis/rueidis"
)

// The errors that callers tell apart, with errors.Is.
var (
	ErrUnavailable = errors.New("redis is not available")
	// ErrFull and ErrUnsaved are ErrUnavailable too, for writes only.
	ErrFull      = errors.New("redis has reached its memory limit")
	ErrUnsaved   = errors.New("redis refuses writes since it could not save its data")
	ErrNotFound  = errors.New("not found")
	ErrRevision  = errors.New("the asset was changed by somebody else in the meantime")
	ErrCursor    = errors.New("this cursor is not one of ours")
	ErrLeaseLost = errors.New("the lease on the job is gone")
	// ErrAssetChanged says that a result is of an asset that is another one now.
	ErrAssetChanged = errors.New("the asset was changed while it was checked")
)

const (
	dialTimeout = 2 * time.Second
	// writeTimeout ends a connection on which nothing moves, such as one to a
	// host that vanished.
	writeTimeout = 10 * time.Second
	minVersion   = 7
	maxBackoff   = 2 * time.Second
	// backAfter is how long nothing may be refused before Redis counts as back.
	backAfter = time.Second
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
	// One connection: commands of all goroutines share its writes, which costs
	// less than spreading them, and after an outage there is one that is stale.
	opt.PipelineMultiplex = -1
	opt.ClientName = "webmon"
	opt.ClientSetInfo = rueidis.DisableClientSetInfo // one right less to ask for
	return opt, nil
}

// redacted is an address as it may be shown.
func redacted(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "(not a URL)"
	}
	return u.Redacted()
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
	if _, refused := rueidis.IsRedisErr(err); refused && !isPassing(err) {
		return nil, &refusedError{s.shown, err}
	}
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), dialTimeout)
	defer cancel()
	info, err := c.Do(ctx, c.B().Info().Section("server", "memory").Build()).ToString()
	if err != nil {
		c.Close()
		return nil, err
	}
	fields := infoFields(info)
	version := fields["redis_version"]
	if major, _ := strconv.Atoi(strings.SplitN(version, ".", 2)[0]); major < minVersion {
		c.Close()
		return nil, &versionError{version}
	}
	if memory := memoryInfo(fields); memory.Evicts() {
		s.opts.Logger.Warn(memory.Warning())
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

// refusedError is a Redis that lets nobody in with this address.
type refusedError struct {
	address string
	err     error
}

func (e *refusedError) Error() string {
	return fmt.Sprintf("Redis at %s refuses the connection: %v: check the user and the password in the address", e.address, e.err)
}

func (e *refusedError) Unwrap() error { return e.err }

// passing are the error prefixes of a Redis that is there but cannot work just now.
var passing = []string{"LOADING", "MASTERDOWN", "CLUSTERDOWN", "TRYAGAIN", "READONLY", "OOM", "MISCONF", "BUSY"}

// check sorts an error: everything that time can mend becomes ErrUnavailable,
// which is logged once when it begins and once when it is over.
func (s *Store) check(err error) error {
	if err == nil || rueidis.IsRedisNil(err) {
		// A Redis that is full still answers what only reads. So it is back
		// only when nothing was refused for a while.
		if since := s.awaySince.Load(); since != 0 && time.Now().UnixNano()-since > int64(backAfter) && s.awaySince.CompareAndSwap(since, 0) {
			s.opts.Logger.Info("Redis works again")
		}
		return err
	}
	var tooOld *versionError
	var refused *refusedError
	if errors.As(err, &tooOld) || errors.As(err, &refused) || errors.Is(err, ErrUnavailable) || errors.Is(err, context.Canceled) {
		return err
	}
	if isDenied(err) {
		return &rightsError{s.keys.prefix, err}
	}
	if _, answered := rueidis.IsRedisErr(err); answered && !isPassing(err) {
		return err
	}
	return s.unavailable(err)
}

func isPassing(err error) bool {
	answer, ok := rueidis.IsRedisErr(err)
	return ok && slices.ContainsFunc(passing, func(prefix string) bool { return strings.HasPrefix(answer.Error(), prefix) })
}

func (s *Store) unavailable(err error) error {
	why, kind := "Redis is away; trying again until it works", error(nil)
	if answer, answered := rueidis.IsRedisErr(err); answered {
		switch {
		case strings.HasPrefix(answer.Error(), "OOM"):
			kind = ErrFull
		case strings.HasPrefix(answer.Error(), "MISCONF"):
			kind = ErrUnsaved
		}
	}
	if kind != nil {
		why = "Redis takes no writes; trying again until it does"
		err = fmt.Errorf("%w: %w", kind, err)
	}
	if !s.closed.Load() && s.awaySince.Swap(time.Now().UnixNano()) == 0 {
		s.opts.Logger.Warn(why, "err", err)
	}
	return fmt.Errorf("%w: %w", ErrUnavailable, err)
}

// Retry does something again and again while it fails with ErrUnavailable, with
// longer and longer pauses. It gives the last error when ctx ends.
func (s *Store) Retry(ctx context.Context, do func() error) error {
	for backoff := 10 * time.Millisecond; ; backoff = min(2*backoff, maxBackoff) {
		err := do()
		if !errors.Is(err, ErrUnavailable) {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(backoff):
		}
	}
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
