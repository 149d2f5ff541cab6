package headers

import (
	"net/http"
	"strings"
	"time"
)

// cookieCount is how many cookies an answer sets, and what they lack.
type cookieCount struct {
	all         int
	unprotected int // without Secure, or for sessions without HttpOnly
	points      int // those of the worst cookie, or of all when nothing is wrong
}

// countCookies looks at the cookies that an answer sets at a time. Longterm
// HSTS protects those without Secure.
func countCookies(header http.Header, at time.Time, hsts bool) (c cookieCount) {
	sameSite := true
	for _, line := range header["Set-Cookie"] {
		cookie, err := http.ParseSetCookie(line)
		if err != nil || cookie.MaxAge < 0 || cookie.MaxAge == 0 && !cookie.Expires.IsZero() && !cookie.Expires.After(at) {
			continue // one that is taken back needs no protection
		}
		session := isSession(cookie.Name)
		c.all++
		if !cookie.Secure || session && !cookie.HttpOnly {
			c.unprotected++
		}
		c.points = min(c.points, cookiePoints(cookie, session, hsts))
		sameSite = sameSite && cookie.SameSite != 0
	}
	if c.all > 0 && c.points == 0 && sameSite {
		c.points = 5
	}
	return c
}

// cookiePoints are those of a cookie's worst fault.
func cookiePoints(cookie *http.Cookie, session, hsts bool) (points int) {
	fault := func(is bool, n int) {
		if is {
			points = min(points, n)
		}
	}
	invalid := cookie.SameSite == http.SameSiteDefaultMode || // an unknown word
		cookie.SameSite == http.SameSiteNoneMode && !cookie.Secure
	fault(!cookie.Secure && hsts, -5)
	fault(!cookie.Secure && hsts && session, -10)
	fault(!cookie.Secure && !hsts, -20)
	fault(!cookie.Secure && !hsts && session, -40)
	fault(invalid, -20)
	fault(cookie.SameSite == 0 && strings.Contains(strings.ToLower(cookie.Name), "csrf"), -20)
	fault(session && !cookie.HttpOnly, -30)
	return points
}

// isSession tells whether a cookie's name is one that sessions have.
func isSession(name string) bool {
	name = strings.ToLower(name)
	return strings.Contains(name, "sess") && name != "heroku-session-affinity" || strings.Contains(name, "login")
}
