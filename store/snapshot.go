package store

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/redis/rueidis"
)

// SnapshotInfo is what Redis says of its RDB snapshots.
type SnapshotInfo struct {
	Running bool      // a snapshot is being written now
	Began   time.Time // when the last one began; zero when it failed, or there was none since Redis started
	Ended   time.Time // when the last good one ended; zero when there was none since Redis started
	Held    bool      // the last one was written
	Error   string    // why not, or why none can be
	Allowed bool      // Redis lets webmon take snapshots
	Begun   int64     // how many were begun since Redis started
}

// Snapshots asks Redis about its snapshots. Times are in whole seconds.
func (s *Store) Snapshots(ctx context.Context) (SnapshotInfo, error) {
	c, err := s.conn(ctx)
	if err != nil {
		return SnapshotInfo{}, err
	}
	text, err := c.Do(ctx, c.B().Info().Section("persistence").Build()).ToString()
	if err = s.check(err); err != nil {
		return SnapshotInfo{}, err
	}
	f := infoFields(text)
	number := func(name string) int64 {
		n, _ := strconv.ParseInt(f[name], 10, 64)
		return n
	}
	info := SnapshotInfo{Running: f["rdb_bgsave_in_progress"] == "1", Allowed: true, Begun: number("rdb_saves")}
	// Before its first snapshot Redis gives its own start as the last save.
	if took := number("rdb_last_bgsave_time_sec"); took >= 0 {
		info.Held = f["rdb_last_bgsave_status"] == "ok"
		info.Ended = time.Unix(number("rdb_last_save_time"), 0).UTC()
		if info.Held {
			info.Began = info.Ended.Add(-time.Duration(took) * time.Second)
		} else {
			info.Error = "Redis could not write its snapshot: see its log; a full disk and a folder it may not write to are the usual reasons"
		}
	}
	if denied := s.snapshot.denied(); denied != "" {
		info.Allowed, info.Error = false, denied
	}
	return info, nil
}

// snapshotNote remembers that Redis refuses to take snapshots.
type snapshotNote struct {
	mu     sync.Mutex
	reason string
}

func (n *snapshotNote) denied() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.reason
}

// set notes the reason, empty for none, and tells whether it is a new one.
func (n *snapshotNote) set(reason string) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	fresh := n.reason == "" && reason != ""
	n.reason = reason
	return fresh
}

// ErrSnapshotDenied says that Redis does not let webmon take snapshots.
var ErrSnapshotDenied = errors.New("snapshots are not allowed: Redis refuses BGSAVE")

// Snapshotter takes snapshots for those who ask: one runs, one waits at most,
// and each asker is covered by one that began after it asked.
type Snapshotter struct {
	store *Store

	mu      sync.Mutex
	asked   int           // number of the latest request
	urgent  int           // number of the latest request that will not wait for the pause
	covered int           // requests up to this one are covered
	result  error         // of the snapshot that covered them
	changed chan struct{} // closed and replaced when covered grows
	wake    chan struct{}
	pause   time.Duration // after a snapshot, before one that is not urgent
	ended   time.Time
}

// minPause keeps a stream of small changes from saving without end; the pause
// is also never shorter than the last snapshot took.
const minPause = time.Second

// NewSnapshotter makes a snapshotter. It works while Run runs.
func (s *Store) NewSnapshotter() *Snapshotter {
	return &Snapshotter{store: s, changed: make(chan struct{}), wake: make(chan struct{}, 1), pause: minPause}
}

// Ask asks for a snapshot and returns at once.
func (n *Snapshotter) Ask() { n.request(false) }

// Now asks for a snapshot at once and waits until one that began after the
// call has ended. When ctx ends first it is still being taken: Covered tells
// when the request, of which the number is given, is settled.
func (n *Snapshotter) Now(ctx context.Context) (request int, err error) {
	request, changed := n.request(true)
	for {
		select {
		case <-changed:
		case <-ctx.Done():
			return request, fmt.Errorf("the snapshot is still being taken: %w", ctx.Err())
		}
		n.mu.Lock()
		changed = n.changed
		n.mu.Unlock()
		if covered, result := n.Covered(); covered >= request {
			return request, result
		}
	}
}

// Covered gives the number of the latest request that is settled, and how its
// snapshot went.
func (n *Snapshotter) Covered() (request int, result error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.covered, n.result
}

func (n *Snapshotter) request(urgent bool) (ticket int, changed <-chan struct{}) {
	n.mu.Lock()
	n.asked++
	if urgent {
		n.urgent = n.asked
	}
	ticket, changed = n.asked, n.changed
	n.mu.Unlock()
	select {
	case n.wake <- struct{}{}:
	default:
	}
	return ticket, changed
}

// Run takes the snapshots until ctx ends. What was asked for before is then
// still begun, if Redis answers, so that no change is lost by a stop.
func (n *Snapshotter) Run(ctx context.Context) {
	for ctx.Err() == nil {
		wait, want := n.next()
		switch {
		case !want:
			select {
			case <-n.wake:
			case <-ctx.Done():
			}
		case wait > 0:
			timer := time.NewTimer(wait)
			select {
			case <-timer.C:
			case <-n.wake: // perhaps an urgent one
			case <-ctx.Done():
			}
			timer.Stop()
		default:
			n.take(ctx)
		}
	}
	if _, want := n.next(); want {
		n.begin()
	}
}

// next tells whether a snapshot is wanted and how long to wait before it.
func (n *Snapshotter) next() (wait time.Duration, want bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.asked == n.covered {
		return 0, false
	}
	if n.urgent > n.covered {
		return 0, true
	}
	return time.Until(n.ended.Add(n.pause)), true
}

// begin starts a last snapshot without waiting for its end.
func (n *Snapshotter) begin() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_, _ = n.bgsave(ctx)
}

// take takes one snapshot and settles the requests that it covers. While
// Redis is away it keeps trying.
func (n *Snapshotter) take(ctx context.Context) {
	var ticket int
	var err error
	var began time.Time
	for backoff := 50 * time.Millisecond; ; backoff = min(2*backoff, 2*time.Second) {
		n.mu.Lock()
		ticket = n.asked
		n.mu.Unlock()
		began = time.Now()
		if err = n.save(ctx); !errors.Is(err, ErrUnavailable) {
			break
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(backoff):
		}
	}
	if ctx.Err() != nil {
		return
	}
	if errors.Is(err, ErrSnapshotDenied) {
		if n.store.snapshot.set(err.Error()) {
			n.store.opts.Logger.Warn("no snapshots are taken; everything else works", "err", err)
		}
	} else {
		n.store.snapshot.set("")
		if err != nil {
			n.store.opts.Logger.Error("snapshot", "err", err)
		}
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.covered, n.result = ticket, err
	n.ended, n.pause = time.Now(), max(minPause, time.Since(began))
	close(n.changed)
	n.changed = make(chan struct{})
}

// save has Redis take a snapshot that begins after the call, and waits for it.
func (n *Snapshotter) save(ctx context.Context) error {
	before, err := n.bgsave(ctx)
	if err != nil {
		return err
	}
	// When another one was begun after this one, this one is over.
	info, err := n.await(ctx, func(i SnapshotInfo) bool { return !i.Running || i.Begun > before.Begun+1 })
	if err != nil {
		return err
	}
	if !info.Held {
		return errors.New(info.Error)
	}
	return nil
}

// bgsave begins a snapshot, once the one that runs, if any, is over.
func (n *Snapshotter) bgsave(ctx context.Context) (before SnapshotInfo, err error) {
	for {
		before, err = n.await(ctx, func(i SnapshotInfo) bool { return !i.Running })
		if err != nil {
			return before, err
		}
		c, err := n.store.conn(ctx)
		if err != nil {
			return before, err
		}
		said := c.Do(ctx, c.B().Bgsave().Build()).Error()
		err = n.store.check(said)
		answer, refused := rueidis.IsRedisErr(said)
		switch {
		case !refused:
			return before, err
		case !strings.Contains(strings.ToLower(answer.Error()), "in progress") && !strings.Contains(answer.Error(), "child process"):
			return before, fmt.Errorf("%w: %w", ErrSnapshotDenied, err)
		}
		// Somebody else's snapshot, or a rewrite of the append-only file, came
		// first: wait for it.
		select {
		case <-ctx.Done():
			return before, ctx.Err()
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// await asks Redis again and again until its snapshots are as wanted.
func (n *Snapshotter) await(ctx context.Context, wanted func(SnapshotInfo) bool) (SnapshotInfo, error) {
	for pause := 5 * time.Millisecond; ; pause = min(2*pause, 250*time.Millisecond) {
		info, err := n.store.Snapshots(ctx)
		if err != nil || wanted(info) {
			return info, err
		}
		select {
		case <-ctx.Done():
			return info, ctx.Err()
		case <-time.After(pause):
		}
	}
}
