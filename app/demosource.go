package app

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"

	"webmon/app/demosite"
	"webmon/store"
)

const (
	demoTag         = "webmon-demo" // on all that the demo adds
	demoSeed        = 1
	demoRounds      = 6 // checks at once in the beginning, so that htmlstats soon knows the pages
	demoURLInterval = 10 * time.Second
)

// errNotCaught ends a demonstration that did not show what it should.
var errNotCaught = errors.New("it did not happen")

// demoTarget is one page to be watched.
type demoTarget struct {
	asset       demoAsset
	description string
	attacked    func() bool // whether the page has shown an attack; nil: it never will
}

// demoSource is where the pages come from: the demonstration site, or URLs
// that were given.
type demoSource struct {
	targets []demoTarget
	rounds  int
	site    string // its address; empty: the URLs were given
	server  *http.Server
}

func newDemoSource(urls []string) (*demoSource, error) {
	if len(urls) > 0 {
		return &demoSource{targets: urlTargets(urls), rounds: 1}, nil
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("start the demonstration site: %w", err)
	}
	site := demosite.New(demoSeed)
	s := &demoSource{
		rounds: demoRounds,
		site:   "http://" + listener.Addr().String(),
		server: &http.Server{Handler: site, ReadHeaderTimeout: 10 * time.Second},
	}
	go s.server.Serve(listener) // ends with close
	for _, page := range site.Pages() {
		target := demoTarget{description: page.Description, asset: demoAsset{
			URL: s.site + page.Path, Name: page.Name, Tags: []string{demoTag},
			Interval: page.Interval.String(), Timeout: page.Timeout.String(), Plugins: page.Plugins,
		}}
		if page.AttackedAt > 0 {
			target.attacked = func() bool { return site.Attacked(page.Path) }
		}
		s.targets = append(s.targets, target)
	}
	return s, nil
}

// urlTargets makes a target of each URL, and only one of URLs given twice.
func urlTargets(urls []string) []demoTarget {
	var targets []demoTarget
	seen := map[string]bool{}
	for _, url := range urls {
		if seen[url] {
			continue
		}
		seen[url] = true
		targets = append(targets, demoTarget{asset: demoAsset{
			URL: url, Name: cut(printable(url), store.MaxName), Tags: []string{demoTag},
			Interval: demoURLInterval.String(), Timeout: time.Duration(store.DefaultTimeout).String(),
		}})
	}
	return targets
}

func (s *demoSource) close() {
	if s.server != nil {
		s.server.Close()
	}
}

// introduce says what there is to see, and where.
func (s *demoSource) introduce(screen *demoScreen, at demoAddresses, pages []*demoPage) {
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
		screen.say("Watching %d of your pages, every %v:", len(pages), demoURLInterval)
	}
	screen.say("  API      %s", at.api)
	screen.say("  control  %s", at.control)
	screen.say("  log      %s", at.log)
	screen.say("Ask it yourself, in another terminal:")
	screen.say("  curl -s %s/v1/summary", at.api)
	screen.say("  curl -s '%s/v1/assets?verdict=changed'", at.api)
	screen.say("  curl -s '%s/v1/assets/%s/results?limit=1'", at.api, example.id)
	screen.say("  curl -s %s/v1/assets/%s/stats", at.api, example.id)
	screen.say("Ctrl-C ends it.")
	screen.say("")
}

// aim is what a demonstration with --once waits for.
func (s *demoSource) aim() string {
	if s.site != "" {
		return "catch a defacement"
	}
	return "check every URL"
}

// finished tells whether a demonstration with --once has shown enough.
func (s *demoSource) finished(w *demoWatch) bool {
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
func (s *demoSource) conclude(screen *demoScreen, w *demoWatch) {
	screen.close(w.table())
	if page := w.caught(); page != nil {
		screen.say("")
		screen.say("Caught: %s was attacked, and %s said so at its check %d:",
			screen.paint.bold(page.name), strings.Join(page.caughtBy, " and "), page.caughtAt)
		screen.findings(page.caught)
	}
}
