package fetch

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"golang.org/x/net/http/httpguts"
)

// Host is the key by which checks of one server are counted together: the
// lower-case host name of an http or https address, with its port unless that
// is the usual one of either scheme. It is "" for anything else.
func Host(rawURL string) string {
	u, err := parseTarget(rawURL)
	if err != nil {
		return ""
	}
	if port := u.Port(); port == "80" || port == "443" {
		return u.Hostname()
	}
	return u.Host
}

// parseTarget reads an address to fetch. In the result Host is always a lower
// case ASCII "host:port".
func parseTarget(rawURL string) (*url.URL, error) {
	u, err := url.Parse(rawURL)
	if err != nil {
		return nil, parseError(err)
	}
	return u, checkTarget(u)
}

// checkTarget tells whether u can be fetched, and makes its Host complete.
func checkTarget(u *url.URL) error {
	port := u.Port()
	switch u.Scheme {
	case "http":
		if port == "" {
			port = "80"
		}
	case "https":
		if port == "" {
			port = "443"
		}
	case "":
		return errors.New("the address has no scheme: it must begin with http:// or https://")
	default:
		return fmt.Errorf("addresses of the scheme %q are not fetched: only http and https are", u.Scheme)
	}
	host := u.Hostname()
	if host == "" {
		return errors.New("the address names no host")
	}
	if n, err := strconv.Atoi(port); err != nil || n < 1 || n > 65535 {
		return fmt.Errorf("%s is not a port: it must be from 1 to 65535", port)
	}
	ascii, err := httpguts.PunycodeHostPort(host)
	if err != nil {
		return fmt.Errorf("%q is not a host name: %w", host, err)
	}
	ascii = strings.ToLower(ascii)
	if !isHost(ascii) {
		return fmt.Errorf("%q is not a host name", host)
	}
	u.Host = net.JoinHostPort(ascii, port)
	return nil
}

// isHost tells whether host is an IPv6 address, or has only the characters of
// names. url.Parse takes more, such as "::" and "a;b". A zone means something
// only on the machine that wrote it.
func isHost(host string) bool {
	if strings.Contains(host, ":") {
		addr, err := netip.ParseAddr(host)
		return err == nil && addr.Zone() == ""
	}
	return !strings.ContainsFunc(host, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-' && r != '.' && r != '_'
	})
}

// display writes the address of u for people: without the port its scheme has
// anyway, and without credentials.
func display(u *url.URL) string {
	v := *u
	v.User = nil
	v.Host = hostHeader(u)
	return v.String()
}

// hostHeader is the Host header for a complete u: as visitors' browsers send
// it, without the scheme's own port.
func hostHeader(u *url.URL) string {
	if u.Scheme == "http" {
		return strings.TrimSuffix(u.Host, ":80")
	}
	return strings.TrimSuffix(u.Host, ":443")
}

// sameOwner tells whether credentials meant for a may be sent to b: the same
// host and port, and no step from https down to http. The usual step up from
// http to https on the default ports is allowed.
func sameOwner(a, b *url.URL) bool {
	if a.Scheme == b.Scheme {
		return a.Host == b.Host
	}
	return a.Scheme == "http" && a.Hostname() == b.Hostname() && a.Port() == "80" && b.Port() == "443"
}

// parseError takes the address out of the error of url.Parse: whoever reads
// it knows the address.
func parseError(err error) error {
	var parse *url.Error
	if errors.As(err, &parse) {
		err = parse.Err
	}
	return fmt.Errorf("the address is malformed: %w", err)
}
