package headers

import (
	"math/bits"
	"net/http"
	"strconv"
	"strings"

	"webmon/plugins"
)

// The protections whose loss is told. Their numbers are remembered.
const (
	https = iota
	hsts
	csp
	cspScripts
	nosniff
	frameOptions
	referrerPolicy
	numProtections
)

var protections = [numProtections]struct{ name, what string }{
	https:          {"https", "The encrypted connection"},
	hsts:           {"hsts", "Strict-Transport-Security"},
	csp:            {"csp", "The Content-Security-Policy"},
	cspScripts:     {"csp_scripts", "A Content-Security-Policy against foreign and inline scripts"},
	nosniff:        {"nosniff", "X-Content-Type-Options: nosniff"},
	frameOptions:   {"frame_protection", "The protection against being framed by other sites"},
	referrerPolicy: {"referrer_policy", "A Referrer-Policy that keeps addresses private"},
}

// protectionSet holds a bit for each protection.
type protectionSet uint16

func (s protectionSet) has(p int) bool { return s>>p&1 == 1 }
func (s protectionSet) count() int     { return bits.OnesCount16(uint16(s)) }

func (s *protectionSet) set(p int, there bool) {
	if there {
		*s |= 1 << p
	}
}

// assessment is what the headers of an answer say.
type assessment struct {
	protections protectionSet
	score       int // 0 to 100
	cookies     cookieCount
	facts       map[string]string
}

// The points are those that the Mozilla Observatory publishes. What it finds
// out with more requests, or in the body, is left out: the list of preloaded
// sites, redirects from http, CORS and subresource integrity. Its bonus points
// count only for answers that do well without them.
const (
	fullScore     = 100
	bonusFrom     = 90
	hstsLongTime  = 15768000 // seconds: six months
	noHTTPS       = -20
	noHSTS        = -20
	shortHSTS     = -10
	noNosniff     = -5
	noFrames      = -20
	goodFrames    = 5
	goodReferrer  = 5
	badReferrer   = -5
	closedToOther = 10 // Cross-Origin-Resource-Policy
)

// assess reads the headers of page.
func assess(page *plugins.Page) assessment {
	a := assessment{facts: make(map[string]string, 8)}
	points, bonus := 0, 0
	count := func(n int) {
		if n > 0 {
			bonus += n
		} else {
			points += n
		}
	}
	address := page.FinalURL
	if address == "" {
		address = page.URL
	}
	secure := page.TLS != nil || len(address) >= 8 && strings.EqualFold(address[:8], "https://")
	a.protections.set(https, secure)
	if !secure {
		count(noHTTPS)
	}

	age, hasHSTS := maxAge(page.Header.Get("Strict-Transport-Security"))
	hasHSTS = hasHSTS && secure && age > 0
	a.protections.set(hsts, hasHSTS)
	switch {
	case !hasHSTS:
		count(noHSTS)
		a.facts["hsts"] = "none"
	case age < hstsLongTime:
		count(shortHSTS)
		a.facts["hsts"] = "less than six months"
	default:
		a.facts["hsts"] = "six months or more"
	}

	policy := readPolicy(page.Header.Values("Content-Security-Policy"))
	a.protections.set(csp, policy.grade != noPolicy)
	a.protections.set(cspScripts, policy.grade.stopsScripts())
	count(policy.grade.points())
	a.facts["csp"] = policy.grade.String()

	sniff := strings.EqualFold(strings.TrimSpace(page.Header.Get("X-Content-Type-Options")), "nosniff")
	a.protections.set(nosniff, sniff)
	if !sniff {
		count(noNosniff)
	}
	a.facts["nosniff"] = yes(sniff)

	frames := framePolicy(page.Header, policy)
	a.protections.set(frameOptions, frames != "none")
	if frames == "none" {
		count(noFrames)
	} else {
		count(goodFrames)
	}
	a.facts["frame_protection"] = frames

	referrer := referrerGrade(page.Header.Values("Referrer-Policy"))
	a.protections.set(referrerPolicy, referrer > 0)
	count(referrer)
	a.facts["referrer_policy"] = map[int]string{goodReferrer: "private", 0: "none", badReferrer: "unsafe"}[referrer]

	switch strings.ToLower(strings.TrimSpace(page.Header.Get("Cross-Origin-Resource-Policy"))) {
	case "same-origin", "same-site":
		count(closedToOther)
	}
	a.cookies = countCookies(page.Header)
	count(a.cookies.points(hasHSTS))

	a.score = fullScore + points
	if a.score >= bonusFrom {
		a.score += bonus
	}
	a.score = min(max(a.score, 0), fullScore)
	return a
}

func yes(there bool) string {
	if there {
		return "yes"
	}
	return "none"
}

// maxAge reads the seconds of a Strict-Transport-Security header.
func maxAge(header string) (seconds int, ok bool) {
	for directive := range strings.SplitSeq(header, ";") {
		name, value, _ := strings.Cut(directive, "=")
		if strings.EqualFold(strings.TrimSpace(name), "max-age") {
			seconds, err := strconv.Atoi(strings.Trim(strings.TrimSpace(value), `"`))
			return seconds, err == nil
		}
	}
	return 0, false
}

// framePolicy tells what keeps other sites from framing the page.
func framePolicy(header http.Header, policy policy) string {
	if policy.frameAncestors {
		return "csp"
	}
	switch strings.ToLower(strings.TrimSpace(header.Get("X-Frame-Options"))) {
	case "deny", "sameorigin":
		return "x-frame-options"
	}
	return "none"
}

// referrerGrade returns the points of a Referrer-Policy. Of several policies
// in it, the last that is known counts.
func referrerGrade(headers []string) int {
	grade := 0
	for _, header := range headers {
		for policy := range strings.SplitSeq(header, ",") {
			switch strings.ToLower(strings.TrimSpace(policy)) {
			case "no-referrer", "same-origin", "strict-origin", "strict-origin-when-cross-origin":
				grade = goodReferrer
			case "origin", "origin-when-cross-origin", "unsafe-url", "no-referrer-when-downgrade":
				grade = badReferrer
			}
		}
	}
	return grade
}
