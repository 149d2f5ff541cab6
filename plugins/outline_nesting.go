package plugins

import "slices"

// nesting holds the elements that are open, outermost first, as a browser
// would have them on a page that is not badly broken.
type nesting struct {
	open []element
	// floor is how many elements are around the source read: noscript content
	// is read apart, and closes nothing outside.
	floor   int
	foreign int // how many of the open ones are not of HTML
}

type element struct {
	tag     Tag
	foreign bool // of SVG or MathML
}

// farthest is how many open elements an end tag may close at once. It keeps
// the search for its start tag short.
const farthest = 64

// top is the innermost open element, [OtherTag] when there is none.
func (n *nesting) top() element {
	if len(n.open) == 0 {
		return element{}
	}
	return n.open[len(n.open)-1]
}

// inForeign tells whether a tag or text that comes now is in SVG or MathML.
func (n *nesting) inForeign() bool {
	return n.foreign > 0 && n.top().foreign && !n.top().tag.is(integration)
}

// start closes what a start tag ends, and tells what element it begins. It
// does not open it.
func (n *nesting) start(tag Tag) element {
	if n.inForeign() {
		if !tag.is(breakout) {
			return element{tag, true}
		}
		for len(n.open) > n.floor && n.inForeign() {
			n.pop()
		}
	}
	if tag.is(endsP) && len(n.open) > n.floor && n.top() == (element{tag: tagP}) {
		n.pop()
	}
	for ended := tagEnds[tag]; len(n.open) > n.floor && slices.Contains(ended, n.top().tag); {
		n.pop()
	}
	return element{tag, tag == tagSVG || tag == tagMath}
}

func (n *nesting) push(e element) {
	n.open = append(n.open, e)
	if e.foreign {
		n.foreign++
	}
}

func (n *nesting) pop() { n.cut(len(n.open) - 1) }

// cut closes all but the given number of elements.
func (n *nesting) cut(open int) {
	for i := len(n.open) - 1; n.foreign > 0 && i >= open; i-- {
		if n.open[i].foreign {
			n.foreign--
		}
	}
	n.open = n.open[:open]
}

// end closes the innermost element of a tag and all within it.
func (n *nesting) end(tag Tag) {
	lowest := max(n.floor, len(n.open)-farthest)
	for i := len(n.open) - 1; i >= lowest; i-- {
		if n.open[i].tag == tag {
			n.cut(i)
			return
		}
	}
}

// innermost is the path of the innermost open element.
func (n *nesting) innermost() (path TagPath) {
	for _, e := range n.open[max(0, len(n.open)-3):] {
		path = path<<8 | TagPath(e.tag)
	}
	return path
}

// path is that of an element that begins now.
func (n *nesting) path(tag Tag) TagPath {
	path := TagPath(tag)
	if depth := len(n.open); depth > 0 {
		path |= TagPath(n.open[depth-1].tag) << 8
		if depth > 1 {
			path |= TagPath(n.open[depth-2].tag) << 16
		}
	}
	return path
}

// pathCounter counts paths, up to maxPaths different ones. It is a hash table
// that half fills up.
type pathCounter struct {
	slots [2 * maxPaths]PathCount // free where the count is 0
	used  int
}

func (c *pathCounter) add(path TagPath) {
	for slot := uint32(path) * 0x9E3779B1 >> 22; ; slot = (slot + 1) % uint32(len(c.slots)) {
		switch entry := &c.slots[slot]; {
		case entry.Count == 0:
			if c.used < maxPaths {
				c.used++
				*entry = PathCount{path, 1}
			}
			return
		case entry.Path == path:
			if entry.Count++; entry.Count == 0 {
				entry.Count--
			}
			return
		}
	}
}

// drain returns the counts, sorted by path, and empties the counter.
func (c *pathCounter) drain() []PathCount {
	if c.used == 0 {
		return nil
	}
	packed := make([]uint64, 0, maxPaths) // numbers sort fastest
	for _, entry := range c.slots {
		if entry.Count > 0 {
			packed = append(packed, uint64(entry.Path)<<16|uint64(entry.Count))
		}
	}
	*c = pathCounter{}
	slices.Sort(packed)
	counts := make([]PathCount, len(packed))
	for i, entry := range packed {
		counts[i] = PathCount{TagPath(entry >> 16), uint16(entry)}
	}
	return counts
}
