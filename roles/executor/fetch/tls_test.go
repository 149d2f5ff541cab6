package fetch

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"webmon/plugins"
)

// authority is a certificate authority for one test.
type authority struct {
	t    testing.TB
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newAuthority(t testing.TB) *authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test authority"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return &authority{t, cert, key}
}

func (a *authority) pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(a.cert)
	return pool
}

// issue makes a certificate for a name or address; expires is relative to now.
func (a *authority) issue(name string, expires time.Duration) tls.Certificate {
	a.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		a.t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(expires),
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	if ip := net.ParseIP(name); ip != nil {
		template.IPAddresses = []net.IP{ip}
	} else {
		template.DNSNames = []string{name}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, &key.PublicKey, a.key)
	if err != nil {
		a.t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// serveTLS starts a TLS server with the given settings.
func serveTLS(t testing.TB, config *tls.Config) *httptest.Server {
	t.Helper()
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "hello") }))
	s.TLS = config
	s.Config.ErrorLog = log.New(io.Discard, "", 0) // handshakes fail here on purpose
	s.StartTLS()
	t.Cleanup(s.Close)
	return s
}

func TestCertificates(t *testing.T) {
	t.Parallel()
	ca, stranger := newAuthority(t), newAuthority(t)
	f := newTestFetcher(t, Options{RootCAs: ca.pool()})
	for _, tt := range []struct {
		name    string
		cert    tls.Certificate
		message string // "" when the certificate is fine
	}{
		{"good", ca.issue("127.0.0.1", time.Hour), ""},
		{"expired", ca.issue("127.0.0.1", -time.Minute), "expired"},
		{"wrong name", ca.issue("other.example", time.Hour), "127.0.0.1"},
		{"unknown authority", stranger.issue("127.0.0.1", time.Hour), "unknown authority"},
	} {
		for _, insecure := range []bool{false, true} {
			s := serveTLS(t, &tls.Config{Certificates: []tls.Certificate{tt.cert}})
			a := asset(s.URL)
			a.Request.InsecureTLS = insecure
			p := f.Fetch(t.Context(), a)
			if tt.message == "" || insecure {
				if p.Err != nil || string(p.Body) != "hello" {
					t.Errorf("%s, insecure %t: %v", tt.name, insecure, p.Err)
				}
			} else {
				if p.ErrClass != plugins.ErrTLS || !strings.HasPrefix(p.Err.Error(), "the certificate is not accepted: ") ||
					!strings.Contains(p.Err.Error(), tt.message) || p.Status != 0 {
					t.Errorf("%s: %s: %v", tt.name, p.ErrClass, p.Err)
				}
				var verification *tls.CertificateVerificationError
				if !errors.As(p.Err, &verification) {
					t.Errorf("%s: the cause is lost: %#v", tt.name, p.Err)
				}
				if p.RemoteAddr != s.Listener.Addr().String() || p.Timing.TLS <= 0 {
					t.Errorf("%s: from %q, timing %+v", tt.name, p.RemoteAddr, p.Timing)
				}
			}
			if p.TLS == nil || len(p.TLS.PeerCertificates) != 1 || string(p.TLS.PeerCertificates[0].Raw) != string(tt.cert.Certificate[0]) {
				t.Errorf("%s, insecure %t: the page lacks the certificate: %+v", tt.name, insecure, p.TLS)
			} else if p.TLS.Version != tls.VersionTLS13 {
				t.Errorf("%s, insecure %t: version %x", tt.name, insecure, p.TLS.Version)
			}
		}
	}
}

func TestHandshakeFailures(t *testing.T) {
	t.Parallel()
	ca := newAuthority(t)
	cert := []tls.Certificate{ca.issue("127.0.0.1", time.Hour)}
	f := newTestFetcher(t, Options{RootCAs: ca.pool()})
	for name, config := range map[string]*tls.Config{
		"old version":        {Certificates: cert, MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11},
		"no common curve":    {Certificates: cert, CurvePreferences: []tls.CurveID{tls.X25519MLKEM768}, MinVersion: tls.VersionTLS13},
		"client certificate": {Certificates: cert, ClientAuth: tls.RequireAnyClientCert},
		"no common protocol": {Certificates: cert, NextProtos: []string{"smtp"}},
	} {
		p := f.Fetch(t.Context(), asset(serveTLS(t, config).URL))
		if p.ErrClass != plugins.ErrTLS || !strings.Contains(p.Err.Error(), "TLS") {
			t.Errorf("%s: %s: %v", name, p.ErrClass, p.Err)
		}
	}
}

// A resumed session spares the server's certificate, yet the page has it.
func TestResumption(t *testing.T) {
	t.Parallel()
	ca := newAuthority(t)
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		s := serveTLS(t, &tls.Config{Certificates: []tls.Certificate{ca.issue("127.0.0.1", time.Hour)}, MaxVersion: version})
		f := newTestFetcher(t, Options{RootCAs: ca.pool()})
		for i := range 4 {
			p := mustFetch(t, f, asset(s.URL))
			if p.TLS.DidResume != (i > 0) || len(p.TLS.PeerCertificates) != 1 {
				t.Errorf("%s, check %d: resumed %t with %d certificates", tls.VersionName(version), i, p.TLS.DidResume, len(p.TLS.PeerCertificates))
			}
		}
	}
}

// An asset that accepts any certificate must not lend its session to one that
// does not.
func TestInsecureSessionIsNotShared(t *testing.T) {
	t.Parallel()
	s := serveTLS(t, &tls.Config{Certificates: []tls.Certificate{newAuthority(t).issue("127.0.0.1", time.Hour)}})
	f := newTestFetcher(t, Options{})
	a := asset(s.URL)
	for range 2 {
		a.Request.InsecureTLS = true
		mustFetch(t, f, a)
		a.Request.InsecureTLS = false
		if p := f.Fetch(t.Context(), a); p.ErrClass != plugins.ErrTLS {
			t.Errorf("%q: %v", p.ErrClass, p.Err)
		}
	}
}

func TestSessionsGrowOld(t *testing.T) {
	t.Parallel()
	now := time.Now()
	s := newSessions(2, time.Minute)
	s.now = func() time.Time { return now }
	first, second := new(tls.ClientSessionState), new(tls.ClientSessionState)

	s.Put("a", first)
	now = now.Add(59 * time.Second)
	s.Put("a", second) // a ticket of the resumed session does not make it younger
	if got, ok := s.Get("a"); !ok || got != second {
		t.Errorf("got %p, %t; want the newer ticket %p", got, ok, second)
	}
	now = now.Add(time.Second)
	if _, ok := s.Get("a"); ok {
		t.Error("a session of one minute was still there")
	}
	s.Put("a", first)
	if _, ok := s.Get("a"); !ok {
		t.Error("a session after a full handshake was not kept")
	}
}

func TestSessionsAreBounded(t *testing.T) {
	t.Parallel()
	s := newSessions(2, time.Minute)
	state := new(tls.ClientSessionState)
	s.Put("a", state)
	s.Put("b", state)
	s.Get("a")
	s.Put("c", state) // pushes out b, the one used least recently
	for key, want := range map[string]bool{"a": true, "b": false, "c": true} {
		if _, ok := s.Get(key); ok != want {
			t.Errorf("%s: kept %t, want %t", key, ok, want)
		}
	}
	s.Put("a", nil)
	s.Put("nobody", nil)
	if _, ok := s.Get("a"); ok {
		t.Error("a removed session was still there")
	}
	if len(s.byKey) != s.recent.Len() {
		t.Errorf("%d keys, %d sessions", len(s.byKey), s.recent.Len())
	}
}
