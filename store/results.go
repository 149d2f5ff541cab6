package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/redis/rueidis"
)

// ResultQuery selects a page of an asset's results.
type ResultQuery struct {
	Asset    string
	From, To time.Time // From included, To not; zero: no bound
	Limit    int
	Cursor   string
}

// ResultPage is a page of results, newest first.
type ResultPage struct {
	Results []Result
	Next    string
}

// Results lists an asset's results, or fails with ErrNotFound when there is no
// such asset.
func (s *Store) Results(ctx context.Context, q ResultQuery) (ResultPage, error) {
	asset, err := s.Asset(ctx, q.Asset)
	if err != nil {
		return ResultPage{}, err
	}
	after, err := decodeResultCursor(q.Cursor)
	if err != nil {
		return ResultPage{}, err
	}
	var page ResultPage
	left := s.retention(&asset).Count
	oldest := s.oldest(&asset, q.From)
	err = s.chunks(ctx, asset.ID, oldest, func(chunk string) (bool, error) {
		results, err := readResults(asset.ID, chunk)
		if err := s.excuse(err); err != nil {
			return false, err
		}
		for _, r := range slices.Backward(results) {
			if left == 0 {
				return false, nil
			}
			left--
			if after != nil { // not there yet
				if r.Job == jobID(asset.ID, *after) {
					after = nil
				}
				continue
			}
			if r.At.Before(oldest) || !q.To.IsZero() && !r.At.Before(q.To) {
				continue
			}
			if len(page.Results) == q.Limit {
				last := page.Results[q.Limit-1]
				_, seq, _ := splitJobID(last.Job)
				page.Next = encodeCursor("r" + strconv.FormatUint(seq, 10))
				return false, nil
			}
			page.Results = append(page.Results, r)
		}
		return true, nil
	})
	return page, err
}

func decodeResultCursor(cursor string) (*uint64, error) {
	text, err := decodeCursor(cursor)
	if err != nil || text == "" {
		return nil, err
	}
	digits, found := strings.CutPrefix(text, "r")
	seq, err := strconv.ParseUint(digits, 10, 63)
	if !found || err != nil {
		return nil, ErrCursor
	}
	return &seq, nil
}

// oldest is the time before which no result of the asset is shown: the later
// of what was asked for and what is kept.
func (s *Store) oldest(a *Asset, from time.Time) time.Time {
	kept := s.now().Add(-time.Duration(s.retention(a).Age))
	if from.After(kept) {
		return from
	}
	return kept
}

// resultOf finds the result that a job made, or fails with ErrNotFound.
func (s *Store) resultOf(ctx context.Context, asset, job string) (result Result, err error) {
	err = s.chunks(ctx, asset, time.Time{}, func(chunk string) (bool, error) {
		results, err := readResults(asset, chunk)
		for _, r := range results {
			if r.Job == job {
				result = r
				return false, nil
			}
		}
		return true, s.excuse(err)
	})
	if err == nil && result.Job == "" {
		err = ErrNotFound
	}
	return result, err
}

// excuse lets a damaged chunk pass, with a word in the log: the results that
// can be read are worth more than none.
func (s *Store) excuse(err error) error {
	if errors.Is(err, errDamaged) {
		s.opts.Logger.Warn("results cannot be read and are left out", "err", err)
		return nil
	}
	return err
}

// readResults reads a chunk, oldest result first. What comes before a fault is
// given beside the error.
func readResults(asset, chunk string) ([]Result, error) {
	var results []Result
	var failure error
	err := readChunk(chunk, func(c *chunkState) bool {
		var r Result
		if r, failure = c.result(asset); failure != nil {
			return false
		}
		results = append(results, r)
		return true
	})
	if err == nil {
		err = failure
	}
	if err != nil {
		err = fmt.Errorf("asset %s: %w", asset, err)
	}
	return results, err
}

// chunks visits an asset's chunks of results, the newest first, down to those
// that end before oldest.
func (s *Store) chunks(ctx context.Context, asset string, oldest time.Time, visit func(chunk string) (more bool, err error)) error {
	p := s.keys.of(asset)
	c, err := s.conn(ctx)
	if err != nil {
		return err
	}
	const first = 4 // sealed chunks to read at once; doubles
	answers, err := s.pipeline(ctx,
		c.B().Get().Key(p.open(asset)).Build(),
		c.B().Lrange().Key(p.sealed(asset)).Start(-first).Stop(-1).Build())
	if err != nil {
		return err
	}
	open, err := answers[0].ToString()
	if err != nil && !rueidis.IsRedisNil(err) {
		return err
	}
	if more, err := visit(open); err != nil || !more {
		return err
	}
	sealed, err := answers[1].AsStrSlice()
	if err != nil {
		return err
	}
	end, n := int64(-1), int64(first)
	visited := map[string]bool{}
	for len(sealed) > 0 {
		for _, one := range slices.Backward(sealed) {
			// A chunk sealed while this reads moves all others by one.
			if visited[one] {
				continue
			}
			visited[one] = true
			last, chunk, err := unseal(one)
			if err != nil {
				if err := s.excuse(fmt.Errorf("asset %s: %w", asset, err)); err != nil {
					return err
				}
				continue
			}
			if last.Before(oldest) {
				return nil
			}
			if more, err := visit(chunk); err != nil || !more {
				return err
			}
		}
		end, n = end-n, 2*n
		sealed, err = c.Do(ctx, c.B().Lrange().Key(p.sealed(asset)).Start(end-n+1).Stop(end).Build()).AsStrSlice()
		if err = s.check(err); err != nil {
			return err
		}
	}
	return nil
}
