package store

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/redis/rueidis"
)

// The reasons why a job cannot be leased. None of them is a fault.
var (
	ErrJobGone      = errors.New("the job is over")
	ErrJobTaken     = errors.New("another executor has the job")
	ErrAssetDeleted = errors.New("the job's asset was deleted")
	ErrJobElsewhere = errors.New("another executor is to confirm what this one found")
)

// Lease is a job in the hands of one executor, with all it needs to run it.
type Lease struct {
	Job      string
	Executor string
	Attempt  int
	Asset    Asset  // without its Status
	Memory   []byte // what the plugins remember of the asset; read-only
	chunk    string // the asset's open chunk of results
	memoryOf string // the generation of Memory
	verdict  string // the rank of the asset's verdict
	watched  bool   // something is, or was lately, bad

	// Confirm is set by [Store.Finish]: the id of a job that it made, which is to
	// confirm what was found. Mostly it is empty. The id will be pushed soon; an
	// executor that is the only one need not wait for that.
	Confirm string
}

// Outcome is what an executor found out.
type Outcome struct {
	Result  Result  // its Job is the lease's
	Memory  []byte  // what the plugins remember now
	Seconds float64 // how long the fetch took; 0 when nothing answered
}

// Lease takes a job, for the executor of that name, until ttl has passed. It
// fails with ErrJobGone, ErrJobTaken or ErrAssetDeleted when there is nothing
// to do.
func (s *Store) Lease(ctx context.Context, job, executor string, ttl time.Duration) (*Lease, error) {
	return s.lease(ctx, job, executor, ttl, false, false)
}

// LeaseAmongOthers is Lease for an executor that is not the only one. A job that
// is to confirm what this executor found fails with ErrJobElsewhere, so that
// another takes it; but not for ever.
func (s *Store) LeaseAmongOthers(ctx context.Context, job, executor string, ttl time.Duration) (*Lease, error) {
	return s.lease(ctx, job, executor, ttl, false, true)
}

// LeaseAgain is Lease after a call that failed with ErrUnavailable. If only the
// answer was lost, and the executor has the job, it gets the same lease again.
func (s *Store) LeaseAgain(ctx context.Context, job, executor string, ttl time.Duration) (*Lease, error) {
	return s.lease(ctx, job, executor, ttl, true, false)
}

func (s *Store) lease(ctx context.Context, job, executor string, ttl time.Duration, again, others bool) (*Lease, error) {
	id, _, ok := splitJobID(job)
	if !ok {
		return nil, fmt.Errorf("job %q: %w", job, ErrJobGone)
	}
	p := s.keys.of(id)
	keys := []string{p.jobs, p.queued, p.leased, p.pending, p.batches, p.index, p.ended, p.asset(id), p.memory(id), p.open(id)}
	answer, err := s.run(ctx, scriptLease, keys, s.nowArg(), job, plainName(executor), msArg(ttl), boolArg(again), boolArg(others))
	if err != nil {
		return nil, err
	}
	f, err := answer.ToArray()
	if err != nil {
		return nil, err
	}
	outcome, err := f[0].ToString()
	switch {
	case err != nil:
		return nil, err
	case outcome == "gone":
		return nil, ErrJobGone
	case outcome == "taken":
		return nil, ErrJobTaken
	case outcome == "deleted":
		return nil, ErrAssetDeleted
	case outcome == "elsewhere":
		return nil, ErrJobElsewhere
	}
	attempt, err := f[1].AsInt64()
	if err != nil {
		return nil, err
	}
	var texts [7]string
	for i := range texts {
		if texts[i], err = f[i+2].ToString(); err != nil {
			return nil, err
		}
	}
	asset, err := decodeAsset(id, texts[0], texts[1])
	if err != nil {
		return nil, err
	}
	memory, err := f[4].AsBytes() // without a copy, so nobody may write to it
	if err != nil {
		return nil, err
	}
	return &Lease{
		Job: job, Executor: executor, Attempt: int(attempt), Asset: asset, Memory: memory,
		chunk: texts[3], memoryOf: texts[4], verdict: texts[5], watched: texts[6] != "",
	}, nil
}

// HandBack gives a job back unfinished, to be pushed again after a delay. It
// is not counted as an attempt. A lease that is gone already is no error.
func (s *Store) HandBack(ctx context.Context, l *Lease, delay time.Duration) error {
	p := s.keys.of(l.Asset.ID)
	keys := []string{p.jobs, p.queued, p.leased, p.pending, p.batches, p.index, p.ended}
	_, err := s.run(ctx, scriptHandBack, keys, s.nowArg(), l.Job, plainName(l.Executor), strconv.Itoa(l.Attempt), msArg(delay))
	return err
}

// Renew prolongs leases of one executor and gives the jobs whose lease is gone, also
// because their batch was cancelled.
func (s *Store) Renew(ctx context.Context, leases []*Lease, ttl time.Duration) (lost []string, err error) {
	byPartition := map[*partition]*rueidis.LuaExec{}
	for _, l := range leases {
		p := s.keys.of(l.Asset.ID)
		call := byPartition[p]
		if call == nil {
			call = &rueidis.LuaExec{Keys: []string{p.jobs, p.leased, p.pending, p.batches, p.ended}, Args: []string{s.nowArg(), plainName(l.Executor), msArg(ttl)}}
			byPartition[p] = call
		}
		call.Args = append(call.Args, l.Job, strconv.Itoa(l.Attempt))
	}
	calls := make([]rueidis.LuaExec, 0, len(byPartition))
	for _, call := range byPartition {
		calls = append(calls, *call)
	}
	s.runMany(ctx, scriptRenew, calls, func(_ int, answer rueidis.RedisMessage, failure error) {
		var ids []string
		if failure == nil {
			ids, failure = answer.AsStrSlice()
		}
		if failure != nil {
			err = failure
			return
		}
		lost = append(lost, ids...)
	})
	return lost, err
}

// retention is what holds for an asset.
func (s *Store) retention(a *Asset) Retention {
	r := a.Retention
	if r.Count == 0 {
		r.Count = s.opts.Retention.Count
	}
	if r.Age == 0 {
		r.Age = s.opts.Retention.Age
	}
	return r
}

// plainName is a name that fits into a job's record.
func plainName(name string) string { return strings.ReplaceAll(name, "|", "_") }
