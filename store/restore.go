package store

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"

	"github.com/redis/rueidis"
)

// The reasons why a store cannot be used or restored into, for errors.Is.
var (
	// ErrHalfRestored says that a restore into this Redis is not over.
	ErrHalfRestored = errors.New("a restore into this Redis is under way or was interrupted, so not everything is there: wait for it, or run webmon restore again")
	ErrHoldsAssets  = errors.New("this Redis holds assets of webmon already")
	ErrInUse        = errors.New("webmon is running on this Redis")
)

// RestoreOptions says how to restore.
type RestoreOptions struct {
	// Name is unique to the process.
	Name string
	// Replace deletes what the store holds. Without it a store that holds assets
	// is refused, unless a restore was interrupted there.
	Replace bool
	// Alone says that nobody else can reach this Redis, so that whoever is listed
	// as alive is not.
	Alone bool
}

// Restoration writes a backup into a store. From its beginning to its end no
// role starts there. It is for one goroutine.
type Restoration struct {
	store *Store
	leave func() // ends the attendance

	calls     []rueidis.LuaExec
	chunks    []rueidis.Completed
	incidents []rueidis.LuaExec
	bytes     int // that wait in all of these
}

// What is written in one go.
const (
	restoreCalls = 200
	restoreBytes = 1 << 20
)

// BeginRestore empties a store, to be restored into. It fails with ErrInUse
// while a member lives, and with ErrHoldsAssets.
func (s *Store) BeginRestore(ctx context.Context, o RestoreOptions) (*Restoration, error) {
	me := Member{Role: "restore", Name: o.Name}
	attending, cancel := context.WithCancel(context.WithoutCancel(ctx))
	var attendance sync.WaitGroup
	r := &Restoration{store: s, leave: func() { cancel(); attendance.Wait() }}
	if err := s.Beat(ctx, me); err != nil {
		cancel()
		return nil, err
	}
	attendance.Go(func() { s.Attend(attending, me, func() map[string]float64 { return nil }) })
	if err := s.prepare(ctx, o); err != nil {
		r.leave()
		return nil, err
	}
	return r, nil
}

// prepare marks the store as one that is restored, and empties it.
func (s *Store) prepare(ctx context.Context, o RestoreOptions) error {
	if !o.Alone {
		members, err := s.Members(ctx)
		if err != nil {
			return err
		}
		var others []string
		for _, m := range members {
			if m.Name != o.Name {
				others = append(others, m.Role+" "+m.Name)
			}
		}
		if len(others) > 0 {
			return fmt.Errorf("%w: %s: stop all of it first; what was killed counts for %v", ErrInUse, strings.Join(others, ", "), 3*BeatEvery)
		}
	}
	err := s.CheckWhole(ctx)
	if err != nil && !errors.Is(err, ErrHalfRestored) {
		return err
	}
	if err == nil && !o.Replace {
		if holds, err := s.holdsAssets(ctx); err != nil || holds {
			if err == nil {
				err = ErrHoldsAssets
			}
			return err
		}
	}
	c, err := s.conn(ctx)
	if err != nil {
		return err
	}
	if err := s.check(c.Do(ctx, c.B().Set().Key(s.keys.restore).Value(millis(s.now())).Build()).Error()); err != nil {
		return err
	}
	return s.wipe(ctx)
}

// CheckWhole fails with ErrHalfRestored while a restore is not over.
func (s *Store) CheckWhole(ctx context.Context) error {
	c, err := s.conn(ctx)
	if err != nil {
		return err
	}
	n, err := c.Do(ctx, c.B().Exists().Key(s.keys.restore).Build()).AsInt64()
	if err = s.check(err); err != nil {
		return err
	}
	if n > 0 {
		return ErrHalfRestored
	}
	return nil
}

func (s *Store) holdsAssets(ctx context.Context) (bool, error) {
	ids, _, err := s.ids(ctx, memberAsset(""), "", 1)
	return len(ids) > 0, err
}

// wipe deletes every key of every partition.
func (s *Store) wipe(ctx context.Context) error {
	escape := strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`)
	pattern := escape.Replace(s.keys.prefix) + ":{p[0-9][0-9]}:*"
	for cursor := uint64(0); ; {
		c, err := s.conn(ctx)
		if err != nil {
			return err
		}
		found, err := c.Do(ctx, c.B().Scan().Cursor(cursor).Match(pattern).Count(1000).Build()).AsScanEntry()
		if err = s.check(err); err != nil {
			return err
		}
		commands := make([]rueidis.Completed, len(found.Elements))
		for i, key := range found.Elements {
			commands[i] = c.B().Unlink().Key(key).Build() // one by one: they may be of several slots
		}
		if _, err := s.pipeline(ctx, commands...); err != nil {
			return err
		}
		if cursor = found.Cursor; cursor == 0 {
			return nil
		}
	}
}

// Asset writes an asset with all its results, sooner or later.
func (r *Restoration) Asset(ctx context.Context, c *AssetCopy) error {
	call, err := c.putCall(r.store)
	if err != nil {
		return fmt.Errorf("asset %s: %w", c.ID, err)
	}
	for _, arg := range call.Args {
		r.bytes += len(arg)
	}
	r.calls = append(r.calls, call)
	if len(c.Sealed) > 0 {
		return r.Results(ctx, c.ID, c.Sealed)
	}
	return r.flushSome(ctx)
}

// Results appends sealed chunks of results to an asset, the oldest first.
func (r *Restoration) Results(ctx context.Context, id string, sealed []string) error {
	c, err := r.store.conn(ctx)
	if err != nil {
		return err
	}
	for _, chunk := range sealed {
		r.bytes += len(chunk)
	}
	r.chunks = append(r.chunks, c.B().Rpush().Key(r.store.keys.of(id).sealed(id)).Element(sealed...).Build())
	return r.flushSome(ctx)
}

func (r *Restoration) flushSome(ctx context.Context) error {
	if r.bytes < restoreBytes && len(r.calls)+len(r.chunks)+len(r.incidents) < restoreCalls {
		return nil
	}
	return r.flush(ctx)
}

func (r *Restoration) flush(ctx context.Context) error {
	var failure error
	first := func(_ int, _ rueidis.RedisMessage, err error) {
		if failure == nil {
			failure = err
		}
	}
	r.store.runMany(ctx, scriptPutCopy, r.calls, first)
	if failure == nil {
		_, failure = r.store.pipeline(ctx, r.chunks...)
	}
	if failure == nil {
		r.store.runMany(ctx, scriptPutIncident, r.incidents, first)
	}
	r.calls, r.chunks, r.incidents, r.bytes = r.calls[:0], r.chunks[:0], r.incidents[:0], 0
	return failure
}

// Finish writes what is left and the counters. From then on roles may start.
func (r *Restoration) Finish(ctx context.Context, n CopyCounters) error {
	if err := r.flush(ctx); err != nil {
		return err
	}
	s := r.store
	c, err := s.conn(ctx)
	if err != nil {
		return err
	}
	number := func(n int64) string { return strconv.FormatInt(n, 10) }
	commands := make([]rueidis.Completed, Partitions)
	for i := range commands {
		// Every partition goes on after the highest number of a job, wherever that
		// was: no asset has a job of the same number twice.
		set := c.B().Hset().Key(s.keys.partitions[i].meta).FieldValue().FieldValue("seq", number(n.Jobs))
		if i == 0 {
			set = set.FieldValue("checks", number(n.Checks)).FieldValue("skipped", number(n.Skipped))
		}
		commands[i] = set.Build()
	}
	if _, err := s.pipeline(ctx, commands...); err != nil {
		return err
	}
	_, err = s.pipeline(ctx, c.B().Del().Key(s.keys.restore).Build())
	return err
}

// Close ends the restoration. Without Finish before it the store counts as half
// restored.
func (r *Restoration) Close() { r.leave() }
