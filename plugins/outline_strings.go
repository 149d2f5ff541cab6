package plugins

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// stringStore makes strings that share storage, because an outline has
// hundreds of short ones. A builder's bytes do not move while it has room, and
// a full one is left to the strings that were cut from it.
type stringStore struct {
	builder strings.Builder
	size    int // of a builder
}

const maxStore = 8 << 10 // bytes of storage shared

// expect prepares for a page of so many bytes.
func (s *stringStore) expect(body int) { s.size = min(maxStore, 64+body/8) }

func (s *stringStore) keep(text []byte) string {
	if len(text) == 0 {
		return ""
	}
	if s.builder.Cap()-s.builder.Len() < len(text) {
		s.builder = strings.Builder{}
		s.builder.Grow(max(s.size, len(text)))
	}
	start := s.builder.Len()
	s.builder.Write(text)
	return s.builder.String()[start:]
}

// keepURL keeps the address in an attribute's value.
func (r *outlineReader) keepURL(value []byte) string {
	return r.keepText(r.decode(value, true), maxURL)
}

// keepValue keeps an attribute's value.
func (r *outlineReader) keepValue(value []byte) string {
	return r.keepText(r.decode(value, true), maxLine)
}

func (r *outlineReader) keepText(text []byte, limit int) string {
	return r.strings.keep(clip(bytes.TrimSpace(text), limit))
}

// keepLine keeps text as one line, white space collapsed.
func (r *outlineReader) keepLine(text []byte) string {
	return r.keepText(bytes.Join(bytes.Fields(text), []byte(" ")), maxLine)
}

// clip cuts text, which is valid UTF-8, to at most limit bytes.
func clip(text []byte, limit int) []byte {
	if len(text) <= limit {
		return text
	}
	for limit > 0 && !utf8.RuneStart(text[limit]) {
		limit--
	}
	return text[:limit]
}
