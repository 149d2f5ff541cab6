package dashboard

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/cespare/xxhash/v2"
	"golang.org/x/sync/singleflight"

	"webmon/roles/api/client"
)

// Public says what everybody may see on the status page.
type Public struct {
	// Tags are those of the assets that are shown, in the order in which they
	// are shown. Without any there is no status page.
	Tags []string
	// Title is the heading.
	Title string
	// URLs shows the URLs of assets beside their names.
	URLs bool
	// Reasons shows what was found with the incidents that are open.
	Reasons bool
}

const (
	statusPath = "/status"
	// statusFresh is how long a page is shown before it is made anew: the same
	// one for all who come meanwhile.
	statusFresh = 5 * time.Second
	// statusBudget bounds the making of one.
	statusBudget = 20 * time.Second
)

// status is the public status page. It is made rarely, whoever and however many
// come.
type status struct {
	*Dashboard
	public Public
	api    *client.Client // reads, and nothing else
	past   *timelines
	images *images

	making singleflight.Group
	mu     sync.Mutex
	last   *statusAnswer // nil: never made
}

// statusAnswer is a page as it is sent, and what may be asked for besides.
type statusAnswer struct {
	made       time.Time
	page, json []byte
	feed       []byte
	shown      map[string]bool // ids of the assets
}

func newStatus(d *Dashboard, public Public, api http.Handler) *status {
	s := &status{Dashboard: d, public: public, api: client.Through(inside{api: api, outer: &http.Request{Header: http.Header{}}}, "")}
	s.past = &timelines{api: s.api, kept: map[string]keptTimeline{}}
	s.images = &images{api: api, kept: map[string]keptImage{}}
	return s
}

func (s *status) routes(mux *http.ServeMux) {
	mux.HandleFunc("GET "+statusPath, s.serve("text/html; charset=utf-8", func(a *statusAnswer) []byte { return a.page }))
	mux.HandleFunc("GET "+statusPath+".json", s.serve("application/json", func(a *statusAnswer) []byte { return a.json }))
	mux.HandleFunc("GET "+statusPath+".atom", s.serve("application/atom+xml", func(a *statusAnswer) []byte { return a.feed }))
	mux.HandleFunc("GET "+statusPath+"/{id}/{image}", s.image)
}

// serve answers with a part of what was made. Browsers and caches keep it for as
// long as it stays the same here, and then ask whether it still is.
func (s *status) serve(kind string, part func(*statusAnswer) []byte) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		answer, err := s.current(r.Context())
		if err != nil {
			s.log.Warn("the status page cannot be made", "err", err)
			w.Header().Set("Retry-After", "5")
			http.Error(w, "The status cannot be told at the moment: try again in some seconds.", http.StatusServiceUnavailable)
			return
		}
		body := part(answer)
		send(w, r, kind, body, fmt.Sprintf("public, max-age=%d", int(statusFresh.Seconds())))
	}
}

// send answers with what may be kept, or that it is still the same.
func send(w http.ResponseWriter, r *http.Request, kind string, body []byte, age string) {
	tag := strconv.Quote(strconv.FormatUint(xxhash.Sum64(body), 36))
	h := w.Header()
	h.Set("Cache-Control", age)
	h.Set("ETag", tag)
	h.Set("Content-Type", kind)
	for known := range strings.SplitSeq(r.Header.Get("If-None-Match"), ",") {
		if known = strings.TrimSpace(known); known == "*" || strings.TrimPrefix(known, "W/") == tag {
			w.WriteHeader(http.StatusNotModified)
			return
		}
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	_, _ = w.Write(body) // an error means that the visitor is gone
}

// current is the page as it is now, or was a few seconds ago. When it cannot be
// made anew, because Redis is away, the last one stays: it says of when it is.
func (s *status) current(ctx context.Context) (*statusAnswer, error) {
	s.mu.Lock()
	last := s.last
	s.mu.Unlock()
	if last != nil && time.Since(last.made) < statusFresh {
		return last, nil
	}
	done := s.making.DoChan("", func() (any, error) {
		ctx, cancel := context.WithTimeout(context.Background(), statusBudget)
		defer cancel()
		made, err := s.compose(ctx)
		if err != nil {
			return nil, err
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		s.last = made
		return made, nil
	})
	select {
	case r := <-done:
		if r.Err == nil {
			return r.Val.(*statusAnswer), nil
		}
		if last != nil {
			return last, nil
		}
		return nil, r.Err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// compose makes everything anew.
func (s *status) compose(ctx context.Context) (*statusAnswer, error) {
	state, err := s.state(ctx)
	if err != nil {
		return nil, err
	}
	made := &statusAnswer{made: state.Now, shown: map[string]bool{}}
	for _, g := range state.Groups {
		for _, one := range g.Services {
			made.shown[one.ID] = one.Named
		}
	}
	var out bytes.Buffer
	if err := s.pages["status"].ExecuteTemplate(&out, "status", state); err != nil {
		return nil, err
	}
	made.page = out.Bytes()
	var errJSON, errFeed error
	made.json, errJSON = state.json()
	made.feed, errFeed = state.atom()
	return made, errors.Join(errJSON, errFeed)
}
