package headers

import (
	"net/http"
	"strings"
)

// cookieCount is how many cookies an answer sets, and what they lack.
type cookieCount struct {
	all             int
	unprotected     int // without Secure, or for sessions without HttpOnly
	insecure        int // without Secure
	insecureSession int
	openSession     int // for sessions, without HttpOnly
	withoutSameSite int
}

func countCookies(header http.Header) (c cookieCount) {
	for _, line := range header["Set-Cookie"] {
		cookie, err := http.ParseSetCookie(line)
		if err != nil || cookie.MaxAge < 0 || cookie.Value == "" {
			continue // a cookie that is taken back needs no protection
		}
		session := isSession(cookie.Name)
		c.all++
		if !cookie.Secure || session && !cookie.HttpOnly {
			c.unprotected++
		}
		if !cookie.Secure {
			c.insecure++
			if session {
				c.insecureSession++
			}
		}
		if session && !cookie.HttpOnly {
			c.openSession++
		}
		if cookie.SameSite == 0 || cookie.SameSite == http.SameSiteNoneMode {
			c.withoutSameSite++
		}
	}
	return c
}

// isSession tells whether a cookie's name is one that sessions have.
func isSession(name string) bool {
	name = strings.ToLower(name)
	for _, part := range []string{"sess", "login", "sid", "auth", "jwt"} {
		if strings.Contains(name, part) {
			return true
		}
	}
	return false
}

// points are those of the worst cookie.
func (c cookieCount) points(hsts bool) int {
	switch {
	case c.all == 0:
		return 0
	case c.insecureSession > 0 && !hsts:
		return -40
	case c.openSession > 0:
		return -30
	case c.insecure > 0 && !hsts:
		return -20
	case c.insecureSession > 0:
		return -10
	case c.insecure > 0:
		return -5
	case c.withoutSameSite == 0:
		return 5
	}
	return 0
}
