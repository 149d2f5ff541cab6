package backup

import (
	"bufio"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"io"

	"github.com/klauspost/compress/zstd"

	"webmon/store"
)

// Writer writes a backup: assets, incidents, counters, then Close.
type Writer struct {
	buffer *bufio.Writer
	sum    hash.Hash
	stream *zstd.Encoder
	record []byte
	counts Counts
}

// NewWriter begins a backup.
func NewWriter(w io.Writer, h Header) (*Writer, error) {
	line, err := json.Marshal(h)
	if err != nil {
		return nil, fmt.Errorf("header of the backup: %w", err)
	}
	b := &Writer{buffer: bufio.NewWriterSize(w, 64<<10), sum: sha256.New()}
	summed := io.MultiWriter(b.buffer, b.sum)
	if _, err := fmt.Fprintf(summed, "%s%d\n%s\n", magic, Format, line); err != nil {
		return nil, err
	}
	b.stream, err = zstd.NewWriter(summed, zstd.WithEncoderConcurrency(1), zstd.WithWindowSize(1<<20))
	return b, err
}

// Asset writes an asset with its results.
func (b *Writer) Asset(c *store.AssetCopy) error {
	state, err := json.Marshal(c.State)
	if err != nil {
		return fmt.Errorf("asset %s: %w", c.ID, err)
	}
	b.begin(kindAsset, c.ID, string(state), c.Definition, c.Memory, c.Before, c.Open)
	b.add(c.Decisions...)
	if err := b.end(); err != nil {
		return fmt.Errorf("asset %s: %w", c.ID, err)
	}
	b.counts.Assets++
	b.counts.Decisions += int64(len(c.Decisions))
	b.counts.Chunks += int64(len(c.Sealed))
	for i := 0; i < len(c.Sealed); {
		b.begin(kindResults, c.ID)
		for ; i < len(c.Sealed) && len(b.record) < resultsRecord; i++ {
			b.add(c.Sealed[i])
		}
		if err := b.end(); err != nil {
			return fmt.Errorf("results of asset %s: %w", c.ID, err)
		}
	}
	return nil
}

// Incident writes a closed incident. It comes after all assets.
func (b *Writer) Incident(c *store.IncidentCopy) error {
	b.begin(kindIncident, append([]string{c.ID}, c.Fields...)...)
	b.counts.Incidents++
	return b.end()
}

// Counters writes the counters. It comes after all assets and incidents.
func (b *Writer) Counters(n store.CopyCounters) error { return b.json(kindCounters, n) }

// Close ends the backup and says how much is in it. It does not close the
// writer below.
func (b *Writer) Close() (Counts, error) {
	if err := b.json(kindEnd, b.counts); err != nil {
		return Counts{}, err
	}
	if err := b.stream.Close(); err != nil {
		return Counts{}, err
	}
	if _, err := b.buffer.WriteString(hex.EncodeToString(b.sum.Sum(nil)) + "\n"); err != nil {
		return Counts{}, err
	}
	return b.counts, b.buffer.Flush()
}

func (b *Writer) json(kind byte, v any) error {
	text, err := json.Marshal(v)
	if err != nil {
		return err
	}
	b.begin(kind, string(text))
	return b.end()
}

func (b *Writer) begin(kind byte, fields ...string) {
	b.record = append(b.record[:0], kind)
	b.add(fields...)
}

func (b *Writer) add(fields ...string) {
	for _, field := range fields {
		b.record = append(binary.AppendUvarint(b.record, uint64(len(field))), field...)
	}
}

func (b *Writer) end() error {
	if len(b.record) > maxRecord {
		return fmt.Errorf("its record has %d bytes, at most %d fit into a backup", len(b.record), maxRecord)
	}
	if _, err := b.stream.Write(binary.AppendUvarint(nil, uint64(len(b.record)))); err != nil {
		return err
	}
	_, err := b.stream.Write(b.record)
	return err
}
