package plugins

import (
	"net"
	"strings"

	"golang.org/x/net/publicsuffix"
)

// Sites tells which site the addresses on a page lead to. It is for one
// goroutine; make it with [NewSites].
type Sites struct {
	own    string // the page's
	base   string // what addresses without a host lead to
	secure bool   // the page itself came over https
	byHost map[string]string
}

// NewSites makes the Sites of a page. It reads the page's outline, because a
// base element changes where addresses lead.
func NewSites(page *Page) *Sites {
	s := &Sites{byHost: make(map[string]string)}
	address := page.FinalURL
	if address == "" {
		address = page.URL
	}
	scheme, host, _ := splitAddress(address)
	s.own, s.secure = s.site(host), scheme == "https"
	s.base = s.own
	if scheme, host, absolute := splitAddress(page.Outline().Base); absolute && host != "" && isWeb(scheme) {
		s.base = s.site(host)
	}
	return s
}

// Own is the site of the page itself.
func (s *Sites) Own() string { return s.own }

// Secure tells whether the page itself came over https.
func (s *Sites) Secure() bool { return s.secure }

// Of returns the site that an address on the page leads to: the registrable
// domain of its host in lower case, such as "example.co.uk", or the host
// itself where there is none, such as "192.0.2.1". It is empty for addresses
// that lead to no host, such as data: and javascript:.
func (s *Sites) Of(address string) string {
	scheme, host, absolute := splitAddress(address)
	switch {
	case !absolute:
		return s.base
	case !isWeb(scheme):
		return ""
	}
	return s.site(host)
}

// Foreign tells whether the site is not the page's own.
func (s *Sites) Foreign(site string) bool { return site != "" && site != s.own }

func (s *Sites) site(host string) string {
	site, known := s.byHost[host]
	if !known {
		site = registrable(host)
		s.byHost[host] = site
	}
	return site
}

func registrable(host string) string {
	if net.ParseIP(strings.Trim(host, "[]")) != nil {
		return host
	}
	if site, err := publicsuffix.EffectiveTLDPlusOne(host); err == nil {
		return site
	}
	return host
}

// isWeb tells whether addresses of that scheme name a host. Nothing stands for
// the scheme of the page.
func isWeb(scheme string) bool {
	switch scheme {
	case "", "http", "https", "ws", "wss":
		return true
	}
	return false
}

// IsInsecure tells whether an address names plain http.
func IsInsecure(address string) bool {
	scheme, _, _ := splitAddress(address)
	return scheme == "http"
}

// splitAddress takes an address apart as browsers do: white space in it does
// not count, a backslash is a slash, and the slashes after a web scheme may be
// any number. An address that is not absolute leads to the host of the page.
func splitAddress(address string) (scheme, host string, absolute bool) {
	if strings.ContainsAny(address, "\t\n\r\\") {
		address = browserAddress.Replace(address)
	}
	address = strings.Trim(address, " \f\x00")
	rest := address
	if scheme = schemeOf(address); scheme != "" {
		if !isWeb(scheme) {
			return scheme, "", true
		}
		rest = address[len(scheme)+1:]
		if !strings.HasPrefix(rest, "/") {
			rest = "//" + rest // "https:host" is what a browser makes of it, too
		}
	} else if !strings.HasPrefix(rest, "//") {
		return "", "", false
	}
	rest = strings.TrimLeft(rest, "/")
	if end := strings.IndexAny(rest, "/?#"); end >= 0 {
		rest = rest[:end]
	}
	rest = rest[strings.LastIndexByte(rest, '@')+1:]
	if colon := strings.LastIndexByte(rest, ':'); colon >= 0 && !strings.HasSuffix(rest, "]") {
		rest = rest[:colon]
	}
	return scheme, strings.TrimSuffix(strings.ToLower(strings.ToValidUTF8(rest, "\uFFFD")), "."), true
}

var browserAddress = strings.NewReplacer("\t", "", "\n", "", "\r", "", "\\", "/")

// schemeOf returns the scheme in lower case, or nothing.
func schemeOf(address string) string {
	for i, c := range []byte(address) {
		switch {
		case 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z':
		case i > 0 && ('0' <= c && c <= '9' || c == '+' || c == '-' || c == '.'):
		case i > 0 && c == ':':
			return strings.ToLower(address[:i])
		default:
			return ""
		}
	}
	return ""
}
