package fetch

import (
	"fmt"
	"net/http"
	"net/url"
)

// maxLocation is the longest address of a redirect that is followed, in bytes:
// what servers take in a request line. It is kept with the results.
const maxLocation = 8 << 10

// redirectTarget returns the Location of a redirect, or "" for any other
// answer. A redirect without a Location is an ordinary page.
func redirectTarget(resp *http.Response) string {
	switch resp.StatusCode {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther,
		http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		return resp.Header.Get("Location")
	}
	return ""
}

// resolve reads a Location relative to the address that sent it. A password
// in it is dropped: the server has no say in what webmon sends as credentials.
func resolve(from *url.URL, location string) (*url.URL, error) {
	if len(location) > maxLocation {
		return nil, fmt.Errorf("its address has %d bytes, and at most %d are followed", len(location), maxLocation)
	}
	next, err := from.Parse(location)
	if err != nil {
		return nil, parseError(err)
	}
	next.User = nil
	if next.Fragment == "" {
		next.Fragment, next.RawFragment = from.Fragment, from.RawFragment
	}
	return next, checkTarget(next)
}

// redirected is how method and body change with a redirect, as browsers do it:
// 307 and 308 repeat the request, the older ones ask for a page instead.
func redirected(status int, method, body string) (string, string) {
	switch {
	case status == http.StatusTemporaryRedirect || status == http.StatusPermanentRedirect:
		return method, body
	case method == http.MethodHead:
		return method, ""
	}
	return http.MethodGet, ""
}
