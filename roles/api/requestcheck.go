package api

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/net/http/httpguts"

	"webmon/store"
)

const (
	maxMethod      = 32
	maxHeaderName  = 256
	maxHeaderValue = 8 << 10
	maxCredential  = 8 << 10
	maxUserAgent   = 512
)

// Headers that belong to the connection, which webmon's own client sets.
var connectionHeaders = []string{
	"Connection", "Content-Length", "Keep-Alive", "Proxy-Connection", "Te", "Trailer", "Transfer-Encoding", "Upgrade",
}

// request checks how an asset is asked for. Values that may be secrets are not
// repeated in refusals.
func (r *refusals) request(q *request) store.Request {
	out := store.Request{
		Method:       strings.ToUpper(strings.TrimSpace(q.Method)),
		Headers:      q.Headers,
		Body:         q.Body,
		BasicAuth:    (*store.BasicAuth)(q.BasicAuth),
		BearerToken:  q.BearerToken,
		MaxRedirects: q.MaxRedirects,
		InsecureTLS:  q.InsecureTLS,
		UserAgent:    strings.TrimSpace(q.UserAgent),
	}
	switch {
	case out.Method == "":
	case len(out.Method) > maxMethod || !httpguts.ValidHeaderFieldName(out.Method): // both are tokens
		r.add("request.method", shorten(q.Method), "is not an HTTP method")
	case out.Method == http.MethodConnect:
		r.add("request.method", out.Method, "asks for a tunnel, which has no page to check")
	}
	if len(out.Body) > store.MaxBody {
		r.add("request.body", nil, fmt.Sprintf("is longer than %d bytes", store.MaxBody))
	}
	if n := out.MaxRedirects; n != nil && (*n < 0 || *n > store.MaxRedirects) {
		r.add("request.max_redirects", *n, fmt.Sprintf("must be from 0 to %d", store.MaxRedirects))
	}
	if len(out.UserAgent) > maxUserAgent || !httpguts.ValidHeaderFieldValue(out.UserAgent) {
		r.add("request.user_agent", shorten(out.UserAgent), fmt.Sprintf("must be at most %d characters without line breaks", maxUserAgent))
	}
	r.headers(out.Headers)
	r.credentials(&out)
	return out
}

func (r *refusals) headers(headers map[string]string) {
	if len(headers) > store.MaxHeaders {
		r.add("request.headers", nil, fmt.Sprintf("there are %d headers, at most %d are possible", len(headers), store.MaxHeaders))
		return
	}
	seen := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(headers)) {
		field, canonical := "request.headers."+shorten(name), http.CanonicalHeaderKey(name)
		switch {
		case len(name) > maxHeaderName || !httpguts.ValidHeaderFieldName(name):
			r.add("request.headers", shorten(name), "is not a header name")
		case slices.Contains(connectionHeaders, canonical):
			r.add(field, nil, "belongs to the connection: webmon sets it itself")
		case seen[canonical] != "":
			r.add(field, nil, fmt.Sprintf("is the same header as %s", seen[canonical]))
		case !httpguts.ValidHeaderFieldValue(headers[name]):
			r.add(field, nil, "the value has a line break or another control character inside")
		case len(headers[name]) > maxHeaderValue:
			r.add(field, nil, fmt.Sprintf("the value is longer than %d bytes", maxHeaderValue))
		}
		seen[canonical] = name
	}
}

func (r *refusals) credentials(q *store.Request) {
	ways := 0
	if auth := q.BasicAuth; auth != nil {
		ways++
		if len(auth.Username)+len(auth.Password) > maxCredential {
			r.add("request.basic_auth", nil, fmt.Sprintf("is longer than %d bytes", maxCredential))
		}
		if strings.ContainsRune(auth.Username, ':') || strings.ContainsFunc(auth.Username, unicode.IsControl) {
			r.add("request.basic_auth.username", nil, "has a colon or a control character inside, which basic authentication cannot carry")
		}
		if strings.ContainsFunc(auth.Password, unicode.IsControl) {
			r.add("request.basic_auth.password", nil, "has a control character inside, which basic authentication cannot carry")
		}
	}
	if q.BearerToken != "" {
		ways++
		if len(q.BearerToken) > maxCredential || strings.ContainsFunc(q.BearerToken, notInToken) {
			r.add("request.bearer_token", nil, fmt.Sprintf("must be at most %d visible ASCII characters without spaces", maxCredential))
		}
	}
	for name := range q.Headers {
		if strings.EqualFold(name, "Authorization") {
			ways++
		}
	}
	if ways > 1 {
		r.add("request", nil, "give only one of basic_auth, bearer_token and an Authorization header")
	}
}

func notInToken(c rune) bool { return c <= ' ' || c >= 0x7f }
