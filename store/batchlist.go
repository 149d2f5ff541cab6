package store

import (
	"context"
	"slices"
	"strings"

	"github.com/redis/rueidis"
)

// BatchPage is a page of batches, the newest first. Next is the cursor of the
// next page, empty after the last.
type BatchPage struct {
	Batches []Batch
	Next    string
}

const prefixBatch = "b:" // of a batch in a partition's index

// Batches lists the batches that are remembered. A cursor that was not made
// here fails with ErrCursor.
func (s *Store) Batches(ctx context.Context, limit int, cursor string) (BatchPage, error) {
	before, err := decodeIDCursor(cursor)
	if err != nil {
		return BatchPage{}, err
	}
	c, err := s.conn(ctx)
	if err != nil {
		return BatchPage{}, err
	}
	end := "(" + successor(prefixBatch)
	if before != "" {
		end = "(" + prefixBatch + before
	}
	commands := make([]rueidis.Completed, Partitions)
	for i := range commands {
		// A batch may be in any of the partitions, so each is asked for a whole page.
		commands[i] = c.B().Zrange().Key(s.keys.partitions[i].index).Min(end).Max("["+prefixBatch).Bylex().Rev().Limit(0, int64(limit)+1).Build()
	}
	answers, err := s.pipeline(ctx, commands...)
	if err != nil {
		return BatchPage{}, err
	}
	var ids []string
	for _, answer := range answers {
		members, err := answer.AsStrSlice()
		if err != nil {
			return BatchPage{}, err
		}
		for _, m := range members {
			ids = append(ids, m[len(prefixBatch):])
		}
	}
	slices.SortFunc(ids, func(a, b string) int { return strings.Compare(b, a) })
	ids = slices.Compact(ids)
	page := BatchPage{}
	if len(ids) > limit {
		ids = ids[:limit]
		page.Next = encodeCursor(ids[limit-1])
	}
	page.Batches, err = s.batches(ctx, ids)
	return page, err
}
