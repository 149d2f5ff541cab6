package headers

import (
	"net/http"
	"strings"

	"webmon/plugins"
)

// document is what the body of an HTML answer adds to its headers.
type document struct {
	policy    string // Content-Security-Policy of meta elements
	referrer  string // policy of a meta element
	integrity integrity
}

// integrity is whether scripts of other sites name the hash that they must
// have. Its numbers are remembered.
type integrity int

const (
	noForeignScripts integrity = iota
	pinnedScripts
	pinnedPlainScripts // they come by plain http
	openScripts
	openPlainScripts
	numIntegrities
)

var integrities = [numIntegrities]struct {
	name   string
	points int
}{
	noForeignScripts: {"not needed", 0}, pinnedScripts: {"yes", 5}, pinnedPlainScripts: {"by plain http", -20},
	openScripts: {"missing", -5}, openPlainScripts: {"missing, by plain http", -50},
}

const (
	maxPolicy   = 2048 // bytes
	maxReferrer = 300
)

// readDocument reads the body.
func readDocument(page *plugins.Page) document {
	outline := page.Outline()
	d := document{policy: clip(outline.Policy, maxPolicy), referrer: clip(outline.Referrer, maxReferrer)}
	own := page.SiteOf("#")
	for i := range outline.Scripts {
		d.integrity = max(d.integrity, scriptIntegrity(page, &outline.Scripts[i], own))
	}
	return d
}

// scriptIntegrity judges a script. The scheme of an address that begins with
// "//" counts as plain http, as it does for the Observatory.
func scriptIntegrity(page *plugins.Page, script *plugins.Script, own string) integrity {
	src := strings.ToLower(strings.TrimSpace(script.Src))
	secure, shared := strings.HasPrefix(src, "https://"), strings.HasPrefix(src, "//")
	full := secure || strings.HasPrefix(src, "http://")
	if src == "" || !shared && (!full || page.SiteOf(src) == own) {
		if script.Integrity && (secure || !full && isSecure(address(page))) && src != "" {
			return pinnedScripts
		}
		return noForeignScripts
	}
	switch {
	case script.Integrity && secure:
		return pinnedScripts
	case script.Integrity:
		return pinnedPlainScripts
	case secure:
		return openScripts
	}
	return openPlainScripts
}

// framePolicy tells what keeps other sites from framing the page.
func framePolicy(header http.Header, policy policy) (fact string, points int) {
	if policy.frameAncestors {
		return "csp", 5
	}
	switch value := strings.ToLower(strings.TrimSpace(header.Get("X-Frame-Options"))); {
	case value == "deny", value == "sameorigin":
		return "x-frame-options", 5
	case strings.HasPrefix(value, "allow-from"):
		return "none", 0 // browsers ignore it by now
	}
	return "none", -20
}

// referrerPolicy reads a Referrer-Policy. Of several policies in it, the last
// that is known counts.
func referrerPolicy(headers []string, meta string) (fact string, points int) {
	fact = "none"
	for _, list := range append(headers[:len(headers):len(headers)], meta) {
		for policy := range strings.SplitSeq(list, ",") {
			switch policy = strings.ToLower(strings.TrimSpace(policy)); policy {
			case "no-referrer", "same-origin", "strict-origin", "strict-origin-when-cross-origin":
				fact, points = "private", 5
			case "origin", "origin-when-cross-origin", "unsafe-url", "no-referrer-when-downgrade":
				fact, points = "unsafe", -5
			case "":
			default:
				if fact == "none" {
					fact, points = "invalid", -5
				}
			}
		}
	}
	return fact, points
}

// isolation reads a header that keeps other sites apart from the page, such as
// Cross-Origin-Opener-Policy. Good values are worth 10 points.
func isolation(headers []string, good ...string) (points int) {
	if len(headers) == 0 {
		return 0
	}
	value, _, _ := strings.Cut(headers[0], ";") // parameters follow
	value = strings.ToLower(strings.TrimSpace(value))
	for _, word := range good {
		if value == word && len(headers) == 1 {
			return 10
		}
	}
	if len(headers) == 1 && (value == "unsafe-none" || value == "cross-origin") {
		return 0
	}
	return -5
}

func clip(s string, limit int) string { return strings.ToValidUTF8(s[:min(len(s), limit)], "") }
