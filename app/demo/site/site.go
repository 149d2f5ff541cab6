// Package site is a small web site for demonstrations: most of its pages
// behave well, some are slow or broken, and some are attacked after a while.
//
// What a page shows depends only on the seed and on how often the page was
// fetched, so a demonstration runs the same way every time.
package site

import (
	"bytes"
	"encoding/json"
	"hash/fnv"
	"math/rand/v2"
	"net/http"
	"sync/atomic"
	"time"
)

// Page describes a page to somebody who wants to watch it.
type Page struct {
	Name        string // one short word
	Path        string
	Description string // what to expect of it, in a few words

	Interval time.Duration              // how often to check it
	Timeout  time.Duration              // how long to wait for it
	Plugins  map[string]json.RawMessage // options by plugin name; nil: the defaults

	AttackedAt int // the number of the first fetch, from 1, that shows an attack; 0: never
}

// Site serves the pages. Make it with [New].
type Site struct {
	seed  uint64
	pages []*page
	mux   *http.ServeMux
}

// page is a Page and how it is made.
type page struct {
	Page
	status  int                // of the answer; 0: 200
	render  func(v visit) view // what it shows
	deliver deliver            // how it is sent; nil: as it is
	attack  attack

	fetches  atomic.Int64
	attacked atomic.Bool // an attack was shown
}

// visit is one fetch of a page.
type visit struct {
	number int        // counts the page's fetches from 1
	attack int        // the attack to show, from 1; 0: none
	steady *rand.Rand // gives the same on every visit
	fresh  *rand.Rand // gives something else on every visit
}

// New makes a site. Sites of the same seed show the same.
func New(seed uint64) *Site {
	s := &Site{seed: seed, pages: pages(), mux: http.NewServeMux()}
	s.mux.Handle("GET /static/", http.FileServerFS(files))
	for _, p := range s.pages {
		pattern := p.Path
		if pattern == "/" {
			pattern = "/{$}"
		}
		s.mux.HandleFunc("GET "+pattern, func(w http.ResponseWriter, r *http.Request) { s.serve(w, r, p) })
	}
	return s
}

// Pages lists the pages that are worth watching.
func (s *Site) Pages() []Page {
	var list []Page
	for _, p := range s.pages {
		if p.Name != "" {
			list = append(list, p.Page)
		}
	}
	return list
}

// Attacked tells whether the page at path has shown an attack so far.
func (s *Site) Attacked(path string) bool {
	for _, p := range s.pages {
		if p.Path == path {
			return p.attacked.Load()
		}
	}
	return false
}

// ServeHTTP implements [http.Handler].
func (s *Site) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }

func (s *Site) serve(w http.ResponseWriter, r *http.Request, p *page) {
	v := s.visit(p)
	if v.attack > 0 {
		p.attacked.Store(true)
	}
	var body bytes.Buffer
	if p.render != nil {
		shown := p.render(v)
		if err := templates.ExecuteTemplate(&body, shown.template, shown); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	if p.deliver != nil {
		p.deliver(w, r, v, body.Bytes())
		return
	}
	if p.status != 0 {
		w.WriteHeader(p.status)
	}
	// The client may have gone; there is nobody left to tell.
	_, _ = w.Write(body.Bytes())
}

func (s *Site) visit(p *page) visit {
	name := fnv.New64a()
	name.Write([]byte(p.Path))
	number := p.fetches.Add(1)
	return visit{
		number: int(number),
		attack: p.attack.at(int(number)),
		steady: rand.New(rand.NewPCG(s.seed, name.Sum64())),
		fresh:  rand.New(rand.NewPCG(s.seed+uint64(number), name.Sum64())),
	}
}
