package fetch

import (
	"bytes"
	"io"
	"net/http"
	"sync"

	"webmon/plugins"
)

// maxPooled is the largest buffer kept for the next body: a few huge pages
// must not hold their memory for ever.
const maxPooled = 256 << 10

// bodyReader receives bodies, decodes them and converts them to UTF-8.
type bodyReader struct {
	limit    int64     // of the bytes received, and of those kept after decoding
	buffers  sync.Pool // of *bytes.Buffer
	decoders *decoders
}

func newBodyReader(limit int64) *bodyReader {
	return &bodyReader{
		limit:    limit,
		buffers:  sync.Pool{New: func() any { return new(bytes.Buffer) }},
		decoders: newDecoders(),
	}
}

// read fills the page's body; after an error it holds what could be had. The
// bytes are received first and decoded after: so a slow server holds no
// decoder, and decoding is not counted as transfer.
func (b *bodyReader) read(resp *http.Response, hop *trace, page *plugins.Page) error {
	if resp.StatusCode == http.StatusSwitchingProtocols {
		return nil // what follows is not a body and may never end
	}
	wire := b.buffers.Get().(*bytes.Buffer)
	defer b.recycle(wire)

	hop.enter(reading)
	truncated, err := readUpTo(wire, resp.Body, b.limit)
	hop.finished()
	page.WireBytes = int64(wire.Len())

	content := wire
	if codings := contentCodings(resp.Header); len(codings) > 0 && wire.Len() > 0 {
		decoded := b.buffers.Get().(*bytes.Buffer)
		defer b.recycle(decoded)
		// The end is missing already: that it is missing is no news.
		cut := truncated || err != nil
		var decodeErr error
		content, truncated, decodeErr = b.decoders.decode(decoded, wire, codings, b.limit, cut)
		if err == nil && decodeErr != nil {
			err = newProblem(plugins.ErrDecode, decodeErr, "%v", decodeErr)
		}
	}

	text, converted := toUTF8(content.Bytes(), resp.Header.Get("Content-Type"), truncated || err != nil)
	if int64(len(text)) > b.limit {
		text, truncated = trimPartialRune(text[:b.limit]), true
	}
	if !converted {
		text = bytes.Clone(text) // the buffer goes back
	}
	page.Body, page.Truncated = text, truncated
	return err
}

func (b *bodyReader) recycle(buf *bytes.Buffer) {
	if buf.Cap() <= maxPooled {
		buf.Reset()
		b.buffers.Put(buf)
	}
}

// readUpTo appends r to buf until it ends or limit is reached; more tells
// that r had more than that.
func readUpTo(buf *bytes.Buffer, r io.Reader, limit int64) (more bool, err error) {
	_, err = buf.ReadFrom(io.LimitReader(r, limit+1))
	if int64(buf.Len()) > limit {
		buf.Truncate(int(limit))
		return true, nil
	}
	return false, err
}
