package browser

import (
	"html/template"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"webmon/app/demo/site"
)

// town is the web site that these tests watch: the demonstration's, with a few
// pages more. /library is what the test makes of it, and /ferry answers when
// the test lets it.
type town struct {
	*httptest.Server
	defaced atomic.Bool   // /library
	fetched chan struct{} // gets one for each answer of /library
	ferry   gate
	mood    atomic.Pointer[mood]
}

// mood is how the town is.
type mood struct {
	fails func(path string) bool // with status 500
	takes func() time.Duration   // before each answer
}

// usual is the mood of a town: only its statistics are not to be had.
var usual = mood{func(path string) bool { return path == "/stats" }, func() time.Duration { return 0 }}

var library = template.Must(template.ParseFiles("testdata/library.html"))

func startTown(t testing.TB) *town {
	t.Helper()
	s := &town{fetched: make(chan struct{}, 1000)}
	s.ferry.open()
	s.mood.Store(&usual)
	mux := http.NewServeMux()
	mux.Handle("/", site.New(1))
	mux.Handle("GET /stats", http.RedirectHandler("/about", http.StatusFound))
	mux.HandleFunc("GET /library", s.serveLibrary)
	mux.HandleFunc("GET /ferry", func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-s.ferry.opened():
			http.Redirect(w, r, "/about", http.StatusFound)
		case <-r.Context().Done():
		}
	})
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		now := s.mood.Load()
		time.Sleep(now.takes())
		if now.fails(r.URL.Path) {
			http.Error(w, "The database does not answer.", http.StatusInternalServerError)
			return
		}
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(func() {
		s.ferry.open()
		s.Close()
	})
	return s
}

func (s *town) serveLibrary(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_ = library.Execute(w, struct{ Defaced bool }{s.defaced.Load()}) // an error is the reader's
	select {
	case s.fetched <- struct{}{}:
	default: // nobody counts that far
	}
}

// learned waits until /library was fetched so often that webmon knows it.
func (s *town) learned(t testing.TB) {
	t.Helper()
	const enough = 12
	tooLate := time.After(patience)
	for n := range enough {
		select {
		case <-s.fetched:
		case <-tooLate:
			t.Fatalf("/library was fetched %d times, not %d", n, enough)
		}
	}
}

// gate keeps those waiting who come while it is shut.
type gate struct {
	mu  sync.Mutex
	way chan struct{} // closed while the gate is open; nil before the first use
}

func (g *gate) open() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.way == nil {
		g.way = make(chan struct{})
	}
	select {
	case <-g.way:
	default:
		close(g.way)
	}
}

func (g *gate) shut() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.way = make(chan struct{})
}

func (g *gate) opened() <-chan struct{} {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.way
}

// asset is an asset as an import takes it.
type asset struct {
	Name     string         `json:"name"`
	URL      string         `json:"url"`
	Tags     []string       `json:"tags"`
	Interval string         `json:"interval"`
	Timeout  string         `json:"timeout,omitempty"`
	Plugins  map[string]any `json:"plugins,omitempty"`
}

// assets are the pages of the town but the library. Some are not well.
func (s *town) assets() []asset {
	list := []asset{
		{Name: "Harbour Town", URL: "/", Tags: []string{"town", "public"}},
		{Name: "News", URL: "/news", Tags: []string{"town", "public"}},
		{Name: "Forum", URL: "/forum", Tags: []string{"town"}},
		{Name: "Market", URL: "/shop", Tags: []string{"shop", "public"}},
		{Name: "Members", URL: "/login", Tags: []string{"town"}},
		{Name: "Café Wien", URL: "/wien", Tags: []string{"shop"}},
		{Name: "Ferry times", URL: "/ferry", Tags: []string{"harbour", "public"}, Timeout: "3m"},
		{Name: "Yearly reports", URL: "/reports", Tags: []string{"town"}, Plugins: map[string]any{"timing": map[string]string{"slow_after": "250ms"}}},
		{Name: "Harbour statistics", URL: "/stats", Tags: []string{"harbour"}},
	}
	for i := range list {
		list[i].URL = s.URL + list[i].URL
		list[i].Interval = "1h"
	}
	return list
}
