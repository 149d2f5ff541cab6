// Package htmlscan reads HTML source as a sequence of tags, texts and comments.
// It follows the tokenizer of the WHATWG HTML standard, in one pass over bytes
// that are in memory, without copying and without allocating. The time it takes
// is linear in the size of the source, whatever the source is.
package htmlscan

import "bytes"

// Kind is the kind of a token.
type Kind uint8

// The kinds of tokens.
const (
	End      Kind = iota // there is no more
	Text                 // a stretch of text; two may follow each other
	StartTag             // read its attributes with NextAttr, then ask Complete
	EndTag
	Comment // comments and what the standard calls bogus comments
	Doctype
)

// Content is how the standard has the content of an element read.
type Content uint8

// The kinds of content.
const (
	Data      Content = iota // tags, comments and text with character references
	RCData                   // text with character references up to the end tag: title, textarea
	RawText                  // text up to the end tag: style, iframe, xmp and others
	Script                   // as RawText, but "<!--<script>" hides an end tag
	PlainText                // text up to the end of the source
)

// Scanner reads one source. The zero value reads nothing; see Reset. What its
// methods return are parts of the source, valid as long as that is.
type Scanner struct {
	src []byte
	pos int // where reading goes on

	// CDATA is set by the caller while the element read is not of HTML but of
	// SVG or MathML: only there is "<![CDATA[" not a comment.
	CDATA bool

	text        Span
	name        Span
	key, value  Span
	inTag       bool // the attributes of the current tag are still to be read
	complete    bool // the current tag's ">" was seen
	selfClosing bool
	content     Content
	element     []byte // whose end tag ends the content
}

// Span is a part of a source: from Start to before End. The scanner keeps parts
// in this way because to store a slice costs more while the garbage collector
// is at work.
type Span struct{ Start, End int }

// Reset makes the scanner start at the beginning of src, which must not change
// while it is read.
func (s *Scanner) Reset(src []byte) { *s = Scanner{src: src} }

// Pos is where reading goes on, in bytes from the beginning of the source:
// behind the current token, but a start tag's attributes are read on demand.
func (s *Scanner) Pos() int { return s.pos }

// Text is the source of the current text, character references not decoded.
func (s *Scanner) Text() []byte { return s.src[s.text.Start:s.text.End] }

// Name is the name of the current tag, in the case it is written in.
func (s *Scanner) Name() []byte { return s.src[s.name.Start:s.name.End] }

// Complete tells, once NextAttr was false, whether the current tag came to its
// end. One that did not is followed by nothing, and is to be ignored.
func (s *Scanner) Complete() bool { return s.complete }

// SelfClosing tells, once NextAttr was false, whether the current tag ends with
// "/>". That is of meaning only for elements of SVG and MathML.
func (s *Scanner) SelfClosing() bool { return s.selfClosing }

// SetContent says how the content of the element that the current start tag
// opens is to be read. Without it the content is Data.
func (s *Scanner) SetContent(content Content) { s.content, s.element = content, s.Name() }

// Next goes to the next token.
func (s *Scanner) Next() Kind {
	for s.inTag {
		s.NextAttr()
	}
	if s.content != Data {
		if s.readContent(); s.text.Start < s.text.End {
			return Text
		}
	}
	start := s.pos
	for s.pos < len(s.src) {
		less := s.pos
		if s.src[less] != '<' { // often one tag follows another
			more := bytes.IndexByte(s.src[less:], '<')
			if more < 0 {
				break
			}
			less += more
		}
		if less+1 == len(s.src) {
			break
		}
		c := s.src[less+1]
		if class[c]&letter == 0 && c != '/' && c != '!' && c != '?' || c == '/' && less+2 == len(s.src) {
			s.pos = less + 1 // it stands for itself
			continue
		}
		if less > start {
			s.pos, s.text = less, Span{start, less}
			return Text
		}
		if kind := s.readMarkup(less, c); kind != End {
			return kind
		}
		start = s.pos
	}
	s.pos = len(s.src)
	if s.text = (Span{start, len(s.src)}); start < len(s.src) {
		return Text
	}
	return End
}

// readMarkup reads what begins with the "<" at less, which c follows. It
// returns End for "</>", which is nothing.
func (s *Scanner) readMarkup(less int, c byte) Kind {
	switch {
	case class[c]&letter != 0:
		s.readName(less + 1)
		return StartTag
	case c == '/':
		switch c := s.src[less+2]; {
		case class[c]&letter != 0:
			s.readName(less + 2)
			for s.NextAttr() {
			}
			if !s.complete {
				return End
			}
			return EndTag
		case c == '>':
			s.pos = less + 3
			return End
		}
		s.skipPast(less+2, '>')
		return Comment
	case c == '!':
		return s.readDeclaration(less + 2)
	}
	s.skipPast(less+2, '>')
	return Comment
}

// readDeclaration reads what follows a "<!".
func (s *Scanner) readDeclaration(start int) Kind {
	rest := s.src[start:]
	switch {
	case bytes.HasPrefix(rest, []byte("--")):
		s.skipComment(start + 2)
		return Comment
	case len(rest) >= len("doctype") && bytes.EqualFold(rest[:len("doctype")], []byte("doctype")):
		s.skipPast(start, '>')
		return Doctype
	case s.CDATA && bytes.HasPrefix(rest, []byte("[CDATA[")):
		start += len("[CDATA[")
		end := bytes.Index(s.src[start:], []byte("]]>"))
		if end < 0 {
			s.pos, s.text = len(s.src), Span{start, len(s.src)}
		} else {
			s.pos, s.text = start+end+len("]]>"), Span{start, start + end}
		}
		return Text
	}
	s.skipPast(start, '>')
	return Comment
}

// skipComment goes past the end of a comment whose text begins at start. That
// end may share its dashes with the comment's beginning.
func (s *Scanner) skipComment(start int) {
	for i := start; ; i++ {
		more := bytes.IndexByte(s.src[i:], '>')
		if more < 0 {
			s.pos = len(s.src)
			return
		}
		i += more
		text := s.src[start:i]
		if len(text) == 0 || len(text) == 1 && text[0] == '-' ||
			bytes.HasSuffix(text, []byte("--")) || bytes.HasSuffix(text, []byte("--!")) {
			s.pos = i + 1
			return
		}
	}
}

func (s *Scanner) skipPast(start int, c byte) {
	if i := bytes.IndexByte(s.src[start:], c); i >= 0 {
		s.pos = start + i + 1
	} else {
		s.pos = len(s.src)
	}
}
