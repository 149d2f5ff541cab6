package fetch

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"webmon/plugins"
	"webmon/store"
)

// Cookies by the thousand cost no more than a few.
func TestRedirectCookies(t *testing.T) {
	t.Parallel()
	sent := make(chan int, 2*store.MaxRedirects)
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		sent <- len(r.Cookies())
		if _, err := r.Cookie("long"); err == nil {
			t.Error("a cookie over the limit was sent back")
		}
		n, _ := strconv.Atoi(r.URL.Path[1:])
		if n == 0 {
			return
		}
		w.Header().Add("Set-Cookie", "long="+strings.Repeat("x", maxCookie))
		for i := range 2900 {
			w.Header().Add("Set-Cookie", fmt.Sprintf("c%d=x", n*10_000+i))
		}
		http.Redirect(w, r, fmt.Sprint("/", n-1), http.StatusFound)
	})
	a := asset(s.URL + "/" + strconv.Itoa(store.MaxRedirects))
	a.Request.MaxRedirects = limit(store.MaxRedirects)
	mustFetch(t, newTestFetcher(t, Options{}), a)
	<-sent // the first request has none
	for range store.MaxRedirects {
		if n := <-sent; n != maxCookies {
			t.Fatalf("%d cookies were sent back, want %d", n, maxCookies)
		}
	}
}

// An address that no server would take is not followed, and not kept.
func TestRedirectLongAddress(t *testing.T) {
	t.Parallel()
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if n, _ := strconv.Atoi(r.URL.Query().Get("n")); n > 0 {
			w.Header().Set("Location", "/?x="+strings.Repeat("x", n-len("/?x=")))
			w.WriteHeader(http.StatusFound)
		}
	})
	f := newTestFetcher(t, Options{})
	mustFetch(t, f, asset(fmt.Sprintf("%s/?n=%d", s.URL, maxLocation)))
	p := f.Fetch(t.Context(), asset(fmt.Sprintf("%s/?n=%d", s.URL, maxLocation+1)))
	if p.ErrClass != plugins.ErrRequest || !strings.Contains(p.Err.Error(), "8193 bytes") || len(p.FinalURL) > 100 {
		t.Errorf("%s: %v, at %.100s", p.ErrClass, p.Err, p.FinalURL)
	}
}

// FuzzRedirect follows addresses that a server may send.
func FuzzRedirect(f *testing.F) {
	for _, to := range []string{
		"/next", "//b.test:81/x", "?q", "#f", "../..", "https://b.test", "http://u:p@b.test/", "http://[::1%25lo]/", "HTTP://B.TEST.:0080/%zz",
		"http://b\u00fccher.test/", "http://a.test\\@b.test/", "http:b.test", "http://a.test:80:80/", "file:///etc/passwd", "http://\uff11\uff12\uff17.0.0.1/",
		"http://0x7f.1/", "http://%31.test/", "///b.test", "\t/next", "http://a.test;b/", "http://[v1.x]/",
	} {
		f.Add("http://a.test/dir/page?q=1#top", to)
		f.Add("https://a.test:8443/", to)
	}
	f.Fuzz(func(t *testing.T, from, location string) {
		start, err := parseTarget(from)
		if err != nil {
			return
		}
		next, err := resolve(start, location)
		if err != nil {
			return
		}
		host, port, found := strings.Cut(strings.TrimPrefix(next.Host[strings.LastIndexByte(next.Host, ']')+1:], ":"), ":")
		if strings.HasPrefix(next.Host, "[") {
			host, port, found = next.Hostname(), host, true
		}
		number, err := strconv.Atoi(port)
		if !found || err != nil || number < 1 || number > 65535 || host == "" || host != strings.ToLower(host) || strings.ContainsFunc(host, notPlain) {
			t.Errorf("%q from %q leads to the host %q", location, from, next.Host)
		}
		if next.Scheme != "http" && next.Scheme != "https" || next.User != nil {
			t.Errorf("%q from %q leads to %s", location, from, next)
		}
		again, err := parseTarget(display(next))
		if err != nil || again.Host != next.Host || again.Scheme != next.Scheme {
			t.Errorf("%q from %q is shown as %q, which leads to %v, %v", location, from, display(next), again, err)
		}
		if sameOwner(start, next) && start.Hostname() != next.Hostname() {
			t.Errorf("%q and %q count as one host", start.Host, next.Host)
		}
	})
}

func notPlain(r rune) bool {
	return r > unicode.MaxASCII || unicode.IsControl(r) || unicode.IsSpace(r) || strings.ContainsRune("/\\@?#", r)
}
