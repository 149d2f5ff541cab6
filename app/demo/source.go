package demo

import (
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"

	"webmon/app/demo/site"
	"webmon/app/terminal"
	"webmon/store"
)

const (
	tag         = "webmon-demo" // on all that the demo adds
	seed        = 1
	firstRounds = 6 // checks at once in the beginning, so that htmlstats soon knows the pages
	urlInterval = 10 * time.Second
)

// target is one page to be watched.
type target struct {
	asset       asset
	description string
	attacked    func() bool // whether the page has shown an attack; nil: it never will
}

// source is where the pages come from: the demonstration site, or URLs
// that were given.
type source struct {
	targets []target
	rounds  int
	site    string // its address; empty: the URLs were given
	server  *http.Server
}

func newSource(urls []string) (*source, error) {
	if len(urls) > 0 {
		return &source{targets: urlTargets(urls), rounds: 1}, nil
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("start the demonstration site: %w", err)
	}
	town := site.New(seed)
	s := &source{
		rounds: firstRounds,
		site:   "http://" + listener.Addr().String(),
		server: &http.Server{Handler: town, ReadHeaderTimeout: 10 * time.Second},
	}
	go s.server.Serve(listener) // ends with close
	for _, page := range town.Pages() {
		target := target{description: page.Description, asset: asset{
			URL: s.site + page.Path, Name: page.Name, Tags: []string{tag},
			Interval: page.Interval.String(), Timeout: page.Timeout.String(), Plugins: page.Plugins,
		}}
		if page.AttackedAt > 0 {
			target.attacked = func() bool { return town.Attacked(page.Path) }
		}
		s.targets = append(s.targets, target)
	}
	return s, nil
}

// urlTargets makes a target of each URL, and only one of URLs given twice.
func urlTargets(urls []string) []target {
	var targets []target
	seen := map[string]bool{}
	for _, url := range urls {
		if seen[url] {
			continue
		}
		seen[url] = true
		targets = append(targets, target{asset: asset{
			URL: url, Name: cut(terminal.Printable(url), store.MaxName), Tags: []string{tag},
			Interval: urlInterval.String(), Timeout: time.Duration(store.DefaultTimeout).String(),
		}})
	}
	return targets
}

func (s *source) close() {
	if s.server != nil {
		s.server.Close()
	}
}

// introduce says what there is to see, and where.
func (s *source) introduce(screen *screen, at Addresses, logPath string, pages []*page) {
	example := pages[0]
	for _, page := range pages {
		if page.attacked != nil {
			example = page
			break
		}
	}
	if s.site != "" {
		screen.say("Watching the %d pages of a demonstration site, for real:", len(pages))
		screen.say("  site     %s", s.site)
	} else {
		screen.say("Watching %d of your pages, every %v:", len(pages), urlInterval)
	}
	screen.say("  look     %s/", at.API)
	screen.say("  API      %s/v1", at.API)
	screen.say("  control  %s", at.Control)
	screen.say("  log      %s", logPath)
	screen.say("Ask it yourself, in another terminal:")
	screen.say("  curl -s %s/v1/summary", at.API)
	screen.say("  curl -s '%s/v1/assets?verdict=changed'", at.API)
	screen.say("  curl -s '%s/v1/assets/%s/results?limit=1'", at.API, example.id)
	screen.say("  curl -s %s/v1/assets/%s/stats", at.API, example.id)
	screen.say("Ctrl-C ends it.")
	screen.say("")
}

// aim is what a demonstration with --once waits for.
func (s *source) aim() string {
	if s.site != "" {
		return "catch a defacement"
	}
	return "check every URL"
}

// finished tells whether a demonstration with --once has shown enough.
func (s *source) finished(w *watch) bool {
	if s.site != "" {
		return w.caught() != nil
	}
	for _, page := range w.pages {
		if page.checks == 0 {
			return false
		}
	}
	return true
}

// conclude prints the last state of a demonstration that is finished.
func (s *source) conclude(screen *screen, w *watch) {
	screen.close(w.table())
	if page := w.caught(); page != nil {
		screen.say("")
		screen.say("Caught: %s was attacked, and %s said so at its check %d:",
			screen.paint.Bold(page.name), strings.Join(page.caughtBy, " and "), page.caughtAt)
		screen.findings(page.caught)
	}
}
