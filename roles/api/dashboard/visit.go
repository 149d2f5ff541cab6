package dashboard

import (
	"bytes"
	"errors"
	"net/http"
	"net/url"
	"time"

	"webmon/roles/api/client"
	"webmon/store/token"
)

// visit is one request for a page.
type visit struct {
	*Dashboard
	w   http.ResponseWriter
	r   *http.Request
	api *client.Client
	who client.Caller
	now time.Time
}

// visited makes a handler of what shows a page.
func (d *Dashboard) visited(show func(*visit) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		v := &visit{Dashboard: d, w: w, r: r, api: d.client(w, r, sessionOf(r)), now: time.Now()}
		who, err := v.api.Whoami(r.Context())
		if err == nil {
			v.who = who
			err = show(v)
		}
		if err != nil {
			v.fail(err)
		}
	}
}

// forWriters makes a page that only those see who may change things: a form that
// will be refused is worth nothing to anybody else.
func forWriters(show func(*visit) error) func(*visit) error {
	return func(v *visit) error {
		if !v.who.Scope.Includes(token.Write) {
			return &client.Problem{
				Status: http.StatusForbidden, Title: http.StatusText(http.StatusForbidden),
				Detail: "This page is for changing things, and your token is for looking only: log in with another one.",
			}
		}
		return show(v)
	}
}

// client is a client of the API in the name of a request.
func (d *Dashboard) client(w http.ResponseWriter, r *http.Request, token string) *client.Client {
	return client.Through(inside{d.api, r, http.NewResponseController(w)}, token)
}

// frame is what is around the content of every page.
type frame struct {
	Title   string
	Menu    []entry
	Who     client.Caller
	Writes  bool // may change things
	Rules   bool // may do what admins may
	Session bool // there is something to log out of
	Flash   *flash
	Now     time.Time
	Version string
	Content any

	CSS, JS, Icon string // the addresses of files
}

// show answers with a page.
func (v *visit) show(status int, page, title string, content any) error {
	f := frame{
		Title: title, Menu: menu(v.r.URL.Path), Who: v.who, Session: v.who.Token != "",
		Writes: v.who.Scope.Includes(token.Write), Rules: v.who.Scope.Includes(token.Admin),
		Flash: takeFlash(v.w, v.r), Now: v.now, Version: v.version,
		CSS: v.static.path("app.css"), JS: v.static.path("app.js"), Icon: v.static.path("icon.svg"), Content: content,
	}
	var out bytes.Buffer
	if err := v.pages[page].ExecuteTemplate(&out, "layout", &f); err != nil {
		return err
	}
	v.w.Header().Set("Content-Type", "text/html; charset=utf-8")
	v.w.WriteHeader(status)
	_, _ = out.WriteTo(v.w) // an error means that the visitor is gone
	return nil
}

// done goes to a page that shows what a form did, with a word on it.
func (v *visit) done(path, text string) error {
	setFlash(v.w, v.r, flash{Text: text})
	http.Redirect(v.w, v.r, path, http.StatusSeeOther)
	return nil
}

// refused goes back to a page with the reason why a button did nothing. Who has
// to log in, or may not do it, gets the page that says so.
func (v *visit) refused(path string, err error) error {
	var p *client.Problem
	if !errors.As(err, &p) || p.Status == http.StatusUnauthorized || p.Status >= 500 {
		return err
	}
	setFlash(v.w, v.r, flash{Bad: true, Text: reason(p)})
	http.Redirect(v.w, v.r, path, http.StatusSeeOther)
	return nil
}

// failure is what the page of an error shows.
type failure struct {
	Status int
	Text   string
	Errors []client.Detail
}

// fail answers with a page that says what went wrong.
func (v *visit) fail(err error) {
	shown := failure{Status: http.StatusInternalServerError, Text: "webmon failed. Its log says more."}
	var p *client.Problem
	switch {
	case errors.As(err, &p) && p.Status == http.StatusUnauthorized:
		v.askToLogIn()
		return
	case errors.As(err, &p):
		shown = failure{Status: p.Status, Text: sentence(p.Detail), Errors: p.Errors}
	default:
		v.log.Error("a page failed", "path", v.r.URL.Path, "request", v.r.Header.Get(requestIDHeader), "err", err)
	}
	if err := v.show(shown.Status, "failure", http.StatusText(shown.Status), shown); err != nil {
		v.log.Error("the page of an error failed", "err", err)
		http.Error(v.w, shown.Text, shown.Status)
	}
}

// askToLogIn goes to the login, and from there back to the page. Who follows a
// link from elsewhere, such as an e-mail, may have logged in: browsers keep the
// cookie back until the page is asked for by a page of our own.
func (v *visit) askToLogIn() {
	if v.r.Method == http.MethodGet && v.r.Header.Get("Sec-Fetch-Site") == "cross-site" && v.r.Header.Get("Sec-Fetch-Mode") == "navigate" {
		if err := v.show(http.StatusOK, "arrival", "webmon", v.r.URL.RequestURI()); err != nil {
			v.log.Error("a page failed", "path", v.r.URL.Path, "err", err)
		}
		return
	}
	target := "/login"
	if v.r.Method == http.MethodGet && v.r.URL.Path != "/" {
		target += "?next=" + url.QueryEscape(v.r.URL.RequestURI())
	}
	http.Redirect(v.w, v.r, target, http.StatusSeeOther)
}
