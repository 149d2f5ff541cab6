package fetch

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"webmon/plugins"
	"webmon/store"
)

func limit(n int) *int { return &n }

func TestRedirectChain(t *testing.T) {
	t.Parallel()
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		n, _ := strconv.Atoi(r.URL.Path[1:])
		if n == 0 {
			io.WriteString(w, "home")
			return
		}
		w.Header().Set("Location", fmt.Sprint(n-1)) // relative
		w.WriteHeader(http.StatusFound)
		io.WriteString(w, "moved")
	})
	for _, tt := range []struct {
		limit *int
		start int
		hops  int
		body  string
		class plugins.ErrorClass
	}{
		{nil, 0, 0, "home", ""},
		{nil, 10, 10, "home", ""},
		{nil, 11, 10, "", plugins.ErrRedirects},
		{limit(2), 2, 2, "home", ""},
		{limit(2), 3, 2, "", plugins.ErrRedirects},
		{limit(0), 3, 0, "moved", ""},
		{limit(store.MaxRedirects), 1000, store.MaxRedirects, "", plugins.ErrRedirects},
	} {
		for _, keepAlive := range []bool{false, true} {
			a := asset(fmt.Sprintf("%s/%d", s.URL, tt.start))
			a.Request.MaxRedirects = tt.limit
			p := newTestFetcher(t, Options{KeepAlive: keepAlive}).Fetch(t.Context(), a)
			if p.ErrClass != tt.class || string(p.Body) != tt.body || len(p.Redirects) != tt.hops {
				t.Errorf("from %d: %q, body %q, redirects %v", tt.start, p.ErrClass, p.Body, p.Redirects)
				continue
			}
			for i, hop := range p.Redirects {
				if want := (plugins.Hop{URL: fmt.Sprintf("%s/%d", s.URL, tt.start-i), Status: 302}); hop != want {
					t.Errorf("hop %d is %v, want %v", i, hop, want)
				}
			}
			if want := fmt.Sprintf("%s/%d", s.URL, tt.start-tt.hops); p.FinalURL != want || p.URL != a.URL {
				t.Errorf("final URL %q, want %q", p.FinalURL, want)
			}
			if wantStatus := map[string]int{"home": 200}[tt.body]; wantStatus == 0 && p.Status != 302 {
				t.Errorf("from %d: status %d", tt.start, p.Status)
			}
		}
	}
}

func TestRedirectLoop(t *testing.T) {
	t.Parallel()
	s := serve(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/", http.StatusMovedPermanently) })
	p := newTestFetcher(t, Options{}).Fetch(t.Context(), asset(s.URL))
	if p.ErrClass != plugins.ErrRedirects || len(p.Redirects) != 10 || p.Err.Error() != "stopped after 10 redirects" {
		t.Errorf("%s: %v, %v", p.ErrClass, p.Err, p.Redirects)
	}
}

func TestRedirectTargetsRefused(t *testing.T) {
	t.Parallel()
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header()["Location"] = []string{r.URL.Query().Get("to")}
		w.WriteHeader(http.StatusFound)
	})
	f := newTestFetcher(t, Options{})
	for _, to := range []string{"file:///etc/passwd", "gopher://127.0.0.1/", "javascript:alert(1)", "http://", "http://127.0.0.1:99999/", "http://%zz/", "http://a b/"} {
		p := f.Fetch(t.Context(), asset(s.URL+"?to="+strings.NewReplacer("%", "%25", " ", "%20").Replace(to)))
		if p.ErrClass != plugins.ErrRequest || p.Status != 302 || !strings.HasPrefix(p.Err.Error(), "the redirect cannot be followed") {
			t.Errorf("%s: %s: %v, status %d", to, p.ErrClass, p.Err, p.Status)
		}
	}
	if p := mustFetch(t, f, asset(s.URL+"?to=")); p.Status != 302 {
		t.Errorf("a redirect to nowhere: status %d", p.Status)
	}
}

func TestRedirectToNobody(t *testing.T) {
	t.Parallel()
	nobody := "http://" + closedPort(t) + "/"
	s := serve(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, nobody, http.StatusFound) })
	p := newTestFetcher(t, Options{}).Fetch(t.Context(), asset(s.URL))
	if p.ErrClass != plugins.ErrRefused || p.Status != 0 || p.Header != nil || p.FinalURL != nobody || len(p.Redirects) != 1 {
		t.Errorf("%s, status %d, header %v, final %q, redirects %v", p.ErrClass, p.Status, p.Header, p.FinalURL, p.Redirects)
	}
}

func TestRedirectMethod(t *testing.T) {
	t.Parallel()
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if status, _ := strconv.Atoi(r.URL.Path[1:]); status != 0 {
			http.Redirect(w, r, "/", status)
			return
		}
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("X-Got", fmt.Sprintf("%s %q", r.Method, body))
	})
	f := newTestFetcher(t, Options{})
	for _, tt := range []struct {
		status       int
		method, want string
	}{
		{301, "POST", `GET ""`}, {302, "POST", `GET ""`}, {303, "PUT", `GET ""`},
		{307, "POST", `POST "a=1"`}, {308, "PUT", `PUT "a=1"`}, {302, "HEAD", `HEAD ""`},
	} {
		a := asset(fmt.Sprintf("%s/%d", s.URL, tt.status))
		a.Request.Method = tt.method
		if tt.method != "HEAD" {
			a.Request.Body = "a=1"
		}
		if got := mustFetch(t, f, a).Header.Get("X-Got"); got != tt.want {
			t.Errorf("%d after %s: got %q, want %q", tt.status, tt.method, got, tt.want)
		}
	}
}

// Sites that set a cookie and redirect until it comes back must not loop.
func TestRedirectCookie(t *testing.T) {
	t.Parallel()
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if c, err := r.Cookie("seen"); err == nil {
			io.WriteString(w, "welcome "+c.Value)
			return
		}
		http.SetCookie(w, &http.Cookie{Name: "seen", Value: "yes"})
		http.Redirect(w, r, "/", http.StatusFound)
	})
	f := newTestFetcher(t, Options{})
	for range 2 { // no cookie outlives its check
		if p := mustFetch(t, f, asset(s.URL)); string(p.Body) != "welcome yes" || len(p.Redirects) != 1 {
			t.Errorf("body %q, redirects %v", p.Body, p.Redirects)
		}
	}
}

func TestCredentialsStayAtHome(t *testing.T) {
	t.Parallel()
	got := make(chan *http.Request, 1)
	other := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if home := r.URL.Query().Get("back"); home != "" {
			http.Redirect(w, r, home, http.StatusFound)
			return
		}
		got <- r
	})
	home := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if to := r.URL.Query().Get("to"); to != "" {
			http.Redirect(w, r, to, http.StatusFound)
			return
		}
		got <- r
	})
	f := newTestFetcher(t, Options{})
	withPassword := strings.Replace(other.URL, "http://", "http://evil:pw@", 1)
	for _, tt := range []struct {
		name, to string
		secrets  bool
	}{
		{"same host", "/next", true},
		{"same host, absolute", home.URL + "/next", true},
		{"other host", other.URL, false},
		{"other host, its own credentials", withPassword, false},
		{"there and back", other.URL + "?back=" + home.URL, false},
	} {
		for kind, r := range map[string]store.Request{
			"basic":  {BasicAuth: &store.BasicAuth{Username: "a", Password: "b"}},
			"bearer": {BearerToken: "x"},
			"header": {Headers: map[string]string{"Authorization": "x"}},
		} {
			a := asset(home.URL + "?to=" + tt.to)
			a.Request = r
			if a.Request.Headers == nil {
				a.Request.Headers = map[string]string{}
			}
			a.Request.Headers["Cookie"] = "session=1"
			a.Request.Headers["X-Api-Key"] = "k"
			a.Request.Headers["Host"] = "virtual.test"
			a.Request.Headers["Accept-Language"] = "de"
			mustFetch(t, f, a)
			req := <-got
			for _, name := range []string{"Authorization", "Cookie", "X-Api-Key"} {
				if has := req.Header.Get(name) != ""; has != tt.secrets {
					t.Errorf("%s, %s: %s is %q", tt.name, kind, name, req.Header.Get(name))
				}
			}
			if (req.Host == "virtual.test") != tt.secrets || req.Header.Get("Accept-Language") != "de" {
				t.Errorf("%s, %s: host %q, header %v", tt.name, kind, req.Host, req.Header)
			}
		}
	}
}

func TestSameOwner(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		from, to string
		want     bool
	}{
		{"http://a/", "http://a/x", true},
		{"http://a/", "https://a/", true},
		{"https://a/", "http://a/", false},
		{"http://a:8080/", "https://a/", false},
		{"https://a/", "https://a:8443/", false},
		{"https://a/", "https://www.a/", false},
		{"https://a/", "https://b/", false},
	} {
		from, err := parseTarget(tt.from)
		if err != nil {
			t.Fatal(err)
		}
		to, err := parseTarget(tt.to)
		if err != nil {
			t.Fatal(err)
		}
		if got := sameOwner(from, to); got != tt.want {
			t.Errorf("%s to %s: %t", tt.from, tt.to, got)
		}
	}
}

func TestTimingOverRedirects(t *testing.T) {
	t.Parallel()
	second := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "x") }))
	t.Cleanup(second.Close)
	first := httptest.NewTLSServer(http.RedirectHandler(second.URL, http.StatusFound))
	t.Cleanup(first.Close)
	f := newTestFetcher(t, Options{})
	a := asset(strings.Replace(first.URL, "127.0.0.1", "localhost", 1))
	a.Request.InsecureTLS = true
	p := mustFetch(t, f, a)
	v := reflect.ValueOf(p.Timing)
	for i := range v.NumField() {
		if v.Field(i).Int() <= 0 {
			t.Errorf("%s is %d", v.Type().Field(i).Name, v.Field(i).Int())
		}
	}
	if sum := p.Timing.DNS + p.Timing.Connect + p.Timing.TLS + p.Timing.FirstByte + p.Timing.Transfer; sum > p.Timing.Total {
		t.Errorf("the phases make %v of %v", sum, p.Timing.Total)
	}
}
