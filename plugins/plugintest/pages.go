package plugintest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"math/big"
	"net/http"
	"strings"
	"testing"
	"time"

	"webmon/plugins"
)

// NamedPage makes a page; each call returns an equal one.
type NamedPage struct {
	Name string
	New  func() *plugins.Page
}

var at = time.Date(2027, 1, 15, 8, 0, 0, 0, time.UTC)

// Pages returns a good page, then pages of all the kinds that go wrong.
func Pages(t *testing.T) []NamedPage {
	t.Helper()
	cert := certificate(t)
	withTLS := func(state tls.ConnectionState) func() *plugins.Page {
		return func() *plugins.Page {
			page := goodPage(5)
			page.URL, page.FinalURL, page.TLS = "https://site.example/", "https://site.example/", &state
			return page
		}
	}
	html := func(body string) func() *plugins.Page {
		return func() *plugins.Page {
			page := goodPage(0)
			page.Body = []byte(body)
			return page
		}
	}
	with := func(change func(*plugins.Page)) func() *plugins.Page {
		return func() *plugins.Page {
			page := goodPage(5)
			change(page)
			return page
		}
	}
	return []NamedPage{
		{"good", func() *plugins.Page { return goodPage(5) }},
		{"server error", with(func(p *plugins.Page) { p.Status = 500 })},
		{"zero page", func() *plugins.Page { return new(plugins.Page) }},
		{"no answer", func() *plugins.Page {
			return &plugins.Page{URL: "http://site.example/", At: at, Err: errors.New("dial tcp: connection refused"), ErrClass: plugins.ErrRefused}
		}},
		{"error without a class", func() *plugins.Page { return &plugins.Page{Err: errors.New(strings.Repeat("\xff long", 1000))} }},
		{"error midway", with(func(p *plugins.Page) { p.Err, p.ErrClass = errors.New("connection reset"), plugins.ErrReset })},
		{"other page", func() *plugins.Page { return goodPage(40) }},
		{"nil body", with(func(p *plugins.Page) { p.Body = nil })},
		{"nil header", with(func(p *plugins.Page) { p.Header = nil })},
		{"nothing but a status", func() *plugins.Page { return &plugins.Page{Status: 204} }},
		{"odd status", with(func(p *plugins.Page) { p.Status = -7 })},
		{"truncated", with(func(p *plugins.Page) { p.Truncated = true })},
		{"redirected", with(func(p *plugins.Page) {
			p.Redirects = []plugins.Hop{{URL: "http://site.example/", Status: 301}}
			p.FinalURL = "http://other.example/"
		})},
		{"redirected far", with(func(p *plugins.Page) { p.FinalURL = "http://other.example/?" + strings.Repeat("\xff", 3000) })},
		{"negative timing", with(func(p *plugins.Page) { p.Timing = plugins.Timing{Total: -1, DNS: -1 << 63, Transfer: 1<<63 - 1} })},
		{"nested", html(strings.Repeat("<div><p>", 50_000))},
		{"all elements", html(allElements())},
		{"invented elements", html(strings.Repeat("<a1><b-2><c_3 d=e>", 1000))},
		{"binary", html("\x89PNG\r\n\x1a\n" + strings.Repeat("\x00\x01<\xfe\xff", 2000))},
		{"invalid UTF-8", html("<title>\xff\xfe\xc3\x28</title><p>\xe2\x82 text \xf0\x28</p><a href=\"\xff\">")},
		{"long title", html("<title>" + strings.Repeat("ü", 100_000))},
		{"nothing closed", html("<!DOCTYPE html><html <body><script><!-- <script> <noscript><iframe><textarea>")},
		{"HTML said to be an image", with(func(p *plugins.Page) { p.Header = http.Header{"Content-Type": {"image/png"}} })},
		{"malformed content type", with(func(p *plugins.Page) { p.Header = http.Header{"Content-Type": {";;=\x00"}} })},
		{"https", withTLS(tls.ConnectionState{Version: tls.VersionTLS13, CipherSuite: tls.TLS_AES_128_GCM_SHA256, PeerCertificates: []*x509.Certificate{cert}})},
		{"https without certificates", withTLS(tls.ConnectionState{})},
		{"https with odd certificates", withTLS(tls.ConnectionState{Version: 1, CipherSuite: 1, PeerCertificates: []*x509.Certificate{{}, nil}})},
		{"https with a nil certificate", withTLS(tls.ConnectionState{PeerCertificates: []*x509.Certificate{nil}})},
	}
}

// goodPage is an ordinary page with that many items.
func goodPage(items int) *plugins.Page {
	var body strings.Builder
	body.WriteString("<!doctype html><html><head><title>A page</title><script src=a.js></script></head><body><ul>")
	for i := range items {
		fmt.Fprintf(&body, `<li><a href="/%d">item <b>%d</b></a></li>`, i, i)
	}
	body.WriteString("</ul></body></html>")
	return &plugins.Page{
		URL: "http://site.example/", FinalURL: "http://site.example/", Proto: "HTTP/1.1",
		Status: 200, Header: http.Header{"Content-Type": {"text/html; charset=utf-8"}},
		Body: []byte(body.String()), WireBytes: int64(body.Len()), RemoteAddr: "192.0.2.1:80",
		Timing: plugins.Timing{Connect: 1_234_567, FirstByte: 20_000_000, Transfer: 3_000_000, Total: 25_000_000},
		At:     at,
	}
}

// allElements is a page with every known element, to make as many metrics as
// there can be.
func allElements() string {
	var body strings.Builder
	for tag := range plugins.NumTags {
		fmt.Fprintf(&body, "<%s></%[1]s>", plugins.Tag(tag))
	}
	return body.String()
}

func certificate(t *testing.T) *x509.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.CreateCertificate(rand.Reader, &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "other.example"}, DNSNames: []string{"other.example"},
		NotBefore: at.AddDate(0, -3, 0), NotAfter: at.AddDate(0, 0, 3),
	}, &x509.Certificate{Subject: pkix.Name{CommonName: "Test CA"}}, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return cert
}
