package htmlstats

import (
	"net/netip"
	"strings"

	"golang.org/x/net/publicsuffix"
)

// hostOf returns the host that an address names, in lower case and without
// port, or "" when it is relative or of a scheme without hosts. Like browsers,
// it takes a backslash for a slash.
func hostOf(address string) string {
	rest, ok := address, false
	if i := strings.IndexAny(address, ":/\\?#"); i >= 0 && address[i] == ':' {
		rest = address[i+1:]
		ok = true
	}
	trimmed := strings.TrimLeft(rest, `/\`)
	if slashes := len(rest) - len(trimmed); slashes < 2 && !ok || slashes < 1 {
		return ""
	}
	if i := strings.IndexAny(trimmed, `/\?#`); i >= 0 {
		trimmed = trimmed[:i]
	}
	if i := strings.LastIndexByte(trimmed, '@'); i >= 0 {
		trimmed = trimmed[i+1:]
	}
	if i := strings.LastIndexByte(trimmed, ':'); i >= 0 && !strings.HasSuffix(trimmed, "]") {
		trimmed = trimmed[:i]
	}
	return strings.TrimSuffix(strings.ToLower(trimmed), ".")
}

// siteOf returns the registrable domain of a host: what one owner has. An
// address in numbers, and a name that is a public suffix itself, is its own.
func siteOf(host string) string {
	if _, err := netip.ParseAddr(strings.Trim(host, "[]")); err == nil {
		return host
	}
	if site, err := publicsuffix.EffectiveTLDPlusOne(host); err == nil {
		return site
	}
	return host
}

// sites finds the registrable domains of addresses, each host only once.
type sites struct {
	own   string // the page's own site
	known map[string]string
}

// foreign returns the site of an address if it is not the page's own, else "".
func (s *sites) foreign(address string) string {
	host := hostOf(address)
	if host == "" {
		return ""
	}
	site, ok := s.known[host]
	if !ok {
		site = siteOf(host)
		s.known[host] = site
	}
	if site == s.own {
		return ""
	}
	return site
}
