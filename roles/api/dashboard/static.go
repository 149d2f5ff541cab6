package dashboard

import (
	"embed"
	"fmt"
	"net/http"
	"path"
	"strconv"
	"strings"

	"github.com/cespare/xxhash/v2"
)

//go:embed static
var staticFS embed.FS

const staticPath = "/static/"

var staticTypes = map[string]string{".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}

// staticFiles serves the files that pages are made of. Their paths hold a hash,
// so that browsers need never ask for one twice.
type staticFiles struct {
	hash  string // of all files
	files map[string][]byte
}

func readStatic() (*staticFiles, error) {
	entries, err := staticFS.ReadDir("static")
	if err != nil {
		return nil, fmt.Errorf("dashboard: %w", err)
	}
	s := &staticFiles{files: map[string][]byte{}}
	hash := xxhash.New()
	for _, entry := range entries {
		data, err := staticFS.ReadFile("static/" + entry.Name())
		if err != nil {
			return nil, fmt.Errorf("dashboard: %w", err)
		}
		s.files[entry.Name()] = data
		_, _ = hash.Write(data) // never fails
	}
	s.hash = strconv.FormatUint(hash.Sum64(), 36)
	return s, nil
}

func (s *staticFiles) path(name string) string { return staticPath + s.hash + "/" + name }

// ServeHTTP implements http.Handler. An old hash gives the new file, which is
// kept no longer than that.
func (s *staticFiles) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	hash, name, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, staticPath), "/")
	data, found := s.files[name]
	if !found {
		http.NotFound(w, r)
		return
	}
	age := "no-cache"
	if hash == s.hash {
		age = "public, max-age=31536000, immutable"
	}
	w.Header().Set("Cache-Control", age)
	w.Header().Set("Content-Type", staticTypes[path.Ext(name)])
	w.Header().Set("Content-Length", strconv.Itoa(len(data)))
	_, _ = w.Write(data)
}
