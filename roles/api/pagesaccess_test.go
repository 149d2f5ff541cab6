package api_test

import (
	"crypto/tls"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"

	"webmon/roles/api"
	"webmon/store/storetest"
	"webmon/store/token"
)

// logIn logs in, and gives the page that follows.
func (b *browser) logIn(t token.Token) *page {
	b.t.Helper()
	return b.get("/login").submit("Log in", one("token", t.Reveal()))
}

// cookies are those that a browser has of the API.
func (b *browser) cookies() []*http.Cookie {
	b.t.Helper()
	u, err := url.Parse(b.base)
	if err != nil {
		b.t.Fatal(err)
	}
	return b.client.Jar.Cookies(u)
}

func TestLogIn(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t)
	_, reader := makeToken(t, s, token.Read)
	_, writer := makeToken(t, s, token.Write)
	h := startOn(t, s)
	b := h.browser()
	p := b.get("/assets/new?x=1").want(http.StatusOK).says("Log in").hides("Overview")
	if p.path != "/login?next="+url.QueryEscape("/assets/new?x=1") {
		t.Errorf("asked to log in at %s", p.path)
	}
	for _, wrong := range []string{"webmon_x_y", "nonsense", "a b", `a"; Path=/`, strings.Repeat("x", 5000)} {
		p.submit("Log in", one("token", wrong)).want(http.StatusUnauthorized).hides(wrong)
	}
	if len(b.cookies()) != 0 {
		t.Errorf("cookies after wrong tokens: %v", b.cookies())
	}
	p = p.submit("Log in", one("token", " "+reader.Reveal()+" ")).want(http.StatusOK).says("Add an asset", "the read one")
	if p.path != "/assets/new?x=1" {
		t.Errorf("ended at %s", p.path)
	}
	if strings.Contains(p.text, reader.Reveal()) {
		t.Error("the page holds the token")
	}
	p.submit("Log out", nil).want(http.StatusOK).says("Log in")
	if len(b.cookies()) != 0 {
		t.Errorf("cookies after logging out: %v", b.cookies())
	}
	// A token that is revoked ends the session.
	b.logIn(reader)
	if err := s.RevokeToken(t.Context(), reader.ID); err != nil {
		t.Fatal(err)
	}
	for b.get("/").path == "/" { // until the API reads the tokens anew
	}
	// No link leads a visitor who logs in elsewhere.
	for _, next := range []string{"//evil.example", "https://evil.example/", `/\evil.example`, "/\t/evil.example", "javascript:alert(1)"} {
		p := h.browser().get("/login?next=" + url.QueryEscape(next))
		if end := p.submit("Log in", one("token", writer.Reveal())); end.path != "/" || end.status != http.StatusOK {
			t.Errorf("%q leads to %s", next, end.path)
		}
	}
}

func TestCookie(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t)
	_, reader := makeToken(t, s, token.Read)
	h := startOn(t, s)
	noRedirect := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	login := func(form url.Values, header string) *http.Cookie {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, h.base+"/login", strings.NewReader(form.Encode()))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("X-Forwarded-Proto", header)
		response, err := noRedirect.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if len(response.Cookies()) != 1 {
			t.Fatalf("cookies %v", response.Cookies())
		}
		return response.Cookies()[0]
	}
	c := login(one("token", reader.Reveal()), "")
	if c.Name != "webmon" || !c.HttpOnly || c.Secure || c.SameSite != http.SameSiteStrictMode || c.Path != "/" || c.Domain != "" || c.MaxAge != 0 {
		t.Errorf("cookie %+v", c)
	}
	if c := login(one("token", reader.Reveal(), "remember", "yes"), ""); c.MaxAge != 30*24*3600 {
		t.Errorf("kept for %d s", c.MaxAge)
	}
	// Behind a proxy that speaks https.
	if c := login(one("token", reader.Reveal()), "https"); c.Name != "__Host-webmon" || !c.Secure || !c.HttpOnly || c.SameSite != http.SameSiteStrictMode {
		t.Errorf("cookie %+v", c)
	}
	// The cookie is for pages: the API knows nothing of it.
	h.do("GET", "/v1/assets", "", "Cookie: webmon="+reader.Reveal()).want(http.StatusUnauthorized)
	h.do("GET", "/metrics", "", "Cookie: webmon="+reader.Reveal()).want(http.StatusUnauthorized)
	h.do("GET", "/", "", "Cookie: webmon="+reader.Reveal()).want(http.StatusOK)
}

func TestCookieWithTLS(t *testing.T) {
	t.Parallel()
	folder, s := t.TempDir(), storetest.Open(t)
	pair(t, folder, "localhost")
	_, reader := makeToken(t, s, token.Read)
	h := startOn(t, s, func(o *api.Options) { o.TLSCert, o.TLSKey = folder+"/cert.pem", folder+"/key.pem" })
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}
	defer transport.CloseIdleConnections()
	b := &browser{t, "https" + strings.TrimPrefix(h.base, "http"), &http.Client{Jar: jar, Transport: transport}}
	b.logIn(reader).want(http.StatusOK).says("the read one")
	if c := b.cookies(); len(c) != 1 || c[0].Name != "__Host-webmon" {
		t.Errorf("cookies %v", c)
	}
}

// TestReaderSeesNoButtons looks at all that somebody sees who may only look.
func TestReaderSeesNoButtons(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t)
	_, reader := makeToken(t, s, token.Read)
	_, writer := makeToken(t, s, token.Write)
	_, admin := makeToken(t, s, token.Admin)
	h := startOn(t, s)
	full := h.browser()
	full.logIn(admin)
	p := full.get("/assets/new").submit("Add and check", one("url", "http://a.example/?token=s3cr3t", "tags", "x")).want(http.StatusOK)
	id := p.idIn()
	b := h.browser()
	b.logIn(reader).want(http.StatusOK).says("the read one", "(read)")
	for _, path := range []string{"/", "/assets/" + id, "/assets/" + id + "/results", "/assets/" + id + "/metrics", "/batches", "/incidents", "/processes", "/plugins"} {
		for _, form := range b.get(path).want(http.StatusOK).hides("s3cr3t").all(`form[method=post]`) {
			if action := attribute(form, "action"); action != "/logout" {
				t.Errorf("%s: a form that posts to %s", path, action)
			}
		}
	}
	for _, path := range []string{"/assets", "/assets/" + id + "/delete", "/assets/" + id + "/edit", "/assets/" + id + "/accept", "/assets/check", "/snapshots"} {
		page := b.post(path, one("url", "http://b.example/", "all", "yes", "interval", "60s", "timeout", "10s"))
		if page.says("scope"); page.status == http.StatusOK && len(page.all(".flash.bad")) == 0 {
			t.Errorf("POST %s with the scope read: %s", path, page.text)
		}
	}
	if n := len(full.get("/").all(".assets .main")); n != 1 {
		t.Errorf("there are %d assets now", n)
	}
	w := h.browser()
	w.logIn(writer)
	if w.get("/processes").hasButton("Take one now") || !full.get("/processes").hasButton("Take one now") {
		t.Error("only admins may take snapshots")
	}
	if w.get("/assets/"+id).hasButton("Check now") != true {
		t.Error("no button for who may write")
	}
	full.get("/assets/" + id).hides("s3cr3t")
}

// TestOtherOrigins plays a page of another site that a visitor who has logged
// in comes to.
func TestOtherOrigins(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t)
	_, admin := makeToken(t, s, token.Admin)
	h := startOn(t, s)
	b := h.browser()
	b.logIn(admin)
	id := b.get("/assets/new").submit("Add and check", one("url", "http://a.example/")).idIn()
	for _, header := range []string{"Sec-Fetch-Site: cross-site", "Sec-Fetch-Site: same-site", "Origin: https://evil.example", "Origin: null"} {
		for _, path := range []string{"/assets/" + id + "/delete", "/assets", "/logout", "/login", "/assets/check", "/import"} {
			b.post(path, one("url", "http://b.example/"), header).want(http.StatusForbidden)
		}
	}
	b.get("/assets/"+id).want(http.StatusOK).says("a.example", "the admin one")
	// A browser's own form says where it comes from.
	b.post("/assets/"+id+"/pause", nil, "Origin: "+h.base).want(http.StatusOK).says("Paused")
	b.post("/assets/"+id+"/resume", nil, "Sec-Fetch-Site: same-origin").want(http.StatusOK).says("Resumed")
	// Nothing is changed by looking.
	for _, path := range []string{"/logout", "/snapshots", "/assets/" + id + "/pause", "/assets/" + id + "/check"} {
		if p := b.get(path); p.status < http.StatusBadRequest {
			t.Errorf("GET %s: status %d", path, p.status)
		}
	}
	// Who follows a link of an e-mail comes without the cookie at first.
	stranger := h.browser()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, h.base+"/assets/"+id+"?window=7d", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	r.Header.Set("Sec-Fetch-Mode", "navigate")
	response, err := stranger.client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != http.StatusOK || response.Request.URL.Path != "/assets/"+id {
		t.Errorf("sent to %s", response.Request.URL)
	}
}

// TestNamesThatLeadHere: without tokens a page of another site could have its own
// name lead to this machine.
func TestNamesThatLeadHere(t *testing.T) {
	t.Parallel()
	h := start(t)
	id := h.create(`{"url":"http://a/"}`)
	for _, path := range []string{"/", "/assets/" + id, "/assets/" + id + "/badge.svg", "/events", "/export"} {
		a := h.do("GET", path, "", "Host: evil.example").want(http.StatusForbidden)
		if strings.Contains(string(a.body), "http://a/") {
			t.Errorf("%s tells of the assets", path)
		}
	}
	h.do("POST", "/assets/"+id+"/delete", "", "Host: evil.example", "Origin: http://evil.example").want(http.StatusForbidden)
	h.do("GET", "/v1/assets/"+id, "").want(http.StatusOK)
}

func TestPicturesAndEventsWithACookie(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t)
	_, reader := makeToken(t, s, token.Read)
	_, writer := makeToken(t, s, token.Write)
	h := startOn(t, s)
	w := h.browser()
	w.logIn(writer)
	id := w.get("/assets/new").submit("Add and check", one("url", "http://a.example/", "name", "Bakery")).idIn()
	b := h.browser()
	b.logIn(reader)
	p := b.get("/assets/" + id + "/badge.svg").want(http.StatusOK)
	if p.header.Get("Content-Type") != "image/svg+xml" || p.header.Get("Cross-Origin-Resource-Policy") != "same-origin" {
		t.Errorf("%v", p.header)
	}
	h.do("GET", "/assets/"+id+"/badge.svg", "").want(http.StatusUnauthorized)
	// A stream of events begins, and is cut off by us.
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, h.base+"/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := b.client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	if response.StatusCode != http.StatusOK || response.Header.Get("Content-Type") != "text/event-stream" {
		t.Errorf("%s %v", response.Status, response.Header)
	}
	first := make([]byte, len("retry: "))
	if _, err := response.Body.Read(first); err != nil || string(first) != "retry: " {
		t.Errorf("%q, %v", first, err)
	}
	response.Body.Close()
	h.do("GET", "/events", "").want(http.StatusUnauthorized)
}
