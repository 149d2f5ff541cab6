package store

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"time"

	"webmon/plugins"
)

// readChunk reads a chunk frame by frame. It stops when visit returns false.
// The state handed to visit is reused. Frames before a damaged one are read.
func readChunk(chunk string, visit func(*chunkState) bool) error {
	return new(chunkState).read(chunk, visit)
}

func (c *chunkState) read(chunk string, visit func(*chunkState) bool) error {
	for chunk != "" {
		size, n := uvarintOf(chunk)
		if n == 0 || size > uint64(len(chunk)-n) {
			return fmt.Errorf("%w: frame %d is cut off", errDamaged, c.results)
		}
		f := frameReader{frame: chunk[n : n+int(size)]}
		chunk = chunk[n+int(size):]
		c.apply(&f)
		if f.bad || f.left() > 0 {
			return fmt.Errorf("%w: frame %d", errDamaged, c.results)
		}
		c.results++
		if !visit(c) {
			return nil
		}
	}
	return nil
}

// apply brings the state to the next frame. Whether it succeeded is in f.bad.
func (c *chunkState) apply(f *frameReader) {
	flags, rank := f.byte(), f.byte()
	if int(rank) >= len(plugins.Verdicts) {
		f.bad = true
		return
	}
	c.verdict, c.changed = plugins.Verdicts[rank], flags&flagChanged != 0
	c.step += unzigzag(f.uvarint())
	c.at += c.step
	c.seq += uint64(unzigzag(f.uvarint()))
	if flags&flagNames != 0 {
		c.applyNames(f)
	}
	if flags&flagPlugins != 0 {
		for i := range c.plugins {
			c.plugins[i].present = f.byte() == 1
		}
	}
	c.applyMetrics(f)
	if flags&flagFacts != 0 {
		c.applyFacts(f)
	}
	if flags&flagFindings != 0 {
		for range f.count() {
			if p := f.index(len(c.plugins)); !f.bad {
				c.plugins[p].findings = f.text()
			}
		}
	}
}

func (c *chunkState) applyNames(f *frameReader) {
	n := f.count()
	c.plugins = slices.Grow(c.plugins, n)
	for range n {
		c.plugins = append(c.plugins, pluginSlot{name: f.text()})
	}
	n = f.count()
	c.metrics = slices.Grow(c.metrics, n) // over a hundred, in most chunks' first frame
	for range n {
		c.metrics = append(c.metrics, metricSlot{plugin: f.index(len(c.plugins)), name: f.text()})
	}
	n = f.count()
	c.facts = slices.Grow(c.facts, n)
	for range n {
		c.facts = append(c.facts, factSlot{plugin: f.index(len(c.plugins)), name: f.text()})
	}
}

func (c *chunkState) applyMetrics(f *frameReader) {
	i := -1
	for range f.count() {
		i += 1 + f.index(len(c.metrics)-i-1)
		if f.bad {
			return
		}
		m := &c.metrics[i]
		coded := f.uvarint()
		m.present = true
		switch delta := unzigzag(coded >> 2); coded & 3 {
		case valueWhole:
			m.value = float64(orZero(wholeOf(m.value)) + delta)
		case valueMicros:
			m.value = float64(orZero(microsOf(m.value))+delta) / 1e6
		case valueRaw:
			m.value = f.float()
		case valueAbsent:
			m.present = false
		}
	}
}

func (c *chunkState) applyFacts(f *frameReader) {
	i := -1
	for range f.count() {
		i += 1 + f.index(len(c.facts)-i-1)
		if f.bad {
			return
		}
		length := f.uvarint()
		c.facts[i].present = length > 0
		if length > 0 {
			c.facts[i].value = f.take(length - 1)
		}
	}
}

// frameReader reads a frame. After the first fault all it gives is zero.
type frameReader struct {
	frame string
	pos   int // what was read; to cut it off the frame would cost more while the garbage collector is at work
	bad   bool
}

func (f *frameReader) left() int { return len(f.frame) - f.pos }

func (f *frameReader) take(n uint64) string {
	if f.bad || n > uint64(f.left()) {
		f.bad = true
		return ""
	}
	start := f.pos
	f.pos += int(n)
	return f.frame[start:f.pos]
}

func (f *frameReader) byte() byte {
	if b := f.take(1); b != "" {
		return b[0]
	}
	return 0
}

func (f *frameReader) uvarint() uint64 {
	v, n := uvarintOf(f.frame[f.pos:])
	if f.bad || n == 0 {
		f.bad = true
		return 0
	}
	f.pos += n
	return v
}

func (f *frameReader) text() string { return f.take(f.uvarint()) }

// count is the number of things that follow, at least a byte each.
func (f *frameReader) count() int { return f.index(f.left() + 1) }

// index is a number below n.
func (f *frameReader) index(n int) int {
	v := f.uvarint()
	if f.bad || n <= 0 || v >= uint64(n) {
		f.bad = true
		return 0
	}
	return int(v)
}

func (f *frameReader) float() float64 {
	b := f.take(8)
	if f.bad {
		return 0
	}
	return math.Float64frombits(binary.LittleEndian.Uint64([]byte(b)))
}

// uvarintOf reads the number that s begins with, and tells how many bytes it
// has: 0 when there is none.
func uvarintOf(s string) (v uint64, n int) {
	for i := 0; i < len(s) && i < binary.MaxVarintLen64; i++ {
		b := s[i]
		v |= uint64(b&0x7f) << (7 * i)
		if b < 0x80 {
			return v, i + 1
		}
	}
	return 0, 0
}

func timeOf(ms int64) time.Time { return time.UnixMilli(ms).UTC() }
