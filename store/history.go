package store

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// History is the results that are kept of an asset, as they were when it was
// read.
type History struct {
	Asset Asset
	Whole bool // the oldest result is that of the asset's first check

	store  *Store
	chunks []string // newest first
	from   int64    // ms
}

// History reads an asset's results, or fails with ErrNotFound.
func (s *Store) History(ctx context.Context, id string) (*History, error) {
	asset, err := s.Asset(ctx, id)
	if err != nil {
		return nil, err
	}
	from := s.oldest(&asset, time.Time{})
	chunks, err := s.newest(ctx, &asset, from)
	if err != nil {
		return nil, err
	}
	return &History{
		Asset: asset, Whole: asset.Created.After(from) && len(chunks)*chunkResults <= s.retention(&asset).Count,
		store: s, chunks: chunks, from: from.UnixMilli(),
	}, nil
}

// Each hands the results to visit, the oldest first. It ends with the first
// error of visit. Results that cannot be read are left out.
func (h *History) Each(visit func(*Result) error) error {
	var failed error
	err := h.store.inOrder(h.Asset.ID, h.chunks, func(c *chunkState) bool {
		if c.at < h.from {
			return true
		}
		r, err := c.result(h.Asset.ID)
		if failed = h.store.excuse(err); failed == nil && err == nil {
			failed = visit(&r)
		}
		return failed == nil
	}, func() {})
	if failed != nil {
		return failed
	}
	return err
}

// newest gives an asset's chunks of results, the newest first, down to those
// that end before from or are beyond what is kept.
func (s *Store) newest(ctx context.Context, asset *Asset, from time.Time) (chunks []string, err error) {
	err = s.chunks(ctx, asset.ID, from, func(chunk string) (bool, error) {
		chunks = append(chunks, chunk)
		return len(chunks)*chunkResults < s.retention(asset).Count+chunkResults, nil
	})
	return chunks, err
}

// inOrder hands what chunks hold to visit, the oldest result first, until it
// returns false. chunks are the newest first. The state handed to visit is
// reused, and its numbers of metrics hold until endChunk.
func (s *Store) inOrder(asset string, chunks []string, visit func(*chunkState) bool, endChunk func()) error {
	more := true
	for _, chunk := range slices.Backward(chunks) {
		err := readChunk(chunk, func(c *chunkState) bool {
			more = visit(c)
			return more
		})
		if err := s.excuse(err); err != nil {
			return fmt.Errorf("asset %s: %w", asset, err)
		}
		if !more {
			return nil
		}
		endChunk()
	}
	return nil
}
