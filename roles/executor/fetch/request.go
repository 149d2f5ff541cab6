package fetch

import (
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"strings"

	"golang.org/x/net/http/httpguts"
)

// acceptEncoding is what decoders can undo.
const acceptEncoding = "gzip, br, zstd"

// harmless lists the asset's headers that go along to another host. All the
// others stay behind: any of them may be a key ("X-Api-Key").
var harmless = map[string]bool{
	"Accept": true, "Accept-Encoding": true, "Accept-Language": true,
	"Cache-Control": true, "Pragma": true, "User-Agent": true,
}

// newRequest makes the request of one hop.
func (c *check) newRequest(ctx context.Context, now *step) (*http.Request, error) {
	var content io.Reader
	if now.body != "" {
		content = strings.NewReader(now.body)
	}
	req, err := http.NewRequestWithContext(ctx, now.method, "", content)
	if err != nil {
		return nil, err
	}
	u := *now.target
	u.User = nil
	req.URL, req.Host = &u, hostHeader(now.target)
	return req, c.setHeaders(req, now.trusted)
}

// setHeaders adds webmon's headers, then the asset's, then those that stand
// for fields of their own (user agent, authentication).
func (c *check) setHeaders(req *http.Request, trusted bool) error {
	h, r := req.Header, &c.asset.Request
	h["User-Agent"] = []string{c.fetcher.options.UserAgent}
	h["Accept"] = []string{"*/*"}
	h["Accept-Encoding"] = []string{acceptEncoding}
	for name, value := range r.Headers {
		if !httpguts.ValidHeaderFieldName(name) {
			return fmt.Errorf("%q is not a header name", name)
		}
		if !httpguts.ValidHeaderFieldValue(value) {
			return fmt.Errorf("the value of the header %s holds characters that HTTP forbids", name)
		}
		name = http.CanonicalHeaderKey(name)
		switch {
		case !trusted && !harmless[name]:
		case name == "Host":
			if !httpguts.ValidHostHeader(value) {
				return fmt.Errorf("%q is not a host for the Host header", value)
			}
			req.Host = value
		default:
			h[name] = []string{value}
		}
	}
	if r.UserAgent != "" {
		if !httpguts.ValidHeaderFieldValue(r.UserAgent) {
			return fmt.Errorf("the user agent holds characters that HTTP forbids")
		}
		h["User-Agent"] = []string{r.UserAgent}
	}
	if trusted {
		return c.authorize(h)
	}
	return nil
}

// authorize adds the asset's credentials; a name and password in its URL count
// when it has no others.
func (c *check) authorize(h http.Header) error {
	r := &c.asset.Request
	var value string
	switch {
	case r.BearerToken != "":
		value = "Bearer " + r.BearerToken
	case r.BasicAuth != nil:
		value = basic(r.BasicAuth.Username, r.BasicAuth.Password)
	case c.start.User != nil && h.Get("Authorization") == "":
		password, _ := c.start.User.Password()
		value = basic(c.start.User.Username(), password)
	default:
		return nil
	}
	if !httpguts.ValidHeaderFieldValue(value) {
		return fmt.Errorf("the bearer token holds characters that HTTP forbids")
	}
	h["Authorization"] = []string{value}
	return nil
}

func basic(username, password string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(username+":"+password))
}
