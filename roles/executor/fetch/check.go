package fetch

import (
	"context"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"time"

	"golang.org/x/net/publicsuffix"

	"webmon/plugins"
	"webmon/store"
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

	start *url.URL       // the asset's own address
	jar   *cookiejar.Jar // cookies set by redirects; nil until there is one
	hop   *trace         // the request under way
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
	method, body, trusted := c.asset.Request.Method, c.asset.Request.Body, true
	if method == "" {
		method = http.MethodGet
	}
	for {
		c.page.FinalURL = display(target)
		next, err := c.request(ctx, target, method, body, trusted, limit)
		if err != nil || next == nil {
			return err
		}
		trusted = trusted && sameOwner(c.start, next)
		method, body = redirected(c.page.Status, method, body)
		target = next
	}
}

// request does one hop. It returns the address to go to next, or nil when the
// page is complete.
func (c *check) request(ctx context.Context, target *url.URL, method, body string, trusted bool, limit int) (*url.URL, error) {
	c.forget()
	hopCtx, hop := withTrace(ctx)
	c.hop = hop
	defer hop.addTo(&c.page.Timing)

	req, err := c.newRequest(hopCtx, target, method, body, trusted)
	if err != nil {
		return nil, newProblem(plugins.ErrRequest, err, "%v", err)
	}
	if c.jar != nil {
		for _, cookie := range c.jar.Cookies(req.URL) {
			req.AddCookie(cookie)
		}
	}
	resp, done, err := c.fetcher.send(req, target, hop, c.asset.Request.InsecureTLS)
	c.page.RemoteAddr = hop.remoteAddr()
	if err != nil {
		c.page.TLS = hop.refusedTLS()
		return nil, err
	}
	defer done()
	c.page.Proto, c.page.Status = resp.Proto, resp.StatusCode
	c.page.Header, c.page.TLS = resp.Header, resp.TLS

	if location := redirectTarget(resp); location != "" && limit > 0 {
		return c.follow(req.URL, resp, location, limit)
	}
	return nil, c.fetcher.bodies.read(resp, hop, c.page)
}

// follow takes a redirect: it records the hop and returns where to go.
func (c *check) follow(from *url.URL, resp *http.Response, location string, limit int) (*url.URL, error) {
	if len(c.page.Redirects) >= limit {
		return nil, newProblem(plugins.ErrRedirects, nil, "stopped after %d redirects", limit)
	}
	next, err := resolve(from, location)
	if err != nil {
		return nil, newProblem(plugins.ErrRequest, err, "the redirect cannot be followed: %v", err)
	}
	if c.fetcher.options.KeepAlive {
		// A short body read to its end lets the connection be used again.
		io.CopyN(io.Discard, resp.Body, 4<<10)
	}
	if cookies := resp.Cookies(); len(cookies) > 0 {
		// Many sites set a cookie and redirect until it comes back.
		if c.jar == nil {
			c.jar, _ = cookiejar.New(&cookiejar.Options{PublicSuffixList: publicsuffix.List})
		}
		c.jar.SetCookies(from, cookies)
	}
	c.page.Redirects = append(c.page.Redirects, plugins.Hop{URL: c.page.FinalURL, Status: resp.StatusCode})
	return next, nil
}

// forget drops what the page holds of the hop before.
func (c *check) forget() {
	p := c.page
	p.Proto, p.Status, p.Header, p.TLS, p.RemoteAddr = "", 0, nil, nil, ""
}
