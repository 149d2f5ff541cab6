package content

import (
	"encoding/binary"
	"unicode/utf8"
)

// summary is what is remembered of a page.
type summary struct {
	body      uint64 // hash of the body: the same body needs no second look
	text      uint64 // hash of the visible text; of the body when not HTML
	isHTML    bool
	textBytes int
	words     int
	title     string
}

// Encoded, a summary is a version, the two hashes, 1 for HTML or 0, the text's
// bytes and words as uvarints, and the title up to the end.
const (
	version    = 1
	headerSize = 1 + 8 + 8 + 1
	maxTitle   = 1024 // no outline has a longer one
	maxNumber  = 1 << 40
)

func (s summary) encode() []byte {
	b := make([]byte, 0, headerSize+2*binary.MaxVarintLen64+len(s.title))
	b = append(b, version)
	b = binary.LittleEndian.AppendUint64(b, s.body)
	b = binary.LittleEndian.AppendUint64(b, s.text)
	if s.isHTML {
		b = append(b, 1)
	} else {
		b = append(b, 0)
	}
	b = binary.AppendUvarint(b, uint64(s.textBytes))
	b = binary.AppendUvarint(b, uint64(s.words))
	return append(b, s.title...)
}

// decode undoes encode. It refuses what encode cannot have written.
func decode(b []byte) (s summary, ok bool) {
	if len(b) < headerSize || b[0] != version || b[headerSize-1] > 1 {
		return summary{}, false
	}
	s.body = binary.LittleEndian.Uint64(b[1:])
	s.text = binary.LittleEndian.Uint64(b[9:])
	s.isHTML = b[headerSize-1] == 1
	b = b[headerSize:]
	for _, number := range []*int{&s.textBytes, &s.words} {
		value, n := binary.Uvarint(b)
		if n <= 0 || value > maxNumber {
			return summary{}, false
		}
		*number = int(value)
		b = b[n:]
	}
	if len(b) > maxTitle || !utf8.Valid(b) {
		return summary{}, false
	}
	s.title = string(b)
	return s, true
}
