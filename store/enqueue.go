package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/redis/rueidis"
)

// UnknownAssetsError names assets that do not exist.
type UnknownAssetsError struct{ IDs []string }

func (e *UnknownAssetsError) Error() string {
	return "no such asset: " + strings.Join(e.IDs, ", ")
}

// ErrKeyReused says that a key was given before with another selection.
var ErrKeyReused = errors.New("the key was used for other assets before")

const (
	// enqueueChunk is how many jobs one call of a script makes.
	enqueueChunk = 200
	// keyAge is how long a key of a selection is remembered.
	keyAge = 24 * time.Hour
)

// Enqueue makes a batch of jobs, one for each selected asset, and calls push
// with the ids of every few jobs as soon as they are in Redis. It gives the
// batch's id and the number of jobs. When ids are selected and one of them
// does not exist, nothing is made and the error is an *UnknownAssetsError.
//
// When Redis fails midway, the batch and the number of jobs known to be made are
// given with the error. A call with the same key goes on where that one ended.
func (s *Store) Enqueue(ctx context.Context, sel Selection, push func(jobIDs []string)) (batch string, n int, err error) {
	sel.Assets = slices.Compact(slices.Sorted(slices.Values(sel.Assets)))
	batch, again, err := s.beginBatch(ctx, sel)
	if err != nil {
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
	if err := s.eachSelected(ctx, sel, enqueue); err != nil || !again {
		return batch, n, err
	}
	made, err := s.Batch(ctx, batch)
	n = 0
	for _, count := range made.Counts {
		n += count
	}
	return batch, n, err
}

// beginBatch makes a batch without jobs, or finds the one that was made with
// the same key before.
func (s *Store) beginBatch(ctx context.Context, sel Selection) (batch string, again bool, err error) {
	c, err := s.conn(ctx)
	if err != nil {
		return "", false, err
	}
	key, about := "", ""
	if sel.Key != "" {
		key = s.keys.of(sel.Key).once(sel.Key)
		about = sel.fingerprint()
		before, err := c.Do(ctx, c.B().Get().Key(key).Build()).ToString()
		if err = s.check(err); err == nil {
			batch, err = sameSelection(before, about)
			return batch, true, err
		}
		if !rueidis.IsRedisNil(err) {
			return "", false, err
		}
	}
	if sel.Assets != nil {
		if err := s.allExist(ctx, sel.Assets); err != nil {
			return "", false, err
		}
	}
	batch = newID()
	// The batch exists even when it holds no job.
	home := s.keys.of(batch)
	if _, err := s.pipeline(ctx,
		c.B().Hincrby().Key(home.batches).Field(batch+"/queued").Increment(0).Build(),
		c.B().Zadd().Key(home.index).ScoreMember().ScoreMember(0, "b:"+batch).Build(),
	); err != nil || key == "" {
		return batch, false, err
	}
	before, err := c.Do(ctx, c.B().Set().Key(key).Value(batch+" "+about).Nx().Get().Ex(keyAge).Build()).ToString()
	switch err = s.check(err); {
	case rueidis.IsRedisNil(err):
		return batch, false, nil
	case err != nil:
		return "", false, err
	}
	// Somebody else came first meanwhile. The batch made here stays empty.
	batch, err = sameSelection(before, about)
	return batch, true, err
}

// fingerprint tells selections apart.
func (sel Selection) fingerprint() string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %q %t", sel.Assets, sel.Tag, sel.All))
	return hex.EncodeToString(sum[:12])
}

// sameSelection gives the batch that a key stands for.
func sameSelection(before, about string) (batch string, err error) {
	batch, was, _ := strings.Cut(before, " ")
	if was != about {
		return "", ErrKeyReused
	}
	return batch, nil
}

// eachSelected walks the selected assets, those of each partition in the order
// of their ids: the script knows by that what a call before has made already.
func (s *Store) eachSelected(ctx context.Context, sel Selection, visit func(p *partition, ids []string, enabledOnly bool) error) error {
	if sel.Assets != nil {
		byPartition := map[int][]string{}
		for _, id := range sel.Assets {
			i := partitionOf(id)
			byPartition[i] = append(byPartition[i], id)
		}
		for i, ids := range byPartition {
			if err := visit(&s.keys.partitions[i], ids, false); err != nil {
				return err
			}
		}
		return nil
	}
	prefix := memberAsset("")
	if !sel.All {
		prefix = prefixTag(sel.Tag)
	}
	for i := range s.keys.partitions {
		p := &s.keys.partitions[i]
		if err := s.eachMember(ctx, p, prefix, func(ids []string) error { return visit(p, ids, true) }); err != nil {
			return err
		}
	}
	return nil
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
