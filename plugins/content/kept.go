package content

import (
	"bytes"
	"sync"
	"unicode/utf8"

	"github.com/cespare/xxhash/v2"
	"github.com/klauspost/compress/zstd"
)

// A kept text is a byte, 1 when the text is whole and 0 when it was cut, and as
// much of it as fits, compressed with zstd.
const (
	maxKept     = 11 << 10  // bytes, packed; with all else a past stays below 12 KiB
	maxCompared = 128 << 10 // bytes of text that are compared
	tries       = 6         // to find how much of a text fits
)

var packer = sync.OnceValue(func() *zstd.Encoder {
	w, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithWindowSize(maxCompared), zstd.WithLowerEncoderMem(true))
	if err != nil {
		panic(err) // the options are constant
	}
	return w
})

var unpacker = sync.OnceValue(func() *zstd.Decoder {
	r, err := zstd.NewReader(nil, zstd.WithDecoderMaxMemory(1<<20))
	if err != nil {
		panic(err) // the options are constant
	}
	return r
})

// keep packs text, or as many of its lines as fit. It returns nil when there is
// no text.
func keep(text []byte) []byte {
	part := beginning(text, maxCompared)
	for range tries {
		if len(part) == 0 {
			return nil
		}
		whole := byte(0)
		if len(part) == len(text) {
			whole = 1
		}
		packed := packer().EncodeAll(part, []byte{whole})
		if len(packed) <= maxKept {
			return packed
		}
		part = beginning(text, len(part)*maxKept/len(packed)*15/16)
	}
	return nil
}

// remembered unpacks what was kept of the text. It fails when nothing was, or
// when it is damaged. A page without text is remembered as such.
func (s *summary) remembered() (text string, whole, ok bool) {
	if len(s.kept) == 0 {
		return "", true, s.text == xxhash.Sum64String("")
	}
	unpacked, err := unpacker().DecodeAll(s.kept[1:], nil)
	if err != nil || len(unpacked) > maxCompared || !utf8.Valid(unpacked) {
		return "", false, false
	}
	return string(unpacked), s.kept[0] == 1, true
}

// beginning returns the first lines of a text, together at most limit bytes.
// Of a line that is longer it returns a part.
func beginning(text []byte, limit int) []byte {
	if len(text) <= limit {
		return text
	}
	if end := bytes.LastIndexByte(text[:limit+1], '\n'); end > 0 {
		return text[:end]
	}
	return clip(text, limit)
}

// clip cuts text to at most limit bytes.
func clip[Text string | []byte](text Text, limit int) Text {
	if len(text) <= limit {
		return text
	}
	for limit > 0 && !utf8.RuneStart(text[limit]) {
		limit--
	}
	return text[:limit]
}
