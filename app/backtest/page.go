package backtest

import (
	"bytes"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html/charset"

	"webmon/plugins"
	"webmon/roles/executor/fetch"
)

// Load reads one of the history's pages as if it had just been fetched: cut at
// the fetcher's usual limit, and its text in UTF-8. What a file cannot tell is
// missing: timing, headers but the content type, and TLS.
func (h History) Load(saved Saved) (*plugins.Page, error) {
	path := h.Path(saved)
	body, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	page := &plugins.Page{
		URL: saved.URL, FinalURL: saved.URL, Proto: "HTTP/1.1",
		Status: saved.Status, WireBytes: int64(len(body)), At: saved.Time,
	}
	if len(body) > fetch.DefaultMaxBody {
		body, page.Truncated = body[:fetch.DefaultMaxBody], true
	}
	kind := saved.ContentType
	if kind == "" {
		kind = contentType(path, body)
	}
	page.Header = http.Header{"Content-Type": {kind}}
	page.Body = toUTF8(body, kind)
	return page, nil
}

// contentType goes by the file's name when that says HTML: it holds even for
// an empty page. The charset is left to the page.
func contentType(path string, body []byte) string {
	switch strings.ToLower(filepath.Ext(path)) {
	case ".html", ".htm":
		return "text/html"
	case ".xhtml":
		return "application/xhtml+xml"
	case ".json":
		return "application/json"
	}
	kind, _, _ := strings.Cut(http.DetectContentType(body), ";")
	return kind
}

// toUTF8 converts text by its byte order mark, the charset of kind, or what
// the page says of itself, in this order, as the fetcher does. It leaves alone
// what is no text.
func toUTF8(body []byte, kind string) []byte {
	if !isText(kind) {
		return body
	}
	encoding, name, _ := charset.DetermineEncoding(body, kind)
	if name == "utf-8" || utf8.Valid(body) && !strings.Contains(strings.ToLower(kind), "charset") {
		return bytes.ToValidUTF8(bytes.TrimPrefix(body, []byte("\ufeff")), []byte("\ufffd"))
	}
	text, err := encoding.NewDecoder().Bytes(body)
	if err != nil {
		return bytes.ToValidUTF8(body, []byte("\ufffd"))
	}
	return bytes.TrimPrefix(text, []byte("\ufeff"))
}

func isText(kind string) bool {
	return strings.HasPrefix(kind, "text/") || strings.Contains(kind, "xml") || strings.Contains(kind, "json")
}
