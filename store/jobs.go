package store

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/redis/rueidis"
)

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
	j := Job{
		ID: id, Asset: asset, State: JobState(f[0]), Batch: f[1], Created: parseMillis(f[2]), Attempts: attempts,
		Executor: f[5], Ended: parseMillis(f[6]), Reason: f[7],
	}
	if j.Ended.IsZero() { // until then the record says there whom it confirms
		j.Confirm, j.Reason = strings.HasPrefix(j.Reason, "confirm:"), ""
	}
	return j, nil
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
