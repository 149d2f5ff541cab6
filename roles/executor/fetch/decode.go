package fetch

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zlib"
	"github.com/klauspost/compress/zstd"
)

const (
	// maxCodings bounds the work of a body that was compressed many times over.
	maxCodings = 4

	// maxWindow is the most memory a zstd frame may ask for: what RFC 8878
	// and 9659 tell servers to stay within.
	maxWindow = 8 << 20
)

// decoders undoes the codings of Content-Encoding. Its decoders are kept for
// the next body, since making one costs more than decoding a page.
type decoders struct {
	gzip, brotli, zstd sync.Pool
}

func newDecoders() *decoders {
	return &decoders{
		gzip:   sync.Pool{New: func() any { return new(gzip.Reader) }},
		brotli: sync.Pool{New: func() any { return new(brotli.Reader) }},
		zstd: sync.Pool{New: func() any {
			// Concurrency 1 decodes in the calling goroutine and starts none.
			// Without DecodeBuffersBelow(0) short inputs could be expanded at
			// once, whatever their size. The options are constants, so they
			// cannot be refused.
			d, _ := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true),
				zstd.WithDecoderMaxWindow(maxWindow), zstd.WithDecodeBuffersBelow(0))
			return d
		}},
	}
}

// contentCodings lists the codings of a body in the order they were applied.
func contentCodings(h http.Header) []string {
	var codings []string
	for _, line := range h["Content-Encoding"] {
		for coding := range strings.SplitSeq(line, ",") {
			coding = strings.ToLower(strings.TrimSpace(coding))
			if coding != "" && coding != "identity" {
				codings = append(codings, coding)
			}
		}
	}
	return codings
}

// decode undoes codings, the last one first: content holds the body, and then
// at most limit bytes of what it decodes to, even after an error; truncated says
// that there were more. Each step works from one buffer into the other, so the
// two are swapped.
//
// cut says that the end of the body is missing already. That it breaks off is
// no damage then.
func (d *decoders) decode(content, spare **bytes.Buffer, codings []string, limit int64, cut bool) (truncated bool, err error) {
	if len(codings) > maxCodings {
		(*content).Reset()
		return false, fmt.Errorf("the body is encoded %d times over", len(codings))
	}
	for _, coding := range slices.Backward(codings) {
		(*spare).Reset()
		more, stepErr := d.undo(coding, *spare, (*content).Bytes(), limit)
		*content, *spare = *spare, *content
		if stepErr != nil && err == nil && !(cut && errors.Is(stepErr, io.ErrUnexpectedEOF)) {
			err = fmt.Errorf("the body is not valid %s: %w", coding, stepErr)
		}
		truncated = truncated || more
		cut = cut || more // for the next step
	}
	return truncated, err
}

// undo appends what data decodes to, and says whether it is more than limit.
func (d *decoders) undo(coding string, out *bytes.Buffer, data []byte, limit int64) (more bool, err error) {
	switch coding {
	case "gzip", "x-gzip":
		r := d.gzip.Get().(*gzip.Reader)
		defer d.gzip.Put(r)
		return gunzip(r, out, data, limit)
	case "br":
		r := d.brotli.Get().(*brotli.Reader)
		defer d.brotli.Put(r)
		r.Reset(bytes.NewReader(data))
		return readUpTo(out, r, limit)
	case "zstd":
		r := d.zstd.Get().(*zstd.Decoder)
		defer d.zstd.Put(r)
		defer r.Reset(nil) // lets go of data
		if err := r.Reset(bytes.NewReader(data)); err != nil {
			return false, err
		}
		return readUpTo(out, r, limit)
	case "deflate":
		return inflate(out, data, limit)
	}
	return false, errors.New("this content encoding is not known")
}

// gunzip reads all members of a gzip file. Bytes after the last member are
// ignored, as browsers do.
func gunzip(r *gzip.Reader, out *bytes.Buffer, data []byte, limit int64) (more bool, err error) {
	in := bytes.NewReader(data)
	for {
		if err := r.Reset(in); err != nil {
			return false, missingEnd(err)
		}
		r.Multistream(false)
		if more, err := readUpTo(out, r, limit); more || err != nil {
			return more, err
		}
		rest := data[len(data)-in.Len():]
		if !bytes.HasPrefix(rest, []byte{0x1f, 0x8b}) {
			return false, nil
		}
	}
}

// inflate reads "deflate", which is zlib by the standard and bare DEFLATE from
// some servers. It is not asked for, so its reader is not worth keeping.
func inflate(out *bytes.Buffer, data []byte, limit int64) (more bool, err error) {
	in := bytes.NewReader(data)
	isZlib := len(data) >= 2 && data[0]&0x0f == 8 && (int(data[0])<<8|int(data[1]))%31 == 0
	if !isZlib {
		return readUpTo(out, flate.NewReader(in), limit)
	}
	r, err := zlib.NewReader(in)
	if err != nil {
		return false, missingEnd(err)
	}
	return readUpTo(out, r, limit)
}

// missingEnd names an end within the header as what it is.
func missingEnd(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}
