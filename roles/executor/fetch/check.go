package fetch

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"slices"
	"time"

	"golang.org/x/net/publicsuffix"

	"webmon/plugins"
	"webmon/store"
)

// What is kept of cookies; browsers keep about as many. To send n of them takes
// net/http time in the order of n².
const (
	maxCookies = 100     // of all redirects of a check
	maxCookie  = 4 << 10 // bytes of name and value
)

// defaultRedirects is the redirect limit of an asset that names none.
const defaultRedirects = 10

// check is one fetch under way.
type check struct {
	fetcher  *Fetcher
	asset    *store.Asset
	caller   context.Context // its end means interruption, not failure
	deadline time.Time       // the asset's timeout
	page     *plugins.Page

	start *url.URL // the asset's own address
	hop   *trace   // the request under way

	jar     *cookiejar.Jar // cookies set by redirects; nil until there is one
	cookies int            // how many the jar was given
}

// run sends the request, follows redirects and fills the page.
func (c *check) run(ctx context.Context) error {
	target, err := parseTarget(c.asset.URL)
	if err != nil {
		return newProblem(plugins.ErrRequest, err, "%v", err)
	}
	c.start = target
	limit := defaultRedirects
	if c.asset.Request.MaxRedirects != nil {
		limit = *c.asset.Request.MaxRedirects
	}
	next := &step{target: target, method: c.asset.Request.Method, body: c.asset.Request.Body, trusted: true}
	if next.method == "" {
		next.method = http.MethodGet
	}
	for next != nil {
		c.page.FinalURL = display(next.target)
		if next, err = c.request(ctx, next, limit); err != nil {
			return err
		}
	}
	return nil
}

// step is what one hop asks for.
type step struct {
	target       *url.URL
	method, body string
	trusted      bool // the asset's credentials are meant for this target
}

// request does one hop. It returns the one to do next, or nil when the page is
// complete.
func (c *check) request(ctx context.Context, now *step, limit int) (*step, error) {
	c.forget()
	hopCtx, hop := withTrace(ctx)
	c.hop = hop
	defer hop.addTo(&c.page.Timing)

	req, err := c.newRequest(hopCtx, now)
	if err != nil {
		return nil, newProblem(plugins.ErrRequest, err, "%v", err)
	}
	if c.jar != nil {
		for _, cookie := range c.jar.Cookies(req.URL) {
			req.AddCookie(cookie)
		}
	}
	resp, done, err := c.fetcher.send(req, now.target, hop, c.asset.Request.InsecureTLS)
	c.page.RemoteAddr = hop.remoteAddr()
	if err != nil {
		c.page.TLS = hop.tlsState()
		return nil, err
	}
	defer done()
	c.page.Proto, c.page.Status = resp.Proto, resp.StatusCode
	c.page.Header, c.page.TLS = resp.Header, resp.TLS

	if location := redirectTarget(resp); location != "" && limit > 0 {
		if len(c.page.Redirects) >= limit {
			return nil, newProblem(plugins.ErrRedirects, nil, "stopped after %d redirects", limit)
		}
		next, err := c.after(now, req.URL, resp.StatusCode, location)
		if err != nil {
			return nil, newProblem(plugins.ErrRequest, err, "the redirect cannot be followed: %v", err)
		}
		c.leave(req.URL, resp)
		return next, nil
	}
	return nil, c.fetcher.bodies.read(resp, hop, c.page)
}

// after is the step that a redirect asks for.
func (c *check) after(now *step, from *url.URL, status int, location string) (*step, error) {
	target, err := resolve(from, location)
	if err != nil {
		return nil, err
	}
	next := &step{target: target, trusted: now.trusted && sameOwner(c.start, target)}
	next.method, next.body = redirected(status, now.method, now.body)
	if next.body != "" && !next.trusted {
		return nil, fmt.Errorf("it asks for the asset's body at %s://%s, and a body goes to the asset's own host only; if that is meant, give the asset the address of this host",
			target.Scheme, hostHeader(target))
	}
	return next, nil
}

// leave takes from a redirect what the next hop needs.
func (c *check) leave(from *url.URL, resp *http.Response) {
	if c.fetcher.options.KeepAlive {
		// A short body read to its end lets the connection be used again.
		io.CopyN(io.Discard, resp.Body, 4<<10)
	}
	c.keepCookies(from, resp.Cookies())
	c.page.Redirects = append(c.page.Redirects, plugins.Hop{URL: c.page.FinalURL, Status: resp.StatusCode})
}

// keepCookies remembers cookies for the hops to come: many sites set one and
// redirect until it comes back.
func (c *check) keepCookies(from *url.URL, cookies []*http.Cookie) {
	cookies = slices.DeleteFunc(cookies, func(k *http.Cookie) bool { return len(k.Name)+len(k.Value) > maxCookie })
	cookies = cookies[:min(len(cookies), maxCookies-c.cookies)]
	if len(cookies) == 0 {
		return
	}
	if c.jar == nil {
		c.jar, _ = cookiejar.New(&cookiejar.Options{PublicSuffixList: publicsuffix.List})
	}
	c.jar.SetCookies(from, cookies)
	c.cookies += len(cookies)
}

// forget drops what the page holds of the hop before.
func (c *check) forget() {
	p := c.page
	p.Proto, p.Status, p.Header, p.TLS, p.RemoteAddr = "", 0, nil, nil, ""
}
