// Package viewer shows the API's OpenAPI document in a browser: Swagger UI, with
// everything that it needs in the program.
package viewer

import (
	"bytes"
	"compress/gzip"
	"embed"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"path"
	"strconv"
	"strings"
	"time"

	"github.com/cespare/xxhash/v2"
	"github.com/swaggest/swgui/v5/static"
)

// policy lets the page load and ask its own server only. Swagger UI draws its
// icons from data: addresses.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

//go:embed index.html viewer.js viewer.css
var own embed.FS

var types = map[string]string{
	".html": "text/html; charset=utf-8",
	".js":   "text/javascript; charset=utf-8",
	".css":  "text/css; charset=utf-8",
	".png":  "image/png",
}

// file is a file of the viewer.
type file struct {
	kind          string
	plain         []byte
	compressed    []byte // with gzip; nil when that is not worth it
	plainTag      string
	compressedTag string
}

// Files are the viewer's files by name; "" is the page itself.
func Files() (map[string]http.Handler, error) {
	files := map[string]http.Handler{}
	for _, from := range []struct {
		fs    fs.FS
		names []string
	}{
		{own, []string{"index.html", "viewer.js", "viewer.css"}},
		{static.FS, []string{"swagger-ui-bundle.js.gz", "swagger-ui.css.gz", "favicon-32x32.png"}},
	} {
		for _, name := range from.names {
			f, err := read(from.fs, name)
			if err != nil {
				return nil, fmt.Errorf("viewer: %s: %w", name, err)
			}
			files[strings.TrimSuffix(name, ".gz")] = f
		}
	}
	files[""] = files["index.html"]
	delete(files, "index.html")
	return files, nil
}

func read(from fs.FS, name string) (*file, error) {
	content, err := fs.ReadFile(from, name)
	if err != nil {
		return nil, err
	}
	name, zipped := strings.CutSuffix(name, ".gz")
	f := &file{kind: types[path.Ext(name)], plain: content}
	if zipped {
		reader, err := gzip.NewReader(bytes.NewReader(content))
		if err != nil {
			return nil, err
		}
		if f.plain, err = io.ReadAll(reader); err != nil {
			return nil, err
		}
		f.compressed, f.compressedTag = content, tag(content)
	}
	f.plainTag = tag(f.plain)
	return f, nil
}

func tag(content []byte) string { return strconv.Quote(strconv.FormatUint(xxhash.Sum64(content), 36)) }

// ServeHTTP answers with the file, or says that the browser has it. A browser asks
// each time, since another version of webmon has other files of the same name.
func (f *file) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h, content, etag := w.Header(), f.plain, f.plainTag
	if f.compressed != nil {
		h.Set("Vary", "Accept-Encoding")
		if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
			h.Set("Content-Encoding", "gzip")
			content, etag = f.compressed, f.compressedTag
		}
	}
	h.Set("Cache-Control", "no-cache")
	h.Set("Content-Security-Policy", policy)
	h.Set("Content-Type", f.kind)
	h.Set("ETag", etag)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(content))
}
