package store

import (
	"context"
	"strconv"
	"time"

	"github.com/redis/rueidis"
)

// The calls of the dispatcher. Each handles at most 200 assets or jobs of each
// partition it is given, so that Redis is never blocked for long, and any
// number of dispatchers can share the work: whoever comes first has it. Each
// gives job ids and the partitions in which there may be more to do.
const some = 200

// AllParts lists every partition.
var AllParts = func() []int {
	parts := make([]int, Partitions)
	for i := range parts {
		parts[i] = i
	}
	return parts
}()

// ClaimDue makes the jobs of the assets that are due and gives their ids.
func (s *Store) ClaimDue(ctx context.Context, parts []int) (jobs []string, more []int, err error) {
	return s.sweep(ctx, scriptClaim, parts, func(p *partition) string { return p.due }, func(p *partition) rueidis.LuaExec {
		return rueidis.LuaExec{
			Keys: []string{p.due, p.plan, p.pending, p.skips, p.jobs, p.queued, p.meta},
			Args: []string{s.nowArg(), strconv.Itoa(some), msArg(s.opts.Redeliver)},
		}
	})
}

// ExpireLeases takes back the jobs whose lease ran out and gives the ids of
// those to push again.
func (s *Store) ExpireLeases(ctx context.Context, parts []int) (jobs []string, more []int, err error) {
	return s.sweep(ctx, scriptExpire, parts, func(p *partition) string { return p.leased }, func(p *partition) rueidis.LuaExec {
		return rueidis.LuaExec{
			Keys: []string{p.jobs, p.queued, p.leased, p.pending, p.batches, p.index, p.ended, p.skips, p.meta},
			Args: []string{s.nowArg(), strconv.Itoa(some), msArg(s.opts.Redeliver), strconv.Itoa(s.opts.MaxAttempts)},
		}
	})
}

// Redeliver gives the ids of jobs that have waited so long that their ids must
// be pushed again.
func (s *Store) Redeliver(ctx context.Context, parts []int) (jobs []string, more []int, err error) {
	return s.sweep(ctx, scriptRedeliver, parts, func(p *partition) string { return p.queued }, func(p *partition) rueidis.LuaExec {
		return rueidis.LuaExec{
			Keys: []string{p.jobs, p.queued},
			Args: []string{s.nowArg(), strconv.Itoa(some), msArg(s.opts.Redeliver)},
		}
	})
}

// sweep runs a script that answers {number handled, job ids} on the partitions
// in which something is due, by a sorted set of times. What succeeded is given
// even when a partition failed.
func (s *Store) sweep(ctx context.Context, sc *script, parts []int, times func(*partition) string, call func(*partition) rueidis.LuaExec) (jobs []string, more []int, err error) {
	if parts, err = s.due(ctx, parts, times); err != nil {
		return nil, nil, err
	}
	calls := make([]rueidis.LuaExec, len(parts))
	for i, part := range parts {
		calls[i] = call(&s.keys.partitions[part])
	}
	s.runMany(ctx, sc, calls, func(i int, answer rueidis.RedisMessage, failure error) {
		var fields []rueidis.RedisMessage
		if failure == nil {
			fields, failure = answer.ToArray()
		}
		var handled int64
		if failure == nil {
			handled, failure = fields[0].AsInt64()
		}
		var ids []string
		if failure == nil {
			ids, failure = fields[1].AsStrSlice()
		}
		if failure != nil {
			err = failure
			return
		}
		jobs = append(jobs, ids...)
		if handled == some {
			more = append(more, parts[i])
		}
	})
	return jobs, more, err
}

// due gives those of the partitions in which a sorted set of times has one that
// has come. Mostly there are few, and to look costs a fraction of a script that
// finds nothing. A partition that cannot be looked at is among them, so that the
// script tells why.
func (s *Store) due(ctx context.Context, parts []int, times func(*partition) string) (due []int, err error) {
	c, err := s.conn(ctx)
	if err != nil {
		return nil, err
	}
	commands := make([]rueidis.Completed, 0, 1+len(parts))
	for _, part := range parts {
		commands = append(commands, c.B().Zrange().Key(times(&s.keys.partitions[part])).Min("0").Max("0").Withscores().Build())
	}
	answers := c.DoMulti(ctx, append(commands, c.B().Time().Build())...)
	now := s.now().UnixMilli()
	if s.opts.Now == nil { // then the scripts ask Redis, too
		clock, err := answers[len(parts)].AsIntSlice()
		if err != nil {
			return nil, s.check(err)
		}
		now = clock[0]*1000 + clock[1]/1000
	}
	for i, part := range parts {
		first, err := answers[i].AsZScores()
		if err != nil || len(first) > 0 && first[0].Score <= float64(now) {
			due = append(due, part)
		}
	}
	return due, nil
}

func msArg(d time.Duration) string { return strconv.FormatInt(d.Milliseconds(), 10) }

func boolArg(b bool) string {
	if b {
		return "1"
	}
	return "0"
}
