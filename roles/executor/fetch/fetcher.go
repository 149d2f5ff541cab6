// Package fetch opens a target's URL once and describes what came back as a
// [plugins.Page]. It is the only place in webmon that talks to a target.
//
// A check measures the target as a first visitor would meet it: a fresh
// connection every time unless [Options.KeepAlive] says otherwise, and never
// through a proxy. The proxy variables of the environment are ignored on
// purpose: a monitor that measured its proxy would call every target up or
// down with it.
package fetch

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"golang.org/x/net/http/httpguts"

	"webmon/plugins"
	"webmon/roles/dialguard"
	"webmon/store"
)

// The limits of [Options.MaxBody], in bytes.
const (
	DefaultMaxBody = 4 << 20 // when it is 0
	LargestMaxBody = 1 << 30
)

// DefaultPerHost is what [Options.PerHost] is when 0.
const DefaultPerHost = 4

// Options says how a [Fetcher] fetches.
type Options struct {
	UserAgent string         // sent unless the asset has its own; required
	MaxBody   int64          // most bytes of body to receive, and to keep after decoding; 0: DefaultMaxBody
	KeepAlive bool           // reuse connections between checks; false: every request a fresh connection
	PerHost   int            // most checks at once to one host, so most connections to keep for it; 0: DefaultPerHost
	RootCAs   *x509.CertPool // authorities to trust; nil: those of the system

	Guard *dialguard.Policy // decides which addresses are connected to; nil: public ones only

	resolver *net.Resolver // nil: the system's; tests have name servers of their own
}

// Fetcher fetches pages. Any number of goroutines may use one at once.
type Fetcher struct {
	options  Options
	verified *http.Transport
	insecure *http.Transport // for assets that accept any certificate
	bodies   *bodyReader
}

// New makes a Fetcher.
func New(o Options) (*Fetcher, error) {
	if o.UserAgent == "" {
		return nil, errors.New("fetch: UserAgent is empty: name the program, such as \"webmon/1.0\"")
	}
	if !httpguts.ValidHeaderFieldValue(o.UserAgent) {
		return nil, fmt.Errorf("fetch: UserAgent %q holds characters that HTTP forbids in a header", o.UserAgent)
	}
	if o.MaxBody < 0 || o.MaxBody > LargestMaxBody {
		return nil, fmt.Errorf("fetch: MaxBody is %d: give a number of bytes up to %d, or 0 for %d", o.MaxBody, LargestMaxBody, DefaultMaxBody)
	}
	if o.MaxBody == 0 {
		o.MaxBody = DefaultMaxBody
	}
	if o.PerHost < 0 {
		return nil, fmt.Errorf("fetch: PerHost is %d: give a number of checks, or 0 for %d", o.PerHost, DefaultPerHost)
	}
	if o.PerHost == 0 {
		o.PerHost = DefaultPerHost
	}
	if o.Guard == nil {
		var err error
		if o.Guard, err = dialguard.New(dialguard.Options{}); err != nil {
			return nil, err
		}
	}
	return &Fetcher{
		options:  o,
		verified: newTransport(o, false),
		insecure: newTransport(o, true),
		bodies:   newBodyReader(o.MaxBody),
	}, nil
}

// Fetch checks the asset once. It always returns a page; a failure is in its
// Err and ErrClass, and what was learned before the failure is kept.
//
// The asset's timeout (store.DefaultTimeout when it has none) bounds the whole
// fetch and ends it with class plugins.ErrTimeout. When ctx itself ends first
// the check was interrupted and says nothing about the target: the caller
// tells the two apart by ctx.Err().
func (f *Fetcher) Fetch(ctx context.Context, a store.Asset) *plugins.Page {
	start := time.Now()
	timeout := time.Duration(a.Timeout)
	if timeout <= 0 {
		timeout = time.Duration(store.DefaultTimeout)
	}
	limited, cancel := context.WithDeadline(ctx, start.Add(timeout))
	defer cancel()

	c := &check{
		fetcher:  f,
		asset:    &a,
		caller:   ctx,
		deadline: start.Add(timeout),
		page:     &plugins.Page{URL: a.URL, FinalURL: a.URL, At: start},
	}
	if err := c.run(limited); err != nil {
		problem := c.diagnose(err)
		c.page.ErrClass, c.page.Err = problem.class, problem
	}
	c.page.Timing.Total = time.Since(start)
	return c.page
}

// Release gives the memory of a page's body back for the next one, which saves
// a third of the cost of a fetch. The page's Body, and whatever shares memory
// with it, must not be used afterwards. Without a call nothing is lost: the
// garbage collector does the work.
func (f *Fetcher) Release(p *plugins.Page) { f.bodies.release(p) }

// Close closes the connections kept for reuse. Call it after the last Fetch.
func (f *Fetcher) Close() {
	f.verified.CloseIdleConnections()
	f.insecure.CloseIdleConnections()
}
