package plugins

import (
	"net/netip"
	"net/url"
	"strings"
	"sync"

	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"
)

// SiteOf tells to whom a reference on the page leads: the registrable domain of
// its host, such as "example.co.uk" for "//cdn.example.co.uk/a.js". A host that
// has none, such as an IP address, stands for itself. A reference without a
// host leads to the page's own site, or to that of its base element; one that
// is no address on the web, such as data:, blob: or javascript:, yields its
// scheme with the colon. It reads references as browsers do.
func (p *Page) SiteOf(ref string) string {
	address := p.FinalURL
	if address == "" {
		address = p.URL
	}
	scheme, host := splitURL(address)
	ref = trimURL(ref)
	if ref == "" || ref[0] == '#' {
		return p.sites.of(host)
	}
	if base := trimURL(p.Outline().Base); base != "" {
		if baseScheme, baseHost := resolve(base, scheme, host); isWeb(baseScheme) {
			scheme, host = baseScheme, baseHost
		}
	}
	refScheme, refHost := resolve(ref, scheme, host)
	if refHost == "" && refScheme != "" && !isWeb(refScheme) {
		return refScheme + ":"
	}
	return p.sites.of(refHost)
}

// resolve returns the scheme and host of a reference on a page with the given
// ones.
func resolve(ref, scheme, host string) (refScheme, refHost string) {
	rest := ref
	refScheme = scheme
	if named := schemeOf(ref); named != "" {
		refScheme, rest = named, ref[len(named)+1:]
		if !isWeb(refScheme) {
			return refScheme, ""
		}
		// Browsers take "https:evil.example" for "https://evil.example", unless
		// the page itself is https: then it is a path.
		if !startsWithSlashes(rest) && refScheme == scheme {
			return refScheme, host
		}
	} else if !startsWithSlashes(rest) {
		return refScheme, host
	}
	return refScheme, hostOf(rest)
}

func splitURL(address string) (scheme, host string) {
	address = trimURL(address)
	scheme = schemeOf(address)
	if !isWeb(scheme) {
		return scheme, ""
	}
	return scheme, hostOf(address[len(scheme)+1:])
}

// hostOf returns the host in what follows the scheme of a web address.
func hostOf(rest string) string {
	rest = strings.TrimLeft(rest, `/\`)
	if end := strings.IndexAny(rest, `/\?#`); end >= 0 {
		rest = rest[:end]
	}
	rest = rest[strings.LastIndexByte(rest, '@')+1:] // what is before are credentials
	if colon := strings.LastIndexByte(rest, ':'); colon > strings.LastIndexByte(rest, ']') {
		rest = rest[:colon]
	}
	return rest
}

func startsWithSlashes(s string) bool {
	return len(s) > 1 && (s[0] == '/' || s[0] == '\\') && (s[1] == '/' || s[1] == '\\')
}

// schemeOf returns the scheme of an address in lower case, "" when it is
// relative.
func schemeOf(address string) string {
	for i, c := range []byte(address) {
		switch {
		case 'a' <= c|0x20 && c|0x20 <= 'z':
		case i > 0 && ('0' <= c && c <= '9' || c == '+' || c == '-' || c == '.'):
		case i > 0 && c == ':':
			return strings.ToLower(address[:i])
		default:
			return ""
		}
	}
	return ""
}

func isWeb(scheme string) bool {
	switch scheme {
	case "http", "https", "ws", "wss", "ftp":
		return true
	}
	return false
}

// trimURL takes out what browsers do not see in an address.
func trimURL(address string) string {
	address = strings.TrimFunc(address, func(c rune) bool { return c <= ' ' })
	if strings.ContainsAny(address, "\t\n\r") {
		address = strings.NewReplacer("\t", "", "\n", "", "\r", "").Replace(address)
	}
	return address
}

// siteCache remembers the sites of hosts. The zero value is ready, and may be
// used by many goroutines at once.
type siteCache struct {
	mu    sync.Mutex
	sites map[string]string
}

// maxSites is how many hosts of a page are remembered.
const maxSites = 1000

func (c *siteCache) of(host string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	site, ok := c.sites[host]
	if ok {
		return site
	}
	site = siteOfHost(host)
	if c.sites == nil {
		c.sites = make(map[string]string)
	}
	if len(c.sites) < maxSites {
		c.sites[strings.Clone(host)] = site
	}
	return site
}

// siteOfHost returns the registrable domain of a host, and a host that has
// none as it is, in lower case.
func siteOfHost(host string) string {
	if strings.Contains(host, "%") {
		if plain, err := url.PathUnescape(host); err == nil {
			host = plain
		}
	}
	if ascii, err := idna.Lookup.ToASCII(host); err == nil {
		host = ascii
	}
	host = strings.TrimSuffix(strings.ToLower(host), ".")
	if _, err := netip.ParseAddr(strings.Trim(host, "[]")); err == nil {
		return host
	}
	site, err := publicsuffix.EffectiveTLDPlusOne(host)
	if err != nil {
		return host // a public suffix itself, or a name such as localhost
	}
	return site
}
