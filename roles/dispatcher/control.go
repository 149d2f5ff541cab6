package dispatcher

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"webmon/store"
	"webmon/zmqwire"
)

// Commands lists the commands of the control channel.
var Commands = []string{"PING", "STATUS", "PAUSE", "RESUME", "SNAPSHOT NOW"}

const (
	// askRedisFor bounds what a command waits for Redis.
	askRedisFor = time.Second
	// snapshotWait is how long SNAPSHOT NOW waits for the end of the snapshot:
	// enough for most, short enough for the next command.
	snapshotWait = 2 * time.Second
)

// done is the reply to a command that says no more than that.
type done struct {
	OK     bool `json:"ok"`
	Paused bool `json:"paused"`
}

// command answers a command of the control channel.
func (d *Dispatcher) command(ctx context.Context, command string) any {
	switch command {
	case "PING":
		return map[string]any{"ok": true, "pong": d.opts.Name}
	case "STATUS":
		return d.status(ctx)
	case "PAUSE":
		d.streamer.Pause()
		d.opts.Logger.Info("paused")
		return done{OK: true, Paused: true}
	case "RESUME":
		d.streamer.Resume()
		d.opts.Logger.Info("resumed")
		return done{OK: true}
	case "SNAPSHOT NOW":
		return d.snapshotNow(ctx)
	}
	return zmqwire.Refusal{Error: fmt.Sprintf("unknown command %q: the commands are %s", command, strings.Join(Commands, ", "))}
}

// Status is the reply to STATUS.
type Status struct {
	OK      bool                  `json:"ok"`
	Name    string                `json:"name"`
	Version string                `json:"version"`
	Uptime  float64               `json:"uptime_seconds"`
	Paused  bool                  `json:"paused"`
	JobsIn  string                `json:"jobs_in"`
	JobsOut string                `json:"jobs_out"`
	Stream  zmqwire.StreamerStats `json:"stream"`
	Keys    bool                  `json:"keys"`          // only those with a key that is allowed can connect
	Refused int64                 `json:"refused_peers"` // connections that were not let in

	Outbox      int   `json:"outbox"`      // ids that wait to be taken by executors
	Scheduled   int64 `json:"scheduled"`   // jobs made by the schedule
	Redelivered int64 `json:"redelivered"` // ids pushed again
	Expired     int64 `json:"expired"`     // jobs taken back from executors

	Rescued int64 `json:"rescued"` // damaged entries in Redis that were mended

	Redis     string    `json:"redis"`                   // "ok", or why it does not answer; then the rest is missing
	Warning   string    `json:"redis_warning,omitempty"` // it is full, or may drop what is stored
	Queued    int       `json:"queued"`                  // jobs that wait
	Leased    int       `json:"leased"`                  // jobs under way
	Executors int       `json:"executors"`               // that are alive
	Snapshot  *Snapshot `json:"snapshot,omitzero"`       // the last one
	// Covered is the number of the latest SNAPSHOT NOW that is settled, and
	// CoveredError why its snapshot failed, if it did.
	Covered      int    `json:"snapshot_covered"`
	CoveredError string `json:"snapshot_covered_error,omitempty"`
}

func (d *Dispatcher) status(ctx context.Context) Status {
	ctx, cancel := context.WithTimeout(ctx, askRedisFor)
	defer cancel()
	stats := d.streamer.Stats()
	jobsIn, jobsOut, _ := d.Endpoints()
	st := Status{
		OK: true, Name: d.opts.Name, Version: d.opts.Version, Uptime: time.Since(d.started).Seconds(),
		Paused: stats.Paused, JobsIn: jobsIn, JobsOut: jobsOut, Stream: stats,
		Keys: d.opts.Wire.HasKey(), Refused: d.opts.Wire.RefusedPeers(),
		Outbox: d.outbox.Len(), Scheduled: d.count.scheduled.Load(),
		Redelivered: d.count.redelivered.Load(), Expired: d.count.expired.Load(), Rescued: d.count.rescued.Load(), Redis: "ok",
	}
	covered, result := d.snapshots.Covered()
	st.Covered = covered
	if result != nil {
		st.CoveredError = result.Error()
	}
	depths, err := d.opts.Store.QueueDepths(ctx)
	if err != nil {
		st.Redis = err.Error()
		return st
	}
	st.Queued, st.Leased = depths[store.Queued], depths[store.Leased]
	members, err := d.opts.Store.Members(ctx)
	if err != nil {
		st.Redis = err.Error()
		return st
	}
	for _, m := range members {
		if m.Role == "executor" {
			st.Executors++
		}
	}
	memory, err := d.opts.Store.RedisMemory(ctx)
	if err != nil {
		st.Redis = err.Error()
		return st
	}
	st.Warning = memory.Warning()
	info, err := d.opts.Store.Snapshots(ctx)
	if err != nil {
		st.Redis = err.Error()
		return st
	}
	reply := newSnapshot(info)
	st.Snapshot = &reply
	return st
}

// Snapshot tells of the last snapshot; the reply to SNAPSHOT NOW holds the same.
type Snapshot struct {
	State string    `json:"state"` // none, running, saved, failed or denied
	Began time.Time `json:"began,omitzero"`
	Ended time.Time `json:"ended,omitzero"`
	Error string    `json:"error,omitempty"`
}

func newSnapshot(info store.SnapshotInfo) Snapshot {
	r := Snapshot{Began: info.Began, Ended: info.Ended, Error: info.Error}
	switch {
	case !info.Allowed:
		r.State = "denied"
	case info.Running:
		r.State = "running"
	case info.Began.IsZero():
		r.State = "none"
	case info.Held:
		r.State = "saved"
	default:
		r.State = "failed"
	}
	return r
}

// snapshotNow takes a snapshot and waits a little for its end; when it takes
// longer the reply says "running", and the snapshot_covered of STATUS tells
// when this request is settled.
func (d *Dispatcher) snapshotNow(ctx context.Context) any {
	wait, cancel := context.WithTimeout(ctx, snapshotWait)
	defer cancel()
	request, failure := d.snapshots.Now(wait)
	running := errors.Is(failure, context.DeadlineExceeded)
	if failure != nil && !running {
		return zmqwire.Refusal{Error: "the snapshot failed: " + failure.Error()}
	}
	reply := struct {
		OK      bool `json:"ok"`
		Request int  `json:"request"` // its number; see snapshot_covered in STATUS
		Snapshot
	}{OK: true, Request: request}
	if running {
		reply.State = "running"
		return reply
	}
	ask, cancel := context.WithTimeout(ctx, askRedisFor)
	defer cancel()
	if info, err := d.opts.Store.Snapshots(ask); err == nil {
		reply.Snapshot = newSnapshot(info)
	}
	reply.State = "saved" // whatever was begun since then
	return reply
}
