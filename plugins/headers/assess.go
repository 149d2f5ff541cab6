package headers

import (
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
	frames
	referrer
	cookies
	numProtections
)

var protections = [numProtections]struct{ name, what string }{
	https:      {"https", "The encrypted connection"},
	hsts:       {"hsts", "Strict-Transport-Security"},
	csp:        {"csp", "The Content-Security-Policy"},
	cspScripts: {"csp_scripts", "A Content-Security-Policy against foreign and inline scripts"},
	nosniff:    {"nosniff", "X-Content-Type-Options: nosniff"},
	frames:     {"frame_protection", "The protection against being framed by other sites"},
	referrer:   {"referrer_policy", "A Referrer-Policy that keeps addresses private"},
	cookies:    {"cookie_protection", "The protection of all cookies by Secure, and of sessions by HttpOnly"},
}

// state is whether a protection is there.
type state uint8

const (
	notAsked state = iota // it means nothing for this answer
	missing
	there
)

// assessment is what an answer says of its protections.
type assessment struct {
	protections [numProtections]state
	score       int // from 0; above 100 for what is better than it must be
	cookies     cookieCount
	facts       map[string]string
}

// assess reads the headers of page, and of HTML what its body adds. Answers
// that are no HTML are not judged by what only means something for documents.
func assess(page *plugins.Page, d *document) assessment {
	a := assessment{facts: make(map[string]string, 10)}
	var t tally
	set := func(p int, is bool) {
		a.protections[p] = missing
		if is {
			a.protections[p] = there
		}
	}
	secure := page.TLS != nil || isSecure(address(page))
	set(https, secure)
	t.add(redirectionPoints(page))

	transport := readTransportSecurity(page, secure)
	set(hsts, transport.on)
	a.facts["hsts"] = transport.fact
	t.add(transport.points)

	sniff := strings.EqualFold(strings.TrimSpace(page.Header.Get("X-Content-Type-Options")), "nosniff")
	set(nosniff, sniff)
	a.facts["nosniff"] = "yes"
	if !sniff {
		a.facts["nosniff"] = "none"
		t.add(-5)
	}
	t.add(isolation(page.Header["Cross-Origin-Resource-Policy"], "same-origin", "same-site"))

	a.cookies = countCookies(page.Header, page.At, transport.long)
	if a.cookies.all > 0 {
		set(cookies, a.cookies.unprotected == 0)
	}
	t.add(a.cookies.points)

	if d != nil {
		policy := readPolicy(page.Header["Content-Security-Policy"], d.policy, secure)
		set(csp, policy.strength > invalidPolicy)
		set(cspScripts, policy.strength.stopsScripts())
		a.facts["csp"] = strengths[policy.strength].name
		t.add(strengths[policy.strength].points)

		fact, points := framePolicy(page.Header, policy)
		set(frames, fact != "none")
		a.facts["frame_protection"] = fact
		t.add(points)

		fact, points = referrerPolicy(page.Header["Referrer-Policy"], d.referrer)
		set(referrer, fact == "private")
		a.facts["referrer_policy"] = fact
		t.add(points)

		a.facts["integrity"] = integrities[d.integrity].name
		t.add(integrities[d.integrity].points)
		t.add(isolation(page.Header["Cross-Origin-Opener-Policy"], "same-origin", "same-origin-allow-popups", "noopener-allow-popups"))
		t.add(isolation(page.Header["Cross-Origin-Embedder-Policy"], "require-corp", "credentialless"))
	}
	a.score = t.score()
	a.facts["grade"] = grade(a.score)
	return a
}

// count is how many protections are there.
func (a *assessment) count() (n int) {
	for _, state := range a.protections {
		if state == there {
			n++
		}
	}
	return n
}
