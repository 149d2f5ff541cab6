package backtest

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"webmon/plugins"
	"webmon/roles/executor/fetch"
)

// Load reads one of the history's pages as if it had just been fetched: cut at
// the fetcher's usual limit, and its text in UTF-8 by the fetcher's own code.
// What a file cannot tell is missing: timing, headers but the content type, and
// TLS.
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
	page.Body, _ = fetch.ToUTF8(body, kind, page.Truncated)
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
