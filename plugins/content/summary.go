package content

import (
	"encoding/binary"
	"unicode/utf8"
)

// summary is what is remembered of a page.
type summary struct {
	config    uint64 // hash of the options it was read with
	body      uint64 // hash of the body: the same body needs no second look
	text      uint64 // hash of the text; of the body when that is no text
	simhash   uint64 // of the text
	isHTML    bool
	binary    bool // there is no text
	nothing   bool // the selectors to watch found nothing
	textBytes int
	words     int
	title     string
	kept      []byte // the text, packed; see keep
}

// Encoded, a summary is a version, the four hashes, the flags, the text's bytes
// and words and the title's length as uvarints, the title, and the packed text
// up to the end.
const (
	version    = 2
	headerSize = 1 + 4*8 + 1
	maxTitle   = 1024 // no outline has a longer one
	maxNumber  = 1 << 40
)

const (
	flagHTML = 1 << iota
	flagBinary
	flagNothing
	allFlags = 1<<iota - 1
)

func (s *summary) encode() []byte {
	b := make([]byte, 0, headerSize+3*binary.MaxVarintLen64+len(s.title)+len(s.kept))
	b = append(b, version)
	for _, hash := range [...]uint64{s.config, s.body, s.text, s.simhash} {
		b = binary.LittleEndian.AppendUint64(b, hash)
	}
	b = append(b, flag(s.isHTML, flagHTML)|flag(s.binary, flagBinary)|flag(s.nothing, flagNothing))
	b = binary.AppendUvarint(b, uint64(s.textBytes))
	b = binary.AppendUvarint(b, uint64(s.words))
	b = binary.AppendUvarint(b, uint64(len(s.title)))
	b = append(b, s.title...)
	return append(b, s.kept...)
}

func flag(set bool, flag byte) byte {
	if set {
		return flag
	}
	return 0
}

// decode undoes encode. It refuses what encode cannot have written. What was
// kept of the text is a part of b.
func decode(b []byte) (s summary, ok bool) {
	if len(b) < headerSize || b[0] != version || b[headerSize-1] > allFlags {
		return summary{}, false
	}
	for i, hash := range [...]*uint64{&s.config, &s.body, &s.text, &s.simhash} {
		*hash = binary.LittleEndian.Uint64(b[1+8*i:])
	}
	flags := b[headerSize-1]
	s.isHTML, s.binary, s.nothing = flags&flagHTML != 0, flags&flagBinary != 0, flags&flagNothing != 0
	b = b[headerSize:]
	titleSize := 0
	for _, number := range [...]*int{&s.textBytes, &s.words, &titleSize} {
		value, n := binary.Uvarint(b)
		if n <= 0 || value > maxNumber {
			return summary{}, false
		}
		*number = int(value)
		b = b[n:]
	}
	if titleSize > min(maxTitle, len(b)) || len(b)-titleSize > maxKept || !utf8.Valid(b[:titleSize]) {
		return summary{}, false
	}
	s.title, s.kept = string(b[:titleSize]), b[titleSize:]
	return s, true
}
