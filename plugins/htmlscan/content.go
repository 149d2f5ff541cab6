package htmlscan

import "bytes"

// readContent reads the text of an element that holds no tags, and leaves the
// scanner at the element's end tag.
func (s *Scanner) readContent() {
	start, end := s.pos, len(s.src)
	switch s.content {
	case Script:
		end = s.scriptEnd(start)
	case RCData, RawText:
		end = s.endTag(start)
	}
	s.content, s.pos, s.text = Data, end, Span{start, end}
}

// endTag returns where the current element's end tag begins, looking from i.
func (s *Scanner) endTag(i int) int {
	for {
		less := bytes.IndexByte(s.src[i:], '<')
		if less < 0 {
			return len(s.src)
		}
		if i += less; s.isEndTag(i) {
			return i
		}
		i++
	}
}

func (s *Scanner) isEndTag(i int) bool {
	return i+1 < len(s.src) && s.src[i+1] == '/' && isWord(s.src[i+2:], s.element)
}

// isWord tells whether text begins with a tag's name.
func isWord(text, name []byte) bool {
	return len(text) > len(name) && class[text[len(name)]]&nameEnd != 0 && equalFold(text[:len(name)], name)
}

// equalFold compares names without regard to the case of A to Z. It knows no
// other letters, or a Kelvin sign would be a K.
func equalFold(a, b []byte) bool {
	for i, c := range a {
		if d := b[i]; c != d && (c^d != 'a'-'A' || class[c]&letter == 0) {
			return false
		}
	}
	return true
}

var scriptName = []byte("script")

// scriptEnd returns where a script's end tag begins, looking from i. After
// "<!--" the script is escaped up to "-->", and within that "<script" hides
// the next end tag.
func (s *Scanner) scriptEnd(i int) int {
	src := s.src
	for {
		less := bytes.IndexByte(src[i:], '<')
		if less < 0 {
			return len(src)
		}
		i += less
		if s.isEndTag(i) {
			return i
		}
		if bytes.HasPrefix(src[i:], []byte("<!--")) {
			var ended bool
			if i, ended = s.escapedEnd(i + len("<!")); ended {
				return i
			}
			continue
		}
		i++
	}
}

// escapedEnd returns where the escaped part of a script that goes on at i ends,
// or, when ended is true, the script.
func (s *Scanner) escapedEnd(i int) (end int, ended bool) {
	src, hidden := s.src, false
	for {
		less := bytes.IndexByte(src[i:], '<')
		stretch := src[i:]
		if less >= 0 {
			stretch = stretch[:less]
		}
		if close := bytes.Index(stretch, []byte("-->")); close >= 0 {
			return i + close + len("-->"), false
		}
		if less < 0 {
			return len(src), true
		}
		i += less
		switch {
		case !hidden && s.isEndTag(i):
			return i, true
		case !hidden && isWord(src[i+1:], scriptName):
			hidden = true
		case hidden && i+1 < len(src) && src[i+1] == '/' && isWord(src[i+2:], scriptName):
			hidden = false
		}
		i++
	}
}
