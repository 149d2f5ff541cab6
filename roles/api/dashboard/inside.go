package dashboard

import (
	"bytes"
	"io"
	"net/http"
	"time"
)

// inside is a transport that hands calls to the API within the process, in the
// name of the request that a page is made for: what the API says of addresses,
// names and limits is said of that.
type inside struct {
	api   http.Handler
	outer *http.Request
	// control is of the answer outside: the API bounds how long a file may take
	// to arrive. Nil where there is none.
	control *http.ResponseController
}

// RoundTrip implements http.RoundTripper.
func (t inside) RoundTrip(r *http.Request) (*http.Response, error) {
	inner := *r
	inner.Header = r.Header.Clone()
	inner.Header.Set(requestIDHeader, t.outer.Header.Get(requestIDHeader))
	inner.RemoteAddr, inner.Host, inner.TLS = t.outer.RemoteAddr, t.outer.Host, t.outer.TLS
	if inner.Body == nil {
		inner.Body = http.NoBody
	}
	defer inner.Body.Close()
	answer := &recorder{header: http.Header{}, control: t.control}
	t.api.ServeHTTP(answer, &inner)
	answer.WriteHeader(http.StatusOK) // if it did not say
	return &http.Response{
		Status: http.StatusText(answer.status), StatusCode: answer.status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: answer.header, Body: io.NopCloser(&answer.body), ContentLength: int64(answer.body.Len()), Request: r,
	}, nil
}

const requestIDHeader = "X-Request-Id"

// recorder keeps an answer. Its deadlines are those of the request outside.
type recorder struct {
	header  http.Header
	status  int
	body    bytes.Buffer
	control *http.ResponseController
}

func (a *recorder) Header() http.Header { return a.header }

func (a *recorder) WriteHeader(status int) {
	if a.status == 0 {
		a.status = status
	}
}

func (a *recorder) Write(p []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	return a.body.Write(p)
}

func (a *recorder) SetReadDeadline(at time.Time) error {
	if a.control == nil {
		return nil
	}
	return a.control.SetReadDeadline(at)
}

func (a *recorder) SetWriteDeadline(at time.Time) error {
	if a.control == nil {
		return nil
	}
	return a.control.SetWriteDeadline(at)
}
