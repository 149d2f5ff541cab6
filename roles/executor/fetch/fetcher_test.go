package fetch

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"webmon/plugins"
	"webmon/roles/dialguard"
	"webmon/store"
)

// newTestFetcher makes a fetcher that is closed with the test.
func newTestFetcher(t testing.TB, o Options) *Fetcher {
	t.Helper()
	if o.UserAgent == "" {
		o.UserAgent = "webmon-test"
	}
	if o.Guard == nil {
		o.Guard = guard(t, dialguard.Options{Private: true}) // where the servers of tests are
	}
	f, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.Close)
	return f
}

func guard(t testing.TB, o dialguard.Options) *dialguard.Policy {
	t.Helper()
	policy, err := dialguard.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return policy
}

// serve starts a server that ends with the test.
func serve(t testing.TB, h http.HandlerFunc) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s
}

// asset is one to fetch at url, with time enough for a slow machine.
func asset(url string) store.Asset {
	return store.Asset{URL: url, Timeout: store.Duration(30 * time.Second)}
}

// mustFetch fetches a page that has to come without an error.
func mustFetch(t testing.TB, f *Fetcher, a store.Asset) *plugins.Page {
	t.Helper()
	p := f.Fetch(t.Context(), a)
	if p.Err != nil {
		t.Fatalf("%s: %s: %v", a.URL, p.ErrClass, p.Err)
	}
	return p
}

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]Options{
		"no user agent":     {},
		"bad user agent":    {UserAgent: "a\r\nb"},
		"negative max body": {UserAgent: "x", MaxBody: -1},
		"huge max body":     {UserAgent: "x", MaxBody: LargestMaxBody + 1},
	} {
		if _, err := New(o); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestPage(t *testing.T) {
	t.Parallel()
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("X-Test", "yes")
		w.WriteHeader(http.StatusTeapot)
		io.WriteString(w, "<p>grüße</p>")
	})
	before := time.Now()
	p := mustFetch(t, newTestFetcher(t, Options{}), asset(s.URL+"/x?y=1"))
	switch {
	case p.URL != s.URL+"/x?y=1" || p.FinalURL != p.URL:
		t.Errorf("URL %q, FinalURL %q", p.URL, p.FinalURL)
	case p.Status != http.StatusTeapot || p.Proto != "HTTP/1.1" || p.Header.Get("X-Test") != "yes":
		t.Errorf("status %d, proto %q, header %v", p.Status, p.Proto, p.Header)
	case string(p.Body) != "<p>grüße</p>" || p.WireBytes != int64(len(p.Body)) || p.Truncated:
		t.Errorf("body %q, wire bytes %d, truncated %t", p.Body, p.WireBytes, p.Truncated)
	case p.RemoteAddr != s.Listener.Addr().String():
		t.Errorf("RemoteAddr %q, want %q", p.RemoteAddr, s.Listener.Addr())
	case p.TLS != nil || p.ErrClass != "" || len(p.Redirects) != 0:
		t.Errorf("TLS %v, class %q, redirects %v", p.TLS, p.ErrClass, p.Redirects)
	case p.At.Before(before):
		t.Errorf("At %v is before the fetch began at %v", p.At, before)
	}
	timing := p.Timing
	if timing.DNS != 0 || timing.TLS != 0 {
		t.Errorf("phases that did not happen took time: %+v", timing)
	}
	if timing.Connect <= 0 || timing.FirstByte <= 0 || timing.Transfer < 0 ||
		timing.Connect+timing.FirstByte+timing.Transfer > timing.Total {
		t.Errorf("phases do not fit into the total: %+v", timing)
	}
}

func TestRequest(t *testing.T) {
	t.Parallel()
	type seen struct {
		method, host, body string
		header             http.Header
	}
	got := make(chan seen, 1)
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got <- seen{r.Method, r.Host, string(body), r.Header}
	})
	f := newTestFetcher(t, Options{UserAgent: "webmon/9"})
	host := s.Listener.Addr().String()
	withUser := strings.Replace(s.URL, "http://", "http://ann:s3cret@", 1)
	tests := []struct {
		name    string
		url     string
		request store.Request
		want    seen // of the header only what is named
	}{
		{"defaults", s.URL, store.Request{}, seen{"GET", host, "", http.Header{
			"User-Agent": {"webmon/9"}, "Accept": {"*/*"}, "Accept-Encoding": {"gzip, br, zstd"},
			"Connection": {"close"}, "Authorization": nil, "Cookie": nil}}},
		{"post", s.URL, store.Request{Method: "POST", Body: "a=1", Headers: map[string]string{"content-type": "text/x"}},
			seen{"POST", host, "a=1", http.Header{"Content-Type": {"text/x"}, "Content-Length": {"3"}}}},
		{"own headers", s.URL, store.Request{Headers: map[string]string{
			"HOST": "example.test", "accept-encoding": "identity", "Accept": "text/plain", "X-Key": "k"}},
			seen{"GET", "example.test", "", http.Header{"Accept-Encoding": {"identity"}, "Accept": {"text/plain"}, "X-Key": {"k"}, "Host": nil}}},
		{"user agent", s.URL, store.Request{UserAgent: "other", Headers: map[string]string{"User-Agent": "third"}},
			seen{"GET", host, "", http.Header{"User-Agent": {"other"}}}},
		{"basic", s.URL, store.Request{BasicAuth: &store.BasicAuth{Username: "Aladdin", Password: "open sesame"}},
			seen{"GET", host, "", http.Header{"Authorization": {"Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="}}}},
		{"bearer", s.URL, store.Request{BearerToken: "tok"},
			seen{"GET", host, "", http.Header{"Authorization": {"Bearer tok"}}}},
		{"user in URL", withUser, store.Request{},
			seen{"GET", host, "", http.Header{"Authorization": {"Basic YW5uOnMzY3JldA=="}}}},
	}
	for _, tt := range tests {
		a := asset(tt.url)
		a.Request = tt.request
		p := mustFetch(t, f, a)
		g := <-got
		if g.method != tt.want.method || g.host != tt.want.host || g.body != tt.want.body {
			t.Errorf("%s: got %s %s %q", tt.name, g.method, g.host, g.body)
		}
		for name, want := range tt.want.header {
			if have := g.header[name]; strings.Join(have, "|") != strings.Join(want, "|") {
				t.Errorf("%s: %s is %q, want %q", tt.name, name, have, want)
			}
		}
		if strings.Contains(p.FinalURL, "s3cret") {
			t.Errorf("%s: FinalURL %q shows the password", tt.name, p.FinalURL)
		}
	}
}

func TestNoBody(t *testing.T) {
	t.Parallel()
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		// The coding of an absent body must not be missed.
		w.Header().Set("Content-Encoding", "gzip")
		if r.Method == http.MethodHead {
			w.Header().Set("Content-Length", "1000")
			return
		}
		w.WriteHeader(http.StatusNoContent)
	})
	f := newTestFetcher(t, Options{})
	for _, tt := range []struct {
		method string
		status int
	}{{"HEAD", 200}, {"GET", 204}} {
		a := asset(s.URL)
		a.Request.Method = tt.method
		p := mustFetch(t, f, a)
		if p.Status != tt.status || len(p.Body) != 0 || p.WireBytes != 0 {
			t.Errorf("%s: status %d, body %q, %d wire bytes", tt.method, p.Status, p.Body, p.WireBytes)
		}
	}
}

func TestTruncated(t *testing.T) {
	t.Parallel()
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		n, _ := strconv.Atoi(r.URL.Query().Get("n"))
		io.WriteString(w, strings.Repeat("ü", n/2)+strings.Repeat("x", n%2))
	})
	f := newTestFetcher(t, Options{MaxBody: 1001})
	for _, tt := range []struct {
		sent      string
		kept      int
		truncated bool
	}{
		{"1000", 1000, false}, {"1001", 1001, false},
		{"1002", 1000, true}, // the limit is in the middle of a letter
		{"9000000", 1000, true},
	} {
		p := mustFetch(t, f, asset(s.URL+"?n="+tt.sent))
		if len(p.Body) != tt.kept || p.Truncated != tt.truncated || p.WireBytes > 1001 {
			t.Errorf("%s bytes: kept %d, truncated %t, %d wire bytes", tt.sent, len(p.Body), p.Truncated, p.WireBytes)
		}
	}
}

func TestIPv6(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "[::1]:0")
	if err != nil {
		t.Logf("this machine has no IPv6 loopback: %v", err)
		return
	}
	s := &httptest.Server{Listener: l, Config: &http.Server{Handler: http.NotFoundHandler()}}
	s.Start()
	t.Cleanup(s.Close)
	p := mustFetch(t, newTestFetcher(t, Options{}), asset(s.URL))
	if p.Status != 404 || p.RemoteAddr != l.Addr().String() {
		t.Errorf("status %d from %q", p.Status, p.RemoteAddr)
	}
}

// The proxy variables are for other programs; see the package comment. A proxy
// would also connect where the guard does not let webmon.
func TestProxyIgnored(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {})
	nobody := "http://" + closedPort(t)
	for _, name := range []string{"HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"} {
		t.Setenv(name, nobody)
	}
	// By a name, since addresses of loopback never go through these proxies.
	resolver := nameServer(t, func(string, int) []string { return []string{"127.0.0.1"} })
	f := newTestFetcher(t, Options{resolver: resolver})
	mustFetch(t, f, asset(strings.Replace(s.URL, "127.0.0.1", "site.test", 1)))
	if f.verified.Proxy != nil || f.insecure.Proxy != nil {
		t.Error("a transport may use a proxy")
	}
}

func TestInterrupted(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		cancel()
		<-r.Context().Done()
	})
	p := newTestFetcher(t, Options{}).Fetch(ctx, asset(s.URL))
	if p.ErrClass != plugins.ErrOther || !strings.Contains(p.Err.Error(), "interrupted while waiting") {
		t.Errorf("%s: %v", p.ErrClass, p.Err)
	}
}

func TestHost(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"http://Example.COM":            "example.com",
		"https://Example.com/a?b":       "example.com",
		"https://u:p@example.com:8443/": "example.com:8443",
		"http://[::1]/":                 "::1",
		"http://[2001:DB8::1]:81/":      "[2001:db8::1]:81",
		"http://bücher.example/":        "xn--bcher-kva.example",
		"HTTP://a":                      "a",
		"http://a:":                     "a",
		"http://a:0":                    "",
		"http://a:65536":                "",
		"ftp://a":                       "",
		"http://":                       "",
		"a":                             "",
		"":                              "",
		"http://%zz":                    "",
		"http://::":                     "",
		"http://]":                      "",
		"http://a;b":                    "",
		"http://[fe80::1%25lo]":         "",
	} {
		if got := Host(in); got != want {
			t.Errorf("Host(%q) = %q, want %q", in, got, want)
		}
	}
}
