package htmlstats

import (
	"cmp"
	"encoding/binary"
	"slices"
)

// memorised is an item that was seen, and how many versions ago.
type memorised struct {
	hash uint32
	age  uint8
}

// collection is what is remembered of a set over time, sorted by hash.
type collection struct {
	items   []memorised
	changes int // versions that brought something new, among those the memory counts
}

func (c *collection) has(hash uint32) bool {
	_, ok := slices.BinarySearchFunc(c.items, hash, func(m memorised, hash uint32) int { return cmp.Compare(m.hash, hash) })
	return ok
}

// news returns the items of s that were never seen. A set that is too large to
// be remembered has none.
func (c *collection) news(k kind, s set) (news set) {
	if len(s) > maxItems[k] || len(c.items) >= maxItems[k] && len(s) > maxItems[k]/2 {
		return nil
	}
	for _, it := range s {
		if !c.has(it.hash) {
			news = append(news, it)
		}
	}
	return news
}

// forgetAfter is how many versions without it an item is remembered.
const forgetAfter = 200

// learn takes in a set, and tells whether something in it was new.
func (c *collection) learn(k kind, s set) (changed bool) {
	merged := make([]memorised, 0, len(c.items)+len(s))
	for _, m := range c.items {
		if m.age < forgetAfter {
			m.age++
			merged = append(merged, m)
		}
	}
	for _, it := range s {
		i, ok := slices.BinarySearchFunc(merged, it.hash, func(m memorised, hash uint32) int { return cmp.Compare(m.hash, hash) })
		if ok {
			merged[i].age = 0
		} else {
			merged = slices.Insert(merged, i, memorised{hash: it.hash})
			changed = true
		}
	}
	if limit := maxItems[k]; len(merged) > limit {
		slices.SortFunc(merged, func(a, b memorised) int { return cmp.Or(cmp.Compare(a.age, b.age), cmp.Compare(a.hash, b.hash)) })
		merged = merged[:limit]
		slices.SortFunc(merged, func(a, b memorised) int { return cmp.Compare(a.hash, b.hash) })
	}
	c.items = merged
	return changed
}

func (c *collection) append(b []byte) []byte {
	b = binary.AppendUvarint(b, uint64(c.changes))
	b = binary.AppendUvarint(b, uint64(len(c.items)))
	before := uint32(0)
	for _, m := range c.items {
		b = binary.AppendUvarint(b, uint64(m.hash-before))
		b = append(b, m.age)
		before = m.hash
	}
	return b
}

func (c *collection) read(r *reader, k kind) {
	c.changes = r.number(maxCounted)
	before := uint64(0)
	for i := range r.number(maxItems[k]) {
		step := r.uvarint()
		if before += step; before > 1<<32-1 || step == 0 && i > 0 {
			r.failed = true
		}
		age := r.byte()
		if r.failed {
			return
		}
		c.items = append(c.items, memorised{uint32(before), age})
	}
}
