package store

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/redis/rueidis"
)

// UnknownAssetsError names assets that do not exist.
type UnknownAssetsError struct{ IDs []string }

func (e *UnknownAssetsError) Error() string {
	return "no such asset: " + strings.Join(e.IDs, ", ")
}

// enqueueChunk is how many jobs one call of a script makes.
const enqueueChunk = 200

// Enqueue makes a batch of jobs, one for each selected asset, and calls push
// with the ids of every few jobs as soon as they are in Redis. It gives the
// batch's id and the number of jobs. When ids are selected and one of them
// does not exist, nothing is made and the error is an *UnknownAssetsError.
func (s *Store) Enqueue(ctx context.Context, sel Selection, push func(jobIDs []string)) (batch string, n int, err error) {
	batch = newID()
	// The batch exists even when it holds no job.
	c, err := s.conn(ctx)
	if err != nil {
		return "", 0, err
	}
	if sel.Assets != nil {
		if err := s.allExist(ctx, sel.Assets); err != nil {
			return "", 0, err
		}
	}
	home := s.keys.of(batch)
	if _, err := s.pipeline(ctx,
		c.B().Hincrby().Key(home.batches).Field(batch+"/queued").Increment(0).Build(),
		c.B().Zadd().Key(home.index).ScoreMember().ScoreMember(0, "b:"+batch).Build(),
	); err != nil {
		return "", 0, err
	}
	enqueue := func(p *partition, ids []string, enabledOnly bool) error {
		for part := range slices.Chunk(ids, enqueueChunk) {
			args := append([]string{s.nowArg(), msArg(s.opts.Redeliver), batch, boolArg(enabledOnly)}, part...)
			jobs, err := s.runStrings(ctx, scriptEnqueue, []string{p.jobs, p.queued, p.batches, p.index, p.meta}, args...)
			if err != nil {
				return err
			}
			n += len(jobs)
			push(jobs)
		}
		return nil
	}
	if sel.Assets != nil {
		byPartition := map[int][]string{}
		for _, id := range sel.Assets {
			i := partitionOf(id)
			byPartition[i] = append(byPartition[i], id)
		}
		for i, ids := range byPartition {
			if err := enqueue(&s.keys.partitions[i], ids, false); err != nil {
				return batch, n, err
			}
		}
		return batch, n, nil
	}
	prefix := memberAsset("")
	if !sel.All {
		prefix = prefixTag(sel.Tag)
	}
	for i := range s.keys.partitions {
		p := &s.keys.partitions[i]
		if err := s.eachMember(ctx, p, prefix, func(ids []string) error { return enqueue(p, ids, true) }); err != nil {
			return batch, n, err
		}
	}
	return batch, n, nil
}

// eachMember walks a partition's index below prefix, a chunk of ids at a time.
func (s *Store) eachMember(ctx context.Context, p *partition, prefix string, visit func(ids []string) error) error {
	from := "[" + prefix
	for {
		c, err := s.conn(ctx)
		if err != nil {
			return err
		}
		members, err := c.Do(ctx, c.B().Zrangebylex().Key(p.index).Min(from).Max("("+successor(prefix)).Limit(0, enqueueChunk).Build()).AsStrSlice()
		if err = s.check(err); err != nil {
			return err
		}
		if len(members) == 0 {
			return nil
		}
		from = "(" + members[len(members)-1]
		for i := range members {
			members[i] = members[i][len(prefix):]
		}
		if err := visit(members); err != nil {
			return err
		}
	}
}

func (s *Store) allExist(ctx context.Context, ids []string) error {
	c, err := s.conn(ctx)
	if err != nil {
		return err
	}
	commands := make([]rueidis.Completed, len(ids))
	for i, id := range ids {
		commands[i] = c.B().Zscore().Key(s.keys.of(id).index).Member(memberAsset(id)).Build()
	}
	answers, err := s.pipeline(ctx, commands...)
	if err != nil {
		return err
	}
	var unknown []string
	for i, a := range answers {
		if rueidis.IsRedisNil(a.Error()) {
			unknown = append(unknown, ids[i])
		}
	}
	if unknown != nil {
		return &UnknownAssetsError{unknown}
	}
	return nil
}

// Job reads a job, or fails with ErrNotFound. A job that is done is known as
// long as its result is kept.
func (s *Store) Job(ctx context.Context, id string) (Job, error) {
	asset, _, ok := splitJobID(id)
	if !ok {
		return Job{}, fmt.Errorf("job %q: %w", id, ErrNotFound)
	}
	c, err := s.conn(ctx)
	if err != nil {
		return Job{}, err
	}
	record, err := c.Do(ctx, c.B().Hget().Key(s.keys.of(asset).jobs).Field(id).Build()).ToString()
	if err = s.check(err); err == nil {
		return decodeJob(id, record)
	}
	if !rueidis.IsRedisNil(err) {
		return Job{}, err
	}
	result, err := s.resultOf(ctx, asset, id)
	if err != nil {
		return Job{}, fmt.Errorf("job %q: %w", id, err)
	}
	return Job{ID: id, Asset: asset, State: Done, Ended: result.At}, nil
}

func decodeJob(id, record string) (Job, error) {
	f := strings.SplitN(record, "|", 8)
	if len(f) != 8 {
		return Job{}, fmt.Errorf("job %s: its record in Redis is damaged: %q", id, record)
	}
	asset, _, _ := splitJobID(id)
	attempts, _ := strconv.Atoi(f[3])
	return Job{
		ID: id, Asset: asset, State: JobState(f[0]), Batch: f[1], Created: parseMillis(f[2]), Attempts: attempts,
		Executor: f[5], Ended: parseMillis(f[6]), Reason: f[7],
	}, nil
}

// JobQuery selects a page of jobs.
type JobQuery struct {
	State  JobState
	Limit  int
	Cursor string
}

// JobPage is a page of jobs, the oldest of each partition first. Of done jobs
// only the latest 128 of each partition are listed, of failed and cancelled
// ones together the latest 1,000. Jobs that change their state between two
// pages may be missed or seen twice.
type JobPage struct {
	Jobs []Job
	Next string
}

// Jobs lists the jobs in a state, partition by partition.
func (s *Store) Jobs(ctx context.Context, q JobQuery) (JobPage, error) {
	part, offset, err := decodeJobCursor(q.Cursor)
	if err != nil {
		return JobPage{}, err
	}
	var page JobPage
	for ; part < Partitions; part, offset = part+1, 0 {
		want := q.Limit - len(page.Jobs)
		ids, err := s.jobIDs(ctx, &s.keys.partitions[part], q.State, offset, want+1)
		if err != nil {
			return JobPage{}, err
		}
		take := min(want, len(ids))
		jobs, err := s.readJobs(ctx, &s.keys.partitions[part], ids[:take], q.State)
		if err != nil {
			return JobPage{}, err
		}
		page.Jobs = append(page.Jobs, jobs...)
		if take < len(ids) {
			page.Next = encodeCursor(fmt.Sprintf("%d/%d", part, offset+take))
			break
		}
	}
	return page, nil
}

// jobIDs gives some of a partition's jobs in a state, from an offset on. Jobs
// that failed and were cancelled share a set, so more may be given than hold.
func (s *Store) jobIDs(ctx context.Context, p *partition, state JobState, offset, limit int) ([]string, error) {
	c, err := s.conn(ctx)
	if err != nil {
		return nil, err
	}
	first, last := int64(offset), int64(offset+limit-1)
	var command rueidis.Completed
	switch state {
	case Queued:
		command = c.B().Zrange().Key(p.queued).Min(strconv.FormatInt(first, 10)).Max(strconv.FormatInt(last, 10)).Build()
	case Leased:
		command = c.B().Zrange().Key(p.leased).Min(strconv.FormatInt(first, 10)).Max(strconv.FormatInt(last, 10)).Build()
	case Done:
		command = c.B().Lrange().Key(p.done).Start(first).Stop(last).Build()
	case Failed, Cancelled:
		command = c.B().Zrange().Key(p.ended).Min(strconv.FormatInt(first, 10)).Max(strconv.FormatInt(last, 10)).Build()
	default:
		return nil, fmt.Errorf("no such job state: %q", state)
	}
	ids, err := c.Do(ctx, command).AsStrSlice()
	return ids, s.check(err)
}

// readJobs reads jobs of a partition, leaving out those that are no longer in
// the state.
func (s *Store) readJobs(ctx context.Context, p *partition, ids []string, state JobState) ([]Job, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	if state == Done {
		jobs := make([]Job, len(ids))
		for i, id := range ids {
			asset, _, _ := splitJobID(id)
			jobs[i] = Job{ID: id, Asset: asset, State: Done}
		}
		return jobs, nil
	}
	c, err := s.conn(ctx)
	if err != nil {
		return nil, err
	}
	answers, err := c.Do(ctx, c.B().Hmget().Key(p.jobs).Field(ids...).Build()).ToArray()
	if err = s.check(err); err != nil {
		return nil, err
	}
	var jobs []Job
	for i, a := range answers {
		if a.IsNil() {
			continue
		}
		record, err := a.ToString()
		if err != nil {
			return nil, err
		}
		job, err := decodeJob(ids[i], record)
		if err != nil {
			return nil, err
		}
		if job.State == state {
			jobs = append(jobs, job)
		}
	}
	return jobs, nil
}

func decodeJobCursor(cursor string) (part, offset int, err error) {
	text, err := decodeCursor(cursor)
	if err != nil || text == "" {
		return 0, 0, err
	}
	if n, err := fmt.Sscanf(text, "%d/%d", &part, &offset); n != 2 || err != nil || part < 0 || part >= Partitions || offset < 0 {
		return 0, 0, ErrCursor
	}
	return part, offset, nil
}
