// Package asseturl brings the URLs of assets into one form, and says what is
// wrong with those that cannot be watched.
package asseturl

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

const (
	maxHost  = 253 // of a name in DNS, in its text form
	maxLabel = 63
)

// Normalize returns raw as webmon keeps it: scheme and host in lower case,
// international names in punycode, no default port, no fragment, and a path of
// at least "/". Percent-encoding is kept as written. Normalizing twice changes
// nothing more.
//
// An error is one plain sentence for the person who wrote the URL. It never
// repeats a password.
func Normalize(raw string) (string, error) {
	raw = strings.TrimSpace(raw)
	if err := checkText(raw); err != nil {
		return "", err
	}
	if !strings.Contains(raw, "://") {
		return "", fmt.Errorf("the URL has no scheme: write https://%s", strings.TrimLeft(raw, "/"))
	}
	u, err := url.Parse(raw)
	if err != nil {
		return "", parseError(err)
	}
	if u.Scheme != "http" && u.Scheme != "https" {
		return "", fmt.Errorf("the scheme %q cannot be watched: use http or https", u.Scheme)
	}
	if u.User != nil {
		return "", errors.New("a user name or password in the URL is not allowed: use request.basic_auth")
	}
	if u.Host, err = host(u); err != nil {
		return "", err
	}
	if u.Path == "" {
		u.Path = "/"
	}
	u.RawQuery = escapeQuery(u.RawQuery)
	u.Fragment, u.RawFragment = "", ""
	return u.String(), nil
}

func checkText(raw string) error {
	if raw == "" {
		return errors.New("the URL is empty")
	}
	if !utf8.ValidString(raw) {
		return errors.New("the URL is not valid UTF-8")
	}
	for _, r := range raw {
		switch {
		case unicode.IsSpace(r):
			return errors.New("the URL has white space inside: write a space as %20")
		case unicode.IsControl(r):
			return fmt.Errorf("the URL has a control character inside: %U", r)
		}
	}
	return nil
}

// parseError leaves the URL out of the error: it may hold a password.
func parseError(err error) error {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		err = wrapped.Err
	}
	var escape url.EscapeError
	if errors.As(err, &escape) {
		return fmt.Errorf("the URL is not valid: %q is no percent-encoding; write a percent sign as %%25", string(escape))
	}
	if strings.Contains(err.Error(), "invalid port") {
		return errors.New("the port is not a number from 1 to 65535")
	}
	if strings.Contains(err.Error(), "userinfo") {
		return errors.New("a user name or password in the URL is not allowed: use request.basic_auth")
	}
	return fmt.Errorf("the URL is not valid: %w", err)
}

// host is the normal form of u's host, with its port when that is not the
// scheme's own.
func host(u *url.URL) (string, error) {
	name := u.Hostname()
	if strings.HasPrefix(u.Host, "[") {
		addr, err := netip.ParseAddr(name)
		if err != nil || !addr.Is6() {
			return "", fmt.Errorf("[%s] is not an IPv6 address", name)
		}
		if addr.Zone() != "" {
			return "", errors.New("an IPv6 address with a zone means something on one machine only: leave the zone out")
		}
		name = "[" + addr.String() + "]"
	} else {
		var err error
		if name, err = hostName(name); err != nil {
			return "", err
		}
	}
	port := u.Port()
	if port == "" {
		return name, nil
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil || n == 0 {
		return "", fmt.Errorf("the port %s is not a number from 1 to 65535", port)
	}
	if u.Scheme == "http" && n == 80 || u.Scheme == "https" && n == 443 {
		return name, nil
	}
	return name + ":" + strconv.FormatUint(n, 10), nil
}

func hostName(name string) (string, error) {
	if name == "" {
		return "", errors.New("the URL has no host")
	}
	if utf8.RuneCountInString(name) > maxHost+1 { // +1: a dot at the end
		// Checked first, since IDNA's work grows with the square of the length.
		return "", fmt.Errorf("the host is longer than %d characters", maxHost)
	}
	ascii := strings.ToLower(name)
	if !isASCII(name) {
		// Only names that need it: IDNA's rules refuse plain names that exist,
		// such as those with an underscore.
		var err error
		if ascii, err = idna.Lookup.ToASCII(name); err != nil {
			return "", fmt.Errorf("the host %q is not a valid international name", name)
		}
	}
	if len(strings.TrimSuffix(ascii, ".")) > maxHost {
		return "", fmt.Errorf("the host is longer than %d characters", maxHost)
	}
	labels := strings.Split(strings.TrimSuffix(ascii, "."), ".")
	for _, label := range labels {
		if err := checkLabel(label); err != nil {
			return "", fmt.Errorf("the host %q is not valid: %w", name, err)
		}
	}
	if looksNumeric(labels[len(labels)-1]) {
		addr, err := netip.ParseAddr(ascii)
		if err != nil {
			return "", fmt.Errorf("the host %q looks like an IPv4 address and is none: write four numbers from 0 to 255", name)
		}
		return addr.String(), nil
	}
	return ascii, nil
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

func checkLabel(label string) error {
	if label == "" {
		return errors.New("there is nothing between two dots")
	}
	if len(label) > maxLabel {
		return fmt.Errorf("the part %q is longer than %d characters", label, maxLabel)
	}
	for _, r := range label {
		if (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-' && r != '_' {
			return fmt.Errorf("%q cannot be in a host name", r)
		}
	}
	if label[0] == '-' || label[len(label)-1] == '-' {
		return fmt.Errorf("the part %q begins or ends with a hyphen", label)
	}
	return nil
}

// looksNumeric tells whether a name that ends in label is taken for an IPv4
// address by browsers, and by resolvers of the old kind ("127.1", "0x7f.1").
func looksNumeric(label string) bool {
	if rest, ok := strings.CutPrefix(label, "0x"); ok {
		return strings.Trim(rest, "0123456789abcdef") == ""
	}
	return strings.Trim(label, "0123456789") == ""
}

// escapeQuery percent-encodes what may not stand in a request line. The rest
// stays as written, since servers differ in how they read queries.
func escapeQuery(query string) string {
	if isASCII(query) {
		return query
	}
	var b strings.Builder
	for i := range len(query) {
		if query[i] < utf8.RuneSelf {
			b.WriteByte(query[i])
		} else {
			fmt.Fprintf(&b, "%%%02X", query[i])
		}
	}
	return b.String()
}
