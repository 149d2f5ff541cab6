package headers

import (
	"net/url"
	"strconv"
	"strings"

	"webmon/plugins"
)

// sixMonths is the least max-age that is long, in seconds. It is 180 days,
// because many take that for six months.
const sixMonths = 15552000

// transportSecurity is what Strict-Transport-Security asks for.
type transportSecurity struct {
	on, long bool
	points   int
	fact     string
}

// readTransportSecurity reads the header. Browsers heed it only from a
// connection that they trust.
func readTransportSecurity(page *plugins.Page, secure bool) transportSecurity {
	header := page.Header.Get("Strict-Transport-Security")
	untrusted := page.TLS != nil && len(page.TLS.VerifiedChains) == 0
	if !secure || untrusted || header == "" {
		return transportSecurity{points: -20, fact: "none"}
	}
	age, ok := maxAge(header)
	switch {
	case !ok:
		return transportSecurity{points: -20, fact: "invalid"}
	case age < sixMonths:
		return transportSecurity{on: age > 0, points: -10, fact: "less than six months"}
	}
	return transportSecurity{on: true, long: true, fact: "six months or more"}
}

// maxAge reads the seconds of a Strict-Transport-Security header.
func maxAge(header string) (seconds int, ok bool) {
	for directive := range strings.SplitSeq(header, ";") {
		name, value, _ := strings.Cut(directive, "=")
		if strings.EqualFold(strings.TrimSpace(name), "max-age") {
			seconds, err := strconv.ParseUint(strings.Trim(strings.TrimSpace(value), `"`), 10, 63)
			return int(seconds), err == nil
		}
	}
	return 0, false
}

// redirectionPoints tells whether an asset that is asked for by plain http
// leads to https at once, and on the same host.
func redirectionPoints(page *plugins.Page) int {
	route := make([]string, 0, len(page.Redirects)+1)
	for _, hop := range page.Redirects {
		route = append(route, hop.URL)
	}
	route = append(route, address(page))
	switch {
	case isSecure(page.URL):
		return 0 // nobody asked by http
	case !isSecure(address(page)):
		return -20
	case len(route) > 1 && !isSecure(route[1]):
		return -10
	case len(route) > 1 && host(route[0]) != host(route[1]):
		return -5
	}
	return 0
}

func address(page *plugins.Page) string {
	if page.FinalURL != "" {
		return page.FinalURL
	}
	return page.URL
}

func isSecure(address string) bool {
	return len(address) >= len("https://") && strings.EqualFold(address[:len("https://")], "https://")
}

func host(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return strings.ToLower(u.Hostname())
}
