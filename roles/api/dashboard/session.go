package dashboard

import (
	"errors"
	"net/http"
	"strings"
	"time"

	"webmon/roles/api/client"
)

// The token of who has logged in is in a cookie. The API itself never looks at
// it: only the pages do, and what changes something is refused before, when it
// comes from a page of another origin.

const (
	sessionCookie = "webmon"
	// rememberFor is how long a browser that is told to keeps the cookie.
	rememberFor = 30 * 24 * time.Hour
	maxToken    = 200 // bytes
)

// secure tells whether the browser speaks https, with us or with a proxy before
// us. Who claims so falsely gets a cookie that their browser does not send.
func secure(r *http.Request) bool {
	return r.TLS != nil || r.Header.Get("X-Forwarded-Proto") == "https"
}

// cookieName ties the cookie to this very host where browsers can do that.
func cookieName(r *http.Request, name string) string {
	if secure(r) {
		return "__Host-" + name
	}
	return name
}

// sessionOf is the token of who makes a request; empty without one.
func sessionOf(r *http.Request) string {
	c, err := r.Cookie(cookieName(r, sessionCookie))
	if err != nil {
		return ""
	}
	return c.Value
}

func setCookie(w http.ResponseWriter, r *http.Request, name, value string, age time.Duration) {
	c := &http.Cookie{
		Name: cookieName(r, name), Value: value, Path: "/", Secure: secure(r),
		HttpOnly: true, SameSite: http.SameSiteStrictMode, MaxAge: int(age.Seconds()),
	}
	if value == "" {
		c.MaxAge = -1
	}
	http.SetCookie(w, c)
}

// loginForm is what the page of the login shows.
type loginForm struct {
	Next  string
	Error string
}

func (d *Dashboard) loginPage(w http.ResponseWriter, r *http.Request) {
	v := &visit{Dashboard: d, w: w, r: r, api: d.client(w, r, sessionOf(r)), now: time.Now()}
	next := localPath(r.URL.Query().Get("next"))
	_, err := v.api.Whoami(r.Context())
	var p *client.Problem
	switch {
	case err == nil: // logged in already, or open to all
		http.Redirect(w, r, next, http.StatusSeeOther)
		return
	case errors.As(err, &p) && p.Status == http.StatusUnauthorized:
		err = v.show(http.StatusOK, "login", "Log in", loginForm{Next: next})
	}
	if err != nil {
		v.fail(err)
	}
}

func (d *Dashboard) login(w http.ResponseWriter, r *http.Request) {
	given := strings.TrimSpace(r.PostFormValue("token"))
	next := localPath(r.PostFormValue("next"))
	v := &visit{Dashboard: d, w: w, r: r, api: d.client(w, r, given), now: time.Now()}
	var err error = errNoToken
	if given != "" && len(given) <= maxToken && !strings.ContainsFunc(given, notInToken) {
		_, err = v.api.Whoami(r.Context())
	}
	var p *client.Problem
	switch {
	case err == nil:
		age := time.Duration(0) // until the browser is closed
		if r.PostFormValue("remember") != "" {
			age = rememberFor
		}
		setCookie(w, r, sessionCookie, given, age)
		http.Redirect(w, r, next, http.StatusSeeOther)
		return
	case errors.As(err, &p) && (p.Status == http.StatusUnauthorized || p.Status == http.StatusTooManyRequests):
		err = v.show(p.Status, "login", "Log in", loginForm{Next: next, Error: sentence(p.Detail)})
	}
	if err != nil {
		v.fail(err)
	}
}

var errNoToken = &client.Problem{
	Status: http.StatusUnauthorized, Title: http.StatusText(http.StatusUnauthorized),
	Detail: "this is no token: one begins with webmon_",
}

func notInToken(c rune) bool { return c <= ' ' || c > '~' || strings.ContainsRune(`",;\`, c) }

func (d *Dashboard) logout(w http.ResponseWriter, r *http.Request) {
	setCookie(w, r, sessionCookie, "", 0)
	http.Redirect(w, r, "/login", http.StatusSeeOther)
}

// localPath is where to go within webmon: never to another host, whatever a
// link says.
func localPath(path string) string {
	if !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") || strings.ContainsFunc(path, func(c rune) bool { return c == '\\' || c < ' ' }) {
		return "/"
	}
	return path
}
