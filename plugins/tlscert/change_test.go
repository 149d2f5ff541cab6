package tlscert

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
	"unicode/utf8"

	"webmon/plugins"
)

// Each step is a check of the same asset.
func TestChanges(t *testing.T) {
	t.Parallel()
	plugin, err := New(nil)
	if err != nil {
		t.Fatal(err)
	}
	made := func(issuer, key string) *plugins.Page {
		leaf := cert("site.example", 90*24*time.Hour)
		leaf.Issuer = pkix.Name{CommonName: issuer}
		leaf.RawSubjectPublicKeyInfo = []byte(key)
		return page(leaf)
	}
	failed := made("Mallory", "m")
	failed.Err = errors.New("x509: unknown authority")
	var past []byte
	for i, step := range []struct {
		page *plugins.Page
		want string
	}{
		{made("A", "1"), ""}, {made("A", "1"), ""}, {made("A", "2"), "info key_changed,"}, {&plugins.Page{Status: 200}, ""},
		{made("B", "3"), "warning issuer_changed,info key_changed,"}, {made("A", "1"), ""}, {made("B", "3"), ""},
		{failed, ""}, {made("Mallory", "m"), "warning issuer_changed,info key_changed,"},
	} {
		report, err := plugin.Inspect(t.Context(), step.page, past)
		if err != nil {
			t.Fatal(err)
		}
		past = report.Past
		got := ""
		for _, f := range report.Findings {
			got += string(f.Severity) + " " + f.Code + ","
		}
		if got != step.want {
			t.Errorf("step %d: %q, want %q", i, got, step.want)
		}
	}
}

func TestTrust(t *testing.T) {
	t.Parallel()
	old, own := page(cert("site.example", 90*24*time.Hour)), cert("site.example", 90*24*time.Hour)
	old.TLS.Version = tls.VersionTLS11
	own.RawSubject, own.RawIssuer = []byte("name"), []byte("name")
	unknown := page(cert("site.example", 90*24*time.Hour))
	unknown.Err = fmt.Errorf("not accepted: %w", x509.UnknownAuthorityError{})
	for want, page := range map[string]*plugins.Page{"weak_tls": old, "self_signed": page(own), "unknown_issuer": unknown} {
		findings := inspect(t, "", page).Findings
		if len(findings) != 1 || findings[0].Code != want || findings[0].Verdict != "" {
			t.Errorf("got %+v, want %s", findings, want)
		}
	}
}

// What a real server says that knows old versions of TLS only.
func TestOldServer(t *testing.T) {
	t.Parallel()
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.TLS = &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	defer server.Close()
	_, err := http.DefaultTransport.(*http.Transport).Clone().RoundTrip(httptest.NewRequest(http.MethodGet, server.URL, nil))
	if err == nil {
		t.Fatal("the server was talked to")
	}
	findings := inspect(t, "", &plugins.Page{URL: server.URL, Err: err, ErrClass: plugins.ErrTLS, At: now}).Findings
	if len(findings) != 1 || findings[0].Code != "weak_tls" {
		t.Errorf("%v: got %+v", err, findings)
	}
}

func FuzzInspect(f *testing.F) {
	server := httptest.NewTLSServer(http.NotFoundHandler())
	defer server.Close()
	f.Add(server.Certificate().Raw, "https://site.example/", []byte{pastVersion})
	f.Fuzz(func(t *testing.T, der []byte, address string, past []byte) {
		leaf, err := x509.ParseCertificate(der)
		if err != nil {
			leaf = &x509.Certificate{Subject: pkix.Name{CommonName: string(der)}, DNSNames: []string{string(der)}, RawSubjectPublicKeyInfo: der}
		}
		answer := page(leaf, leaf)
		answer.URL = address
		plugin, err := New(nil)
		if err != nil {
			t.Fatal(err)
		}
		report, err := plugin.Inspect(t.Context(), answer, past)
		if err != nil {
			t.Fatal(err)
		}
		if m, ok := decode(report.Past); !ok || !bytes.Equal(m.encode(), report.Past) {
			t.Errorf("the memory does not read back: %x", report.Past)
		}
		for name, fact := range report.Facts {
			if !utf8.ValidString(fact) || len(fact) > 3*maxNames+10 {
				t.Errorf("the fact %s is %q", name, fact)
			}
		}
	})
}
