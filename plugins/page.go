package plugins

import (
	"bytes"
	"crypto/tls"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/cespare/xxhash/v2"

	"webmon/plugins/lexicon"
)

// Page is one fetch of an asset. All plugins share it and none may change it.
type Page struct {
	URL       string // as asked for
	FinalURL  string // after redirects
	Redirects []Hop  // each redirect that was followed, in order
	Proto     string // "HTTP/1.1", "HTTP/2.0"; empty when nothing answered

	Status    int // 0 when nothing answered
	Header    http.Header
	Body      []byte // decompressed; text is UTF-8, whatever it was on the wire
	WireBytes int64  // body bytes received, before decompression
	Truncated bool   // Body was cut at the size limit

	RemoteAddr string // "ip:port" of the server that gave the final answer
	Timing     Timing
	TLS        *tls.ConnectionState // nil over plain HTTP; certificates are here even when verification failed

	Err      error      // why there is no answer; nil when there is one
	ErrClass ErrorClass // the class of Err
	At       time.Time  // when the fetch began; the only clock a plugin has

	outline     *Outline
	outlineOnce sync.Once
	terms       lexicon.Found
	termsOnce   sync.Once
	hash        uint64
	hashOnce    sync.Once
	sites       siteCache
}

// Hash is the xxhash of Body, computed once. It tells equal bodies from
// different ones; it is no protection against somebody who wants a collision.
func (p *Page) Hash() uint64 {
	p.hashOnce.Do(func() { p.hash = xxhash.Sum64(p.Body) })
	return p.hash
}

// WithBody returns the page as if it had another body: all else is shared.
func (p *Page) WithBody(body []byte) *Page {
	if bytes.Equal(body, p.Body) {
		return p
	}
	return &Page{
		URL: p.URL, FinalURL: p.FinalURL, Redirects: p.Redirects, Proto: p.Proto,
		Status: p.Status, Header: p.Header, Body: body, WireBytes: p.WireBytes, Truncated: p.Truncated,
		RemoteAddr: p.RemoteAddr, Timing: p.Timing, TLS: p.TLS, Err: p.Err, ErrClass: p.ErrClass, At: p.At,
	}
}

// Outline is what Body holds when read as HTML. It is made on first use, and
// shared by all who ask.
func (p *Page) Outline() *Outline {
	p.outlineOnce.Do(func() { p.outline = readOutline(p.Body) })
	return p.outline
}

// Terms are the telling words in the text of the outline. They are looked for
// on first use, and shared by all who ask.
func (p *Page) Terms() lexicon.Found {
	p.termsOnce.Do(func() { p.terms = lexicon.Scan(p.Outline().Text) })
	return p.terms
}

// Good tells whether an answer came that shows the page: no error, and a status
// from 200 to 299. It may be cut short.
func (p *Page) Good() bool { return p.Err == nil && p.Status >= 200 && p.Status <= 299 }

// IsHTML tells whether Body is a web page: by its content type, and by its
// first bytes when the answer does not name one.
func (p *Page) IsHTML() bool {
	named := p.Header.Get("Content-Type")
	if named == "" {
		named = http.DetectContentType(p.Body)
	}
	kind, _, _ := strings.Cut(named, ";")
	kind = strings.TrimSpace(kind)
	return strings.EqualFold(kind, "text/html") || strings.EqualFold(kind, "application/xhtml+xml")
}

// Hop is one redirect.
type Hop struct {
	URL    string `json:"url"`    // the address that redirected
	Status int    `json:"status"` // 301, 302, …
}

// Timing holds how long each phase of the fetch took. With redirects DNS,
// Connect and TLS are sums over all hops. A phase that did not happen is 0.
type Timing struct {
	DNS       time.Duration // name resolution
	Connect   time.Duration // TCP connect
	TLS       time.Duration // TLS handshake
	FirstByte time.Duration // from the last request written to its first response byte
	Transfer  time.Duration // from the first byte to the end of the body
	Total     time.Duration // from the start of the check to the end of the body
}

// ErrorClass sorts the reasons why a fetch fails.
type ErrorClass string

// The error classes.
const (
	ErrDNS         ErrorClass = "dns"                // the name does not resolve
	ErrRefused     ErrorClass = "refused"            // connection refused
	ErrReset       ErrorClass = "reset"              // connection closed or reset while in use
	ErrUnreachable ErrorClass = "unreachable"        // no route to host or network
	ErrTimeout     ErrorClass = "timeout"            // the asset's timeout passed
	ErrTLS         ErrorClass = "tls"                // handshake or certificate
	ErrRedirects   ErrorClass = "too_many_redirects" // the redirect limit was passed
	ErrProtocol    ErrorClass = "protocol"           // the answer was not HTTP, or broke its rules
	ErrDecode      ErrorClass = "decode"             // the body's compression is damaged
	ErrForbidden   ErrorClass = "forbidden"          // webmon does not connect to the address: by its settings, or never
	ErrRequest     ErrorClass = "request"            // the request could not be made: a bad URL or redirect target
	ErrOther       ErrorClass = "other"
)
