package fetch

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"

	"golang.org/x/net/dns/dnsmessage"

	"webmon/plugins"
	"webmon/roles/dialguard"
	"webmon/store"
)

// outside is a loopback address that stands for a public server in these tests:
// their guard lets it through, and refuses the rest of this machine, which
// stands for what is inside.
const outside = "127.0.0.2"

func outsideOnly(t testing.TB) *dialguard.Policy {
	return guard(t, dialguard.Options{Allow: []netip.Prefix{netip.MustParsePrefix(outside + "/32")}})
}

// estate is a server on all addresses of this machine. From outside it gives
// whatever answer says; inside it counts who comes.
type estate struct {
	port string

	mu       sync.Mutex
	intruder []string // requests that came in by another address than outside
}

func newEstate(t testing.TB, answer http.HandlerFunc) *estate {
	t.Helper()
	l, err := net.Listen("tcp", ":0")
	if err != nil {
		t.Fatal(err)
	}
	e := &estate{}
	s := &httptest.Server{Listener: l, Config: &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		came := r.Context().Value(http.LocalAddrContextKey).(*net.TCPAddr)
		if !came.IP.Equal(net.ParseIP(outside)) {
			e.mu.Lock()
			defer e.mu.Unlock()
			e.intruder = append(e.intruder, fmt.Sprintf("%s at %s", r.URL, came.IP))
			return
		}
		answer(w, r)
	})}}
	s.Start()
	t.Cleanup(s.Close)
	_, e.port, _ = net.SplitHostPort(l.Addr().String())
	return e
}

func (e *estate) mustBeAlone(t *testing.T) {
	t.Helper()
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(e.intruder) > 0 {
		t.Errorf("got inside: %v", e.intruder)
	}
}

// nameServer answers with what address says for the n-th question for the name;
// with none it knows no such name. IPv6 addresses do not exist there.
func nameServer(t testing.TB, addresses func(name string, n int) []string) *net.Resolver {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	go func() {
		asked, buf := map[string]int{}, make([]byte, 1500)
		for {
			n, from, err := conn.ReadFrom(buf)
			if err != nil {
				return
			}
			var m dnsmessage.Message
			if m.Unpack(buf[:n]) != nil || len(m.Questions) != 1 {
				continue
			}
			q := m.Questions[0]
			m.Response, m.Additionals = true, nil
			if name := strings.TrimSuffix(q.Name.String(), "."); q.Type == dnsmessage.TypeA {
				asked[name]++
				for _, a := range addresses(name, asked[name]) {
					m.Answers = append(m.Answers, dnsmessage.Resource{
						Header: dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class},
						Body:   &dnsmessage.AResource{A: netip.MustParseAddr(a).As4()},
					})
				}
				if len(m.Answers) == 0 {
					m.RCode = dnsmessage.RCodeNameError
				}
			}
			answer, err := m.Pack()
			if err == nil {
				conn.WriteTo(answer, from)
			}
		}
	}()
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "udp", conn.LocalAddr().String())
	}}
}

// Names that old resolvers take for the address 127.0.0.1 in other notations.
var notations = []string{"2130706433", "017700000001", "0x7f000001", "0177.0.0.1", "0x7f.0.0.1", "0x7f.1", "127.1", "127.0.1", "127.0.0.1."}

// Whatever a URL or a Location says, nobody gets inside.
func TestGuard(t *testing.T) {
	t.Parallel()
	resolver := nameServer(t, func(name string, _ int) []string { return []string{"127.0.0.1"} })
	e := newEstate(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header()["Location"] = []string{strings.ReplaceAll(r.URL.Query().Get("to"), "PORT", r.Host[strings.LastIndexByte(r.Host, ':')+1:])}
		w.WriteHeader(http.StatusFound)
	})
	sure := []string{ // of what is refused by the guard, and by nothing before it
		"http://127.0.0.1:PORT/", "http://127.0.0.3:PORT/", "http://localhost:PORT/", "http://inside.test:PORT/",
		"http://[::1]:PORT/", "http://[::ffff:127.0.0.1]:PORT/", "http://[::ffff:7f00:1]:PORT/", "http://[0:0:0:0:0:ffff:127.0.0.1]:PORT/",
		"http://0.0.0.0:PORT/", "http://[::]:PORT/", "http://[::127.0.0.1]:PORT/", "http://[64:ff9b::127.0.0.1]:PORT/",
		"https://127.0.0.1:PORT/", "https://inside.test:PORT/",
		"http://169.254.169.254/latest/meta-data/", "http://[fd00:ec2::254]/", "http://168.63.129.16/",
		"http://good.example@127.0.0.1:PORT/", "http://good.example:80@inside.test:PORT/", "http://127.0.0.2@127.0.0.1:PORT/",
		"//127.0.0.1:PORT/", "http://127。0。0。1:PORT/", "http://127.0.0.1:PORT/", "http://inside。test:PORT/",
	}
	other := []string{
		"http://good.example\\@127.0.0.1:PORT/", "http:\\\\127.0.0.1:PORT/", "http:/\\127.0.0.1:PORT/", "http://127.0.0.1:PORT\t/",
		"http://127.0.0.1%00.good.example:PORT/", "http://127.0.0.1%2f.good.example:PORT/", "http://%31%32%37.0.0.1:PORT/",
		"http://[fe80::1%25lo]:PORT/", "http://127.0.0.1:PORT:80/", "http://127.0.0.1 :PORT/", "http:127.0.0.1:PORT/", "http://:PORT/",
		"file:///etc/passwd", "gopher://127.0.0.1:PORT/_x", "ftp://127.0.0.1:PORT/", "javascript:alert(1)", "data:text/html,x",
		"dict://127.0.0.1:PORT/", "ldap://127.0.0.1:PORT/", "unix:///run/x.sock", "ws://127.0.0.1:PORT/", "about:blank", "HTTP+unix://x/",
	}
	for _, name := range notations {
		other = append(other, "http://"+name+":PORT/")
	}
	for _, keepAlive := range []bool{false, true} {
		f := newTestFetcher(t, Options{Guard: outsideOnly(t), KeepAlive: keepAlive, resolver: resolver})
		for i, to := range append(sure, other...) {
			a := asset(strings.ReplaceAll(to, "PORT", e.port))
			a.Request.InsecureTLS = true
			direct := f.Fetch(t.Context(), a)
			a = asset("http://" + outside + ":" + e.port + "/?to=" + strings.NewReplacer("%", "%25", " ", "%20", "\t", "%09", "\\", "%5C").Replace(to))
			a.Request.InsecureTLS = true
			redirected := f.Fetch(t.Context(), a)
			for how, p := range map[string]*plugins.Page{"direct": direct, "by redirect": redirected} {
				if to == "//127.0.0.1:PORT/" && how == "direct" {
					continue // no URL of its own
				}
				fine := p.ErrClass == plugins.ErrForbidden || i >= len(sure) && (p.ErrClass == plugins.ErrRequest || p.ErrClass == plugins.ErrDNS)
				if !fine {
					t.Errorf("%s %s: class %q, %v", to, how, p.ErrClass, p.Err)
				}
			}
			if redirected.Status == http.StatusOK {
				t.Errorf("%s was followed", to)
			}
		}
	}
	e.mustBeAlone(t)
}

// A name that has another address when it is asked for again gains nothing:
// what is judged is the address of the connection.
func TestRebinding(t *testing.T) {
	t.Parallel()
	for _, keepAlive := range []bool{false, true} {
		resolver := nameServer(t, func(name string, n int) []string {
			switch {
			case name == "mixed.test":
				return []string{"127.0.0.1", outside, "169.254.169.254"}
			case n == 1:
				return []string{outside}
			}
			return []string{"127.0.0.1"}
		})
		e := newEstate(t, func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/again" {
				w.Header().Set("Connection", "close")
				http.Redirect(w, r, "/", http.StatusFound)
				return
			}
			w.Header().Set("Connection", "close") // so that the next check has to connect anew
			io.WriteString(w, "hello")
		})
		f := newTestFetcher(t, Options{Guard: outsideOnly(t), KeepAlive: keepAlive, resolver: resolver})
		if p := mustFetch(t, f, asset("http://rebind.test:"+e.port)); string(p.Body) != "hello" {
			t.Errorf("first: %q", p.Body)
		}
		if p := f.Fetch(t.Context(), asset("http://rebind.test:"+e.port)); p.ErrClass != plugins.ErrForbidden || !strings.Contains(p.Err.Error(), "127.0.0.1 is this machine itself") {
			t.Errorf("second: %s: %v", p.ErrClass, p.Err)
		}
		if p := f.Fetch(t.Context(), asset("http://turning.test:"+e.port+"/again")); p.ErrClass != plugins.ErrForbidden || len(p.Redirects) != 1 {
			t.Errorf("within one check: %s: %v, %v", p.ErrClass, p.Err, p.Redirects)
		}
		// Of several addresses those that are allowed are tried.
		if p := mustFetch(t, f, asset("http://mixed.test:"+e.port)); p.RemoteAddr != outside+":"+e.port {
			t.Errorf("mixed: from %s", p.RemoteAddr)
		}
		e.mustBeAlone(t)
	}
}

// A Fetcher that nobody gave a guard reaches public addresses only.
func TestGuardIsOnByDefault(t *testing.T) {
	t.Parallel()
	e := newEstate(t, nil)
	f, err := New(Options{UserAgent: "x"})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	p := f.Fetch(t.Context(), asset("http://127.0.0.1:"+e.port))
	if p.ErrClass != plugins.ErrForbidden || !strings.Contains(p.Err.Error(), "add 127.0.0.1 or its network to the setting targets-allow") {
		t.Errorf("%s: %v", p.ErrClass, p.Err)
	}
	e.mustBeAlone(t)
}

// A body is sent again when a redirect asks for it, but not to somebody else.
func TestBodyStaysAtHome(t *testing.T) {
	t.Parallel()
	got := make(chan string, 10)
	other := serve(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got <- fmt.Sprintf("%s %q", r.Method, body)
	})
	home := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Location", other.URL)
		w.WriteHeader(map[string]int{"/302": 302, "/303": 303, "/307": 307, "/308": 308}[r.URL.Path])
	})
	f := newTestFetcher(t, Options{})
	for path, want := range map[string]string{"/302": `GET ""`, "/303": `GET ""`, "/307": "", "/308": ""} {
		a := asset(home.URL + path)
		a.Request = store.Request{Method: http.MethodPost, Body: "password=s3cret"}
		p := f.Fetch(t.Context(), a)
		if want != "" {
			if p.Err != nil || <-got != want {
				t.Errorf("%s: %v", path, p.Err)
			}
			continue
		}
		if p.ErrClass != plugins.ErrRequest || !strings.Contains(p.Err.Error(), "the redirect cannot be followed: it asks for the asset's body at "+other.URL) {
			t.Errorf("%s: %s: %v", path, p.ErrClass, p.Err)
		}
		if strings.Contains(fmt.Sprint(p.Err), "s3cret") || p.FinalURL != a.URL || len(p.Redirects) != 0 {
			t.Errorf("%s: %v, at %s after %v", path, p.Err, p.FinalURL, p.Redirects)
		}
		// Without a body there is nothing to keep.
		a.Request.Body = ""
		if p := f.Fetch(t.Context(), a); p.Err != nil || <-got != `POST ""` {
			t.Errorf("%s without a body: %v", path, p.Err)
		}
	}
	if len(got) > 0 {
		t.Errorf("the other host also got %s", <-got)
	}
}
