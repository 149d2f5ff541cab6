package backup_test

import (
	"bytes"
	"testing"

	"github.com/rs/xid"

	"webmon/store"
	"webmon/store/backup"
)

// many makes a store of so many assets with 150 results each.
func many(b *testing.B, assets int) *store.Store {
	b.Helper()
	ctx := b.Context()
	one, all := open(b), open(b)
	fill(b, one, 1, 150)
	r, err := all.BeginRestore(ctx, store.RestoreOptions{Name: "bench"})
	if err != nil {
		b.Fatal(err)
	}
	defer r.Close()
	err = one.Copies(ctx, func(c *store.AssetCopy) error {
		for range assets {
			c.ID = xid.New().String()
			if err := r.Asset(ctx, c); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		err = r.Finish(ctx, store.CopyCounters{})
	}
	if err != nil {
		b.Fatal(err)
	}
	return all
}

const benchAssets = 5000

func BenchmarkWrite(b *testing.B) {
	s := many(b, benchAssets)
	for b.Loop() {
		write(b, s)
	}
	b.ReportMetric(float64(b.N)*benchAssets/b.Elapsed().Seconds(), "assets/s")
}

func BenchmarkRestore(b *testing.B) {
	data, s := write(b, many(b, benchAssets)), open(b)
	for b.Loop() {
		f, err := backup.Check(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			b.Fatal(err)
		}
		if err := f.Restore(b.Context(), s, store.RestoreOptions{Name: "bench", Replace: true}, none); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)*benchAssets/b.Elapsed().Seconds(), "assets/s")
}
