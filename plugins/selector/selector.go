// Package selector finds elements in the source of a page by CSS selectors,
// and cuts them out of it. It works on the bytes that were sent: what is left
// is as it was, mistakes included.
//
// The selectors are those of package cascadia, matched on a tree of this
// package's own. So that no page and no selector can make it work for long,
// combinators are followed in a way that costs the same for every element, and
// what looks at the relatives of an element has a budget.
package selector

import (
	"bytes"
	"fmt"
)

// The limits of what Compile takes.
const (
	MaxSelectors = 50  // in a list
	MaxLength    = 500 // bytes of a selector
)

// Selection is what a list of selectors matches. The zero value matches
// nothing. It may be used by many goroutines at once.
type Selection struct {
	selectors []complexSelector
	keys      map[string]bool // of the attributes that the selectors ask for
}

// Compile makes a selection of everything that at least one of the selectors
// matches. An error names the selector that is wrong.
func Compile(list []string) (Selection, error) {
	if len(list) > MaxSelectors {
		return Selection{}, fmt.Errorf("%d selectors are given, the limit is %d", len(list), MaxSelectors)
	}
	s := Selection{keys: make(map[string]bool)}
	for _, source := range list {
		if len(source) > MaxLength {
			return Selection{}, fmt.Errorf("the selector that begins with %.40q has %d bytes, the limit is %d", source, len(source), MaxLength)
		}
		selectors, err := parse(source, s.keys)
		if err != nil {
			return Selection{}, fmt.Errorf("the selector %q: %w", source, err)
		}
		s.selectors = append(s.selectors, selectors...)
	}
	return s, nil
}

// IsZero tells whether the selection has no selectors.
func (s Selection) IsZero() bool { return len(s.selectors) == 0 }

// Without returns body with every matched element cut out of it. When there is
// none, that is body itself.
func (s Selection) Without(body []byte) []byte {
	if s.IsZero() {
		return body
	}
	return without(body, span{0, len(body)}, readTree(body, s.keys).match(s))
}

// Only returns the matched elements in document order, each on a line of its
// own. One within another is there once.
func (s Selection) Only(body []byte) []byte {
	return bytes.Join(Pieces(body, s, Selection{}), []byte("\n"))
}

// Pieces returns the source of each element of body that only matches, in
// document order, with every element that ignored matches cut out. One within
// another is there once. Without selectors in ignored, nothing is cut out.
func Pieces(body []byte, only, ignored Selection) [][]byte {
	keys := only.keys
	if !ignored.IsZero() {
		keys = make(map[string]bool, len(only.keys)+len(ignored.keys))
		for _, some := range []map[string]bool{only.keys, ignored.keys} {
			for key := range some {
				keys[key] = true
			}
		}
	}
	tree := readTree(body, keys)
	cuts := tree.match(ignored)
	var pieces [][]byte
	for _, element := range tree.match(only) {
		if piece := without(body, element.span, cuts); len(piece) > 0 {
			pieces = append(pieces, piece)
		}
	}
	return pieces
}

// span is a part of a body.
type span struct{ start, end int }

// without returns a part of body without the cuts, which are in order and
// apart.
func without(body []byte, part span, cuts []*element) []byte {
	var kept []byte
	at := part.start
	for _, cut := range cuts {
		start, end := max(cut.span.start, at), min(cut.span.end, part.end)
		if start >= end {
			continue
		}
		if kept == nil {
			kept = make([]byte, 0, part.end-part.start)
		}
		kept = append(kept, body[at:start]...)
		at = end
	}
	if kept == nil && at == part.start {
		return body[part.start:part.end:part.end]
	}
	return append(kept, body[at:part.end]...)
}
