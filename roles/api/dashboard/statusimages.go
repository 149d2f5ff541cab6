package dashboard

import (
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"
)

// images keeps the pictures of the status page: strangers may ask for few
// different ones, and each is drawn once in a while for all.
type images struct {
	api http.Handler

	drawing singleflight.Group
	mu      sync.Mutex
	kept    map[string]keptImage // by path in the API
}

type keptImage struct {
	svg   []byte
	drawn time.Time
}

const (
	imageFresh = 30 * time.Second
	maxImages  = 4096 // kept; when there are more, all are forgotten
	publicTime = "timing.total_seconds"
)

// image answers with a badge or a chart of an asset that is shown.
func (s *status) image(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("id")
	answer, err := s.current(r.Context())
	if err != nil || !answer.shown[id] {
		http.NotFound(w, r)
		return
	}
	window := r.URL.Query().Get("window")
	if !slices.Contains([]string{"24h", "7d", "30d"}, window) {
		window = "30d"
	}
	q := url.Values{"window": {window}}
	switch r.PathValue("image") {
	case "badge.svg":
	case "chart.svg":
		q.Set("metric", publicTime)
		if r.URL.Query().Get("theme") == "dark" {
			q.Set("theme", "dark")
		}
	default:
		http.NotFound(w, r)
		return
	}
	svg, ok := s.images.get("/v1/assets/" + url.PathEscape(id) + "/" + r.PathValue("image") + "?" + q.Encode())
	if !ok {
		http.NotFound(w, r)
		return
	}
	h := w.Header()
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	h.Set("Cross-Origin-Resource-Policy", "cross-origin") // anybody may show them
	send(w, r, "image/svg+xml", svg, "public, max-age=30")
}

// get gives a picture that the API draws.
func (i *images) get(path string) ([]byte, bool) {
	i.mu.Lock()
	kept, found := i.kept[path]
	i.mu.Unlock()
	if found && time.Since(kept.drawn) < imageFresh {
		return kept.svg, true
	}
	svg, err, _ := i.drawing.Do(path, func() (any, error) {
		r, err := http.NewRequest(http.MethodGet, "http://webmon"+path, nil)
		if err != nil {
			return nil, err
		}
		answer := &recorder{header: http.Header{}}
		i.api.ServeHTTP(answer, r)
		if answer.status != http.StatusOK {
			return []byte(nil), nil
		}
		i.mu.Lock()
		defer i.mu.Unlock()
		if len(i.kept) >= maxImages {
			clear(i.kept)
		}
		i.kept[path] = keptImage{answer.body.Bytes(), time.Now()}
		return answer.body.Bytes(), nil
	})
	if err != nil {
		return nil, false
	}
	drawn := svg.([]byte)
	return drawn, drawn != nil
}
