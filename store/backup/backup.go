package backup

import (
	"context"
	"fmt"
	"io"

	"webmon/store"
)

// Write writes a backup of a store that may be in use: each asset is as of one
// moment between the beginning and the end. progress is called with the number
// of assets so far.
func Write(ctx context.Context, s *store.Store, w io.Writer, h Header, progress func(assets int64)) (Counts, error) {
	if err := s.CheckWhole(ctx); err != nil {
		return Counts{}, err
	}
	b, err := NewWriter(w, h)
	if err != nil {
		return Counts{}, err
	}
	err = s.Copies(ctx, func(c *store.AssetCopy) error {
		if err := b.Asset(c); err != nil {
			return err
		}
		progress(b.counts.Assets)
		return nil
	})
	if err != nil {
		return Counts{}, err
	}
	if err := s.IncidentCopies(ctx, b.Incident); err != nil {
		return Counts{}, err
	}
	n, err := s.Counters(ctx)
	if err != nil {
		return Counts{}, err
	}
	if err := b.Counters(n); err != nil {
		return Counts{}, err
	}
	return b.Close()
}

// Restore writes a backup into a store, of which nothing else is left then.
// When it fails it may be done again; until it is done no role starts on the
// store. progress is as in [Write].
func (f *File) Restore(ctx context.Context, s *store.Store, o store.RestoreOptions, progress func(assets int64)) error {
	r, err := s.BeginRestore(ctx, o)
	if err != nil {
		return err
	}
	defer r.Close()
	var assets int64
	var counters store.CopyCounters
	_, err = readRecords(f.records(), visitor{
		asset: func(c *store.AssetCopy) error {
			assets++
			progress(assets)
			return r.Asset(ctx, c)
		},
		results:  func(id string, sealed []string) error { return r.Results(ctx, id, sealed) },
		incident: func(c *store.IncidentCopy) error { return r.Incident(ctx, c) },
		counters: func(n store.CopyCounters) error { counters = n; return nil },
	})
	if err == nil {
		err = r.Finish(ctx, counters)
	}
	if err != nil {
		return fmt.Errorf("the restore was interrupted, run it again: %w", err)
	}
	return nil
}
