package backup

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/zstd"

	"webmon/store"
)

// visitor takes what a backup holds, in its order.
type visitor struct {
	asset    func(*store.AssetCopy) error // without its sealed chunks
	results  func(id string, sealed []string) error
	incident func(*store.IncidentCopy) error
	counters func(store.CopyCounters) error
}

// errUnknown says that a backup holds what this webmon cannot understand.
var errUnknown = errors.New("this webmon does not know")

// readRecords reads the records of a backup's zstd stream up to the last one,
// and checks that nothing follows. It does not look at the checksum.
func readRecords(r io.Reader, v visitor) (Counts, error) {
	stream, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(maxWindow))
	if err != nil {
		return Counts{}, err
	}
	defer stream.Close()
	d := &decoder{in: bufio.NewReader(stream), visitor: v}
	for !d.ended {
		if err := d.next(); err != nil {
			return d.counts, fmt.Errorf("record %d: %w", d.records+1, err)
		}
		d.records++
	}
	switch _, err := d.in.ReadByte(); {
	case err == nil:
		return d.counts, errors.New("something follows the last record")
	case err != io.EOF:
		return d.counts, fmt.Errorf("after the last record: %w", err)
	}
	return d.counts, nil
}

type decoder struct {
	visitor
	in      *bufio.Reader
	records int
	counts  Counts
	asset   string // id of the last one
	counted bool   // the counters have come
	ended   bool
	buffer  bytes.Buffer
}

func (d *decoder) next() error {
	size, err := binary.ReadUvarint(d.in)
	if err == io.EOF {
		err = io.ErrUnexpectedEOF // the record that ends all has not come
	}
	if err != nil {
		return err
	}
	if size == 0 || size > maxRecord {
		return fmt.Errorf("a length of %d bytes, not of 1 to %d", size, maxRecord)
	}
	// Memory grows with what is there, not with what is announced.
	d.buffer.Reset()
	if _, err := io.CopyN(&d.buffer, d.in, int64(size)); err != nil {
		if err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		return err
	}
	kind, fields, err := split(d.buffer.Bytes())
	if err != nil {
		return err
	}
	need := map[byte]int{kindAsset: 6, kindResults: 2, kindIncident: 2, kindCounters: 1, kindEnd: 1}[kind]
	switch {
	case need == 0:
		return fmt.Errorf("%w records of the kind %q", errUnknown, kind)
	case len(fields) < need, need == 1 && len(fields) > 1:
		return fmt.Errorf("%w a record %c of %d fields", errUnknown, kind, len(fields))
	case d.counted != (kind == kindEnd), d.counts.Incidents > 0 && (kind == kindAsset || kind == kindResults):
		return fmt.Errorf("a record %c is out of its order", kind)
	}
	return d.apply(kind, fields)
}

func (d *decoder) apply(kind byte, fields []string) error {
	switch kind {
	case kindAsset:
		c := &store.AssetCopy{ID: fields[0], Definition: fields[2], Memory: fields[3], Before: fields[4], Open: fields[5], Decisions: fields[6:]}
		if err := strict(fields[1], &c.State); err != nil {
			return fmt.Errorf("asset %q: %w", c.ID, err)
		}
		if err := c.Check(); err != nil {
			return err
		}
		d.asset = c.ID
		d.counts.Assets++
		d.counts.Decisions += int64(len(c.Decisions))
		return d.visitor.asset(c)
	case kindResults:
		if fields[0] != d.asset || d.asset == "" {
			return fmt.Errorf("results of asset %q do not follow it", fields[0])
		}
		d.counts.Chunks += int64(len(fields) - 1)
		return d.results(d.asset, fields[1:])
	case kindIncident:
		c := &store.IncidentCopy{ID: fields[0], Fields: fields[1:]}
		if err := c.Check(); err != nil {
			return err
		}
		d.counts.Incidents++
		return d.incident(c)
	case kindCounters:
		d.counted = true
		var n store.CopyCounters
		if err := strict(fields[0], &n); err != nil {
			return err
		}
		if min(n.Jobs, n.Checks, n.Skipped) < 0 {
			return errors.New("a counter is negative")
		}
		return d.counters(n)
	}
	d.ended = true
	var said Counts
	if err := strict(fields[0], &said); err != nil {
		return err
	}
	if said != d.counts {
		return fmt.Errorf("it tells of %+v, but there are %+v", said, d.counts)
	}
	return nil
}

// split cuts a record into its kind and its fields, which are copies.
func split(record []byte) (kind byte, fields []string, err error) {
	kind, rest := record[0], record[1:]
	for len(rest) > 0 {
		size, n := binary.Uvarint(rest)
		if n <= 0 || size > uint64(len(rest)-n) {
			return 0, nil, fmt.Errorf("field %d is longer than its record", len(fields)+1)
		}
		rest = rest[n:]
		fields = append(fields, string(rest[:size]))
		rest = rest[size:]
	}
	return kind, fields, nil
}

// strict reads JSON and refuses what it does not know.
func strict(text string, into any) error {
	d := json.NewDecoder(bytes.NewReader([]byte(text)))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return fmt.Errorf("%w the JSON %.80q: %w", errUnknown, text, err)
	}
	if d.More() {
		return fmt.Errorf("%w what follows the JSON %.80q", errUnknown, text)
	}
	return nil
}
