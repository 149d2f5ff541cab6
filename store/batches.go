package store

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/redis/rueidis"
	"github.com/rs/xid"
)

// BatchAge is how long a batch is remembered.
const BatchAge = 7 * 24 * time.Hour

// Batch reads a batch, or fails with ErrNotFound.
func (s *Store) Batch(ctx context.Context, id string) (Batch, error) {
	if _, err := xid.FromString(id); err != nil {
		return Batch{}, fmt.Errorf("batch %q: %w", id, ErrNotFound)
	}
	found, err := s.batches(ctx, []string{id})
	if err != nil {
		return Batch{}, err
	}
	if len(found) == 0 {
		return Batch{}, fmt.Errorf("batch %q: %w", id, ErrNotFound)
	}
	return found[0], nil
}

// batches reads the batches with these ids, leaving out those that are not
// there.
func (s *Store) batches(ctx context.Context, ids []string) ([]Batch, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	c, err := s.conn(ctx)
	if err != nil {
		return nil, err
	}
	var fields []string
	for _, id := range ids {
		for _, state := range JobStates {
			fields = append(fields, id+"/"+string(state))
		}
		fields = append(fields, id+"/x")
	}
	commands := make([]rueidis.Completed, Partitions)
	for i := range commands {
		commands[i] = c.B().Hmget().Key(s.keys.partitions[i].batches).Field(fields...).Build()
	}
	answers, err := s.pipeline(ctx, commands...)
	if err != nil {
		return nil, err
	}
	values := make([][]rueidis.RedisMessage, len(answers))
	for i, answer := range answers {
		if values[i], err = answer.ToArray(); err != nil {
			return nil, err
		}
	}
	var found []Batch
	for i, id := range ids {
		if b, known := batchOf(id, values, i*(len(JobStates)+1)); known {
			found = append(found, b)
		}
	}
	return found, nil
}

// batchOf adds up what the partitions say of a batch, from the given place on.
// known is false when none of them has heard of it.
func batchOf(id string, partitions [][]rueidis.RedisMessage, place int) (b Batch, known bool) {
	made, err := xid.FromString(id)
	if err != nil {
		return Batch{}, false
	}
	b = Batch{ID: id, Created: made.Time().UTC(), State: "done", Counts: map[JobState]int{}}
	cancelled := false
	for _, values := range partitions {
		for i, state := range JobStates {
			n, err := values[place+i].AsInt64()
			b.Counts[state] += int(n)
			known = known || err == nil
		}
		cancelled = cancelled || !values[place+len(JobStates)].IsNil()
	}
	switch {
	case cancelled:
		b.State = "cancelled"
	case b.Counts[Queued]+b.Counts[Leased] > 0:
		b.State = "running"
	}
	return b, known
}

// CancelBatch cancels the jobs of a batch that no executor has yet, and gives
// the batch as it is then. Those that an executor has are cancelled when it renews
// their lease, unless they end before. A batch that is over stays as it is.
func (s *Store) CancelBatch(ctx context.Context, id string) (Batch, error) {
	b, err := s.Batch(ctx, id)
	if err != nil || b.State != "running" {
		return b, err
	}
	for i := range s.keys.partitions {
		p := &s.keys.partitions[i]
		keys := []string{p.jobs, p.queued, p.pending, p.batches, p.index, p.ended}
		for {
			n, err := s.runInt(ctx, scriptCancel, keys, s.nowArg(), id, strconv.Itoa(some))
			if err != nil {
				return Batch{}, err
			}
			if n < some {
				break
			}
		}
	}
	return s.Batch(ctx, id)
}

// ForgetBatches removes what is kept of batches older than [BatchAge].
func (s *Store) ForgetBatches(ctx context.Context) error {
	oldest := xid.NewWithTime(s.now().Add(-BatchAge)).String()
	for i := range s.keys.partitions {
		p := &s.keys.partitions[i]
		for {
			n, err := s.runInt(ctx, scriptForget, []string{p.batches, p.index}, oldest, strconv.Itoa(some))
			if err != nil {
				return err
			}
			if n < some {
				break
			}
		}
	}
	return nil
}
