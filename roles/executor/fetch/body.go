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
	content := b.buffers.Get().(*bytes.Buffer)

	hop.enter(reading)
	truncated, err := readUpTo(content, resp.Body, b.limit)
	hop.finished()
	page.WireBytes = int64(content.Len())

	if codings := contentCodings(resp.Header); len(codings) > 0 && content.Len() > 0 {
		spare := b.buffers.Get().(*bytes.Buffer)
		more, decodeErr := b.decoders.decode(&content, &spare, codings, b.limit, truncated || err != nil)
		b.recycle(spare)
		truncated = truncated || more
		if err == nil && decodeErr != nil {
			err = newProblem(plugins.ErrDecode, decodeErr, "%v", decodeErr)
		}
	}

	text, converted := ToUTF8(content.Bytes(), resp.Header.Get("Content-Type"), truncated || err != nil)
	if int64(len(text)) > b.limit {
		text, truncated = trimPartialRune(text[:b.limit]), true
	}
	if converted {
		b.recycle(content)
	}
	page.Body, page.Truncated = text, truncated
	return err
}

// release takes back the memory of a page's body.
func (b *bodyReader) release(page *plugins.Page) {
	if page.Body != nil {
		b.recycle(bytes.NewBuffer(page.Body))
		page.Body = nil
	}
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
