package htmlscan

import "bytes"

// The classes of bytes that tags are made of.
const (
	letter  uint8 = 1 << iota // A to Z in either case
	space                     // white space as HTML has it
	tagEnd                    // "/" and ">"
	equals                    // "="
	nameEnd = space | tagEnd
)

var class = func() (class [256]uint8) {
	for c := byte('a'); c <= 'z'; c++ {
		class[c], class[c-'a'+'A'] = letter, letter
	}
	for _, c := range []byte(" \t\n\f\r") {
		class[c] = space
	}
	class['/'], class['>'], class['='] = tagEnd, tagEnd, equals
	return class
}()

// readName reads a tag's name, and leaves its attributes to NextAttr.
func (s *Scanner) readName(start int) {
	i := start
	for i < len(s.src) && class[s.src[i]]&nameEnd == 0 {
		i++
	}
	s.name, s.pos = Span{start, i}, i
	s.inTag, s.complete, s.selfClosing = true, false, false
}

// Key is the name of the current attribute, in the case it is written in.
func (s *Scanner) Key() []byte { return s.src[s.key.Start:s.key.End] }

// Value is the source of the current attribute's value, without the quotes,
// character references not decoded.
func (s *Scanner) Value() []byte { return s.src[s.value.Start:s.value.End] }

// ValueSpan tells where in the source Value is.
func (s *Scanner) ValueSpan() Span { return s.value }

// NextAttr goes to the next attribute of the current tag, and tells whether
// there is one. Of attributes with the same name browsers take the first.
func (s *Scanner) NextAttr() bool {
	if !s.inTag {
		return false
	}
	src, i := s.src, s.pos
	before := i // a "/" that is part of a name or value was read already
	for i < len(src) && class[src[i]]&nameEnd != 0 {
		i++
		if src[i-1] == '>' {
			s.pos, s.inTag, s.complete = i, false, true
			s.selfClosing = i-2 >= before && src[i-2] == '/'
			return false
		}
	}
	start := i
	if i < len(src) { // the name may begin with "="
		for i++; i < len(src) && class[src[i]]&(nameEnd|equals) == 0; i++ {
		}
	}
	s.key, s.value = Span{start, i}, Span{i, i}
	i = s.skipSpace(i)
	if i < len(src) && src[i] == '=' {
		i = s.readValue(s.skipSpace(i + 1))
	}
	if s.pos = i; i >= len(src) {
		s.pos, s.inTag = len(src), false
		return false // a tag without an end has no attributes either
	}
	return true
}

// readValue reads the value that begins at start, and returns where it ends.
func (s *Scanner) readValue(start int) int {
	src, i := s.src, start
	if i >= len(src) || src[i] == '>' {
		return i
	}
	if quote := src[i]; quote == '"' || quote == '\'' {
		length := bytes.IndexByte(src[i+1:], quote)
		if length < 0 {
			return len(src)
		}
		i += 1 + length
		s.value = Span{start + 1, i}
		return i + 1
	}
	for i < len(src) && class[src[i]]&space == 0 && src[i] != '>' {
		i++
	}
	s.value = Span{start, i}
	return i
}

func (s *Scanner) skipSpace(i int) int {
	for i < len(s.src) && class[s.src[i]]&space != 0 {
		i++
	}
	return i
}
