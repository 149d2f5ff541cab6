package plugins

import (
	"encoding/binary"
	"math"
	"slices"
	"unicode/utf8"
)

// PastWriter writes what a plugin remembers, for [PastReader] to read in the
// same order. Make it with [NewPast].
type PastWriter struct{ b []byte }

// NewPast starts a past of the given version. A plugin counts its version up
// when it writes other things than before.
func NewPast(version byte) *PastWriter { return &PastWriter{b: append(make([]byte, 0, 128), version)} }

// Bytes returns what was written.
func (w *PastWriter) Bytes() []byte { return w.b }

// Hash writes a number that is as likely large as small, in 8 bytes.
func (w *PastWriter) Hash(v uint64) { w.b = binary.LittleEndian.AppendUint64(w.b, v) }

// Hash32 writes a number that is as likely large as small, in 4 bytes.
func (w *PastWriter) Hash32(v uint32) { w.b = binary.LittleEndian.AppendUint32(w.b, v) }

// Float writes v in 8 bytes.
func (w *PastWriter) Float(v float64) { w.Hash(math.Float64bits(v)) }

// Int writes a number of 0 or more; smaller ones take less space. Less than 0
// is written as 0.
func (w *PastWriter) Int(v int) { w.b = binary.AppendUvarint(w.b, uint64(max(0, v))) }

// Bool writes v in a byte.
func (w *PastWriter) Bool(v bool) {
	if v {
		w.b = append(w.b, 1)
	} else {
		w.b = append(w.b, 0)
	}
}

// Text writes s.
func (w *PastWriter) Text(s string) { w.b = appendBytes(w.b, s) }

// Texts writes how many there are, and each.
func (w *PastWriter) Texts(list []string) {
	w.Int(len(list))
	for _, s := range list {
		w.Text(s)
	}
}

// PastReader reads what a [PastWriter] wrote. After a failure everything it
// reads is zero, so a plugin checks once, with [PastReader.OK], when it has
// read all.
type PastReader struct {
	rest   []byte
	failed bool
}

// ReadPast starts reading a past. Anything but a past of that version fails.
func ReadPast(past []byte, version byte) *PastReader {
	if len(past) == 0 || past[0] != version {
		return &PastReader{failed: true}
	}
	return &PastReader{rest: past[1:]}
}

// OK tells whether all was read, nothing is left, and nothing was beyond its
// limits.
func (r *PastReader) OK() bool { return !r.failed && len(r.rest) == 0 }

// Hash reads what [PastWriter.Hash] wrote.
func (r *PastReader) Hash() uint64 {
	b := r.take(8)
	if b == nil {
		return 0
	}
	return binary.LittleEndian.Uint64(b)
}

// Hash32 reads what [PastWriter.Hash32] wrote.
func (r *PastReader) Hash32() uint32 {
	b := r.take(4)
	if b == nil {
		return 0
	}
	return binary.LittleEndian.Uint32(b)
}

// Float reads a finite number.
func (r *PastReader) Float() float64 {
	v := math.Float64frombits(r.Hash())
	if !finite(v) {
		r.failed = true
		return 0
	}
	return v
}

// Int reads a number of at most limit.
func (r *PastReader) Int(limit int) int {
	if r.failed {
		return 0
	}
	v, n := binary.Uvarint(r.rest)
	if n <= 0 || v > uint64(limit) {
		r.failed = true
		return 0
	}
	r.rest = r.rest[n:]
	return int(v)
}

// Bool reads what [PastWriter.Bool] wrote.
func (r *PastReader) Bool() bool { return r.Int(1) == 1 }

// Text reads valid UTF-8 of at most limit bytes.
func (r *PastReader) Text(limit int) string {
	b := r.take(r.Int(limit))
	if !utf8.Valid(b) {
		r.failed = true
		return ""
	}
	return string(b)
}

// Texts reads at most limit texts of at most size bytes each. It returns nil
// for none.
func (r *PastReader) Texts(limit, size int) (list []string) {
	n := r.Int(limit)
	if n > len(r.rest) {
		r.failed = true
		return nil
	}
	for range n {
		list = append(list, r.Text(size))
	}
	if r.failed {
		return nil
	}
	return slices.Clip(list)
}

func (r *PastReader) take(n int) []byte {
	if r.failed || n > len(r.rest) {
		r.failed = true
		return nil
	}
	b := r.rest[:n]
	r.rest = r.rest[n:]
	return b
}
