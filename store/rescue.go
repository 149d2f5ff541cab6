package store

import (
	"context"
	"strconv"

	"github.com/redis/rueidis"
)

// rescueSome is about how many entries of a partition one call looks at.
const rescueSome = 100

// rescueKinds are looked at one after the other: a pending check may be of a
// job that has just been rescued.
var rescueKinds = [...]string{"jobs", "pending", "plan"}

// Rescue walks through all jobs, pending checks and plans, whatever state they
// are in, and mends those that contradict themselves: a job that says "leased"
// but has no lease that could run out, a check that waits for a job that is
// gone, a record that cannot be read. The scripts leave nothing like it behind;
// a script of another version, a person with redis-cli or a damaged disk may.
//
// Its place is its own, so it is for one goroutine. Any number of walks may go on
// at once.
type Rescue struct {
	store *Store
	at    [Partitions]struct {
		kind   int // of rescueKinds; all of them: the round is over
		cursor string
	}
	parts []int // where the round is not over
}

// NewRescue makes a walk. Nothing is done before Step is called.
func (s *Store) NewRescue() *Rescue { return &Rescue{store: s} }

// Step looks at about a hundred entries of each partition. It gives the ids of
// jobs to push, how many entries were mended, and whether a round is over with
// it; the next call then begins anew. After an error it goes on where it was.
func (r *Rescue) Step(ctx context.Context) (jobs []string, mended int64, over bool, err error) {
	if len(r.parts) == 0 {
		r.parts = AllParts
		for i := range r.at {
			r.at[i].kind, r.at[i].cursor = 0, "0"
		}
	}
	s := r.store
	calls := make([]rueidis.LuaExec, len(r.parts))
	for i, part := range r.parts {
		p, at := &s.keys.partitions[part], r.at[part]
		calls[i] = rueidis.LuaExec{
			Keys: []string{p.jobs, p.queued, p.leased, p.pending, p.batches, p.index, p.ended, p.due, p.plan, p.skips},
			Args: []string{s.nowArg(), rescueKinds[at.kind], at.cursor, strconv.Itoa(rescueSome), msArg(s.opts.Redeliver)},
		}
	}
	var left []int
	s.runMany(ctx, scriptRescue, calls, func(i int, answer rueidis.RedisMessage, failure error) {
		part := r.parts[i]
		at := &r.at[part]
		cursor, n, ids, failure := readRescue(answer, failure)
		if failure != nil {
			err = failure
		} else {
			jobs, mended, at.cursor = append(jobs, ids...), mended+n, cursor
			if cursor == "0" {
				at.kind++
			}
		}
		if at.kind < len(rescueKinds) {
			left = append(left, part)
		}
	})
	r.parts = left
	return jobs, mended, len(left) == 0, err
}

func readRescue(answer rueidis.RedisMessage, failure error) (cursor string, mended int64, ids []string, err error) {
	if failure != nil {
		return "", 0, nil, failure
	}
	fields, err := answer.ToArray()
	if err != nil {
		return "", 0, nil, err
	}
	if cursor, err = fields[0].ToString(); err != nil {
		return "", 0, nil, err
	}
	if mended, err = fields[1].AsInt64(); err != nil {
		return "", 0, nil, err
	}
	ids, err = fields[2].AsStrSlice()
	return cursor, mended, ids, err
}
