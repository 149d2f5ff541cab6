package store

import (
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/klauspost/compress/zstd"
)

// A sealed chunk is the time of its last result in ms, as 13 digits that
// scripts can read, and then the chunk compressed with zstd.
const sealedHeader = 13

// maxChunk bounds what a sealed chunk may unpack to; chunks are closed at
// chunkBytes, to which one frame may be added.
const maxChunk = 8 << 20

var zstdWriter = sync.OnceValue(func() *zstd.Encoder {
	w, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithWindowSize(32<<10), zstd.WithLowerEncoderMem(true), zstd.WithEncoderCRC(false))
	if err != nil {
		panic(err) // the options are constant
	}
	return w
})

var zstdReader = sync.OnceValue(func() *zstd.Decoder {
	r, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(2), zstd.WithDecoderMaxMemory(maxChunk))
	if err != nil {
		panic(err) // the options are constant
	}
	return r
})

func seal(chunk string, last int64) string {
	header := fmt.Sprintf("%013d", max(0, last))
	return string(zstdWriter().EncodeAll([]byte(chunk), []byte(header)))
}

// unseal gives a sealed chunk's time and the chunk.
func unseal(sealed string) (last time.Time, chunk string, err error) {
	if len(sealed) < sealedHeader {
		return time.Time{}, "", errDamaged
	}
	ms, err := strconv.ParseInt(sealed[:sealedHeader], 10, 64)
	if err != nil {
		return time.Time{}, "", fmt.Errorf("%w: %w", errDamaged, err)
	}
	b, err := zstdReader().DecodeAll([]byte(sealed[sealedHeader:]), nil)
	if err != nil {
		return time.Time{}, "", fmt.Errorf("%w: %w", errDamaged, err)
	}
	return timeOf(ms), string(b), nil
}
