package fetch

import (
	"bytes"
	"net/http"
	"testing"
	"unicode/utf8"
)

// FuzzBody feeds arbitrary bytes through decoding and charset conversion.
func FuzzBody(f *testing.F) {
	for _, coding := range []string{"gzip", "br", "zstd", "deflate"} {
		f.Add(coding, "text/html", encode(f, coding, []byte("<meta charset=windows-1251>\xcf\xf0")), false)
		f.Add(coding+", gzip", "text/html; charset=utf-8", encode(f, "gzip", encode(f, coding, pageText)), true)
	}
	f.Add("", "", []byte("\xff\xfea\x00\xd8"), false)
	f.Add("", "application/xml", []byte("<?xml encoding='utf-16'?>"), false)
	f.Add("", "text/html; charset=iso-2022-jp", []byte("\x1b$B\xff"), true)
	const limit = 10_000
	d := newDecoders()
	f.Fuzz(func(t *testing.T, encoding, contentType string, wire []byte, cut bool) {
		content, spare := bytes.NewBuffer(wire), new(bytes.Buffer)
		codings := contentCodings(http.Header{"Content-Encoding": {encoding}})
		d.decode(&content, &spare, codings, limit, cut)
		if len(codings) > 0 && content.Len() > limit {
			t.Fatalf("%d bytes decoded, the limit is %d", content.Len(), limit)
		}
		text, _ := ToUTF8(content.Bytes(), contentType, cut)
		mediaType, _ := parseContentType(contentType)
		if kindOf(mediaType) != notText && !utf8.Valid(text) {
			t.Fatalf("%q as %q is not UTF-8: %q", content.Bytes(), contentType, text)
		}
	})
}
