package htmlstats

import "encoding/binary"

// decode reads what encode wrote. It tells whether it could; a memory that is
// damaged or of another version leaves m empty.
func (m *memory) decode(b []byte) (ok bool) {
	m.forget()
	m.hash, m.last = 0, version{}
	r := reader{rest: b}
	if r.byte() != memoryVersion {
		return false
	}
	m.read(&r)
	if r.failed || len(r.rest) > 0 {
		m.forget()
		m.hash, m.last = 0, version{}
		return false
	}
	return true
}

func (m *memory) read(r *reader) {
	m.hash = r.uint64()
	isHTML := r.bool()
	m.learned = r.number(maxWindow)
	m.learnedHTML = r.number(m.learned)
	m.row = r.number(relearnAfter)
	m.calm = r.number(maxWindow)

	id := 0
	for range r.number(int(numTracked)) {
		id += r.number(int(numTracked))
		if id >= int(numTracked) || names[id] == "" || len(m.windows[id]) > 0 {
			r.failed = true
		}
		if r.failed {
			return
		}
		m.windows[id] = r.window(m.windows[id])
	}

	base := m.newest()
	for range r.number(adoptAfter - 1) {
		r.version(&base)
		if r.failed {
			return
		}
		m.aside = append(m.aside, base)
	}
	m.last = base
	if m.row == 0 {
		m.last = m.newest()
	}
	m.last.isHTML = isHTML
	m.last.derive()
}

// reader takes numbers off a slice of bytes. After a failure all it reads is 0.
type reader struct {
	rest   []byte
	failed bool
}

func (r *reader) byte() (v byte) {
	if len(r.rest) == 0 {
		r.failed = true
		return 0
	}
	v, r.rest = r.rest[0], r.rest[1:]
	return v
}

func (r *reader) bool() bool { return r.number(1) == 1 }

func (r *reader) uint64() (v uint64) {
	if len(r.rest) < 8 {
		r.failed = true
		return 0
	}
	v, r.rest = binary.LittleEndian.Uint64(r.rest), r.rest[8:]
	return v
}

// number reads a number of at most limit.
func (r *reader) number(limit int) int {
	v := r.uvarint()
	if v > uint64(limit) {
		r.failed = true
		return 0
	}
	return int(v)
}

func (r *reader) uvarint() uint64 {
	v, n := binary.Uvarint(r.rest)
	if n <= 0 || r.failed {
		r.failed = true
		return 0
	}
	r.rest = r.rest[n:]
	return v
}

// maxValue is more than any page can measure.
const maxValue = 1 << 40

// value reads a value as its step from the one before.
func (r *reader) value(before int64, zigzagged uint64) int64 {
	if zigzagged > 2*maxValue {
		r.failed = true
		return 0
	}
	v := before + unzigzag(zigzagged)
	if v < 0 || v > maxValue {
		r.failed = true
		return 0
	}
	return v
}

// window reads a window into the space of w.
func (r *reader) window(w window) window {
	size, before := 0, int64(0)
	runs := r.number(maxWindow)
	if runs == 0 {
		r.failed = true
	}
	for range runs {
		token := r.uvarint()
		before = r.value(before, token>>1)
		count := 1
		if token&1 == 1 {
			count = r.number(maxWindow)
		}
		if size += count; count == 0 || size > maxWindow {
			r.failed = true
		}
		if r.failed {
			return w[:0]
		}
		w = append(w, run{before, count})
	}
	return w
}

// version reads a page that was set aside; v holds what it differs from.
func (r *reader) version(v *version) {
	v.isHTML = r.bool()
	id := 0
	for range r.number(int(numTracked)) {
		id += r.number(int(numTracked))
		if id >= int(numTracked) || names[id] == "" {
			r.failed = true
		}
		if r.failed {
			return
		}
		v.values[id] = r.value(v.values[id], r.uvarint())
	}
	v.derive()
}
