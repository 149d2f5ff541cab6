package shout

import (
	"crypto/tls"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"sync"
	"sync/atomic"
)

// maxAnswer bounds what is read of an answer.
const maxAnswer = 1 << 20

// watch makes the requests of the one message, and keeps what is known of them.
type watch struct {
	transport *http.Transport
	setup     func(*http.Request) bool
	began     func()
	once      sync.Once
	unsure    atomic.Bool  // a request was sent, and no answer came
	told      atomic.Bool  // a request that says something was answered well
	failure   atomic.Value // string: why the last request failed
}

// RoundTrip makes a request, unless what became of one before it is unknown:
// some services try again themselves.
func (w *watch) RoundTrip(r *http.Request) (*http.Response, error) {
	return w.via(w.transport, r)
}

func (w *watch) via(transport *http.Transport, r *http.Request) (*http.Response, error) {
	if w.unsure.Load() {
		return nil, errEnded
	}
	var reached atomic.Bool
	says := !w.setup(r)
	trace := &httptrace.ClientTrace{WroteHeaders: func() {
		reached.Store(true)
		if says {
			w.once.Do(w.began)
		}
	}}
	answer, err := transport.RoundTrip(r.WithContext(httptrace.WithClientTrace(r.Context(), trace)))
	if err != nil {
		w.failure.Store(err.Error())
		if reached.Load() && says {
			w.unsure.Store(true)
		}
		return nil, err
	}
	switch {
	case answer.StatusCode >= 300:
		w.failure.Store("it answered " + answer.Status)
	case says:
		w.told.Store(true)
	}
	answer.Body = struct {
		io.Reader
		io.Closer
	}{io.LimitReader(answer.Body, maxAnswer), answer.Body}
	return answer, nil
}

// insecure is the same without a look at certificates, if that is wanted.
func (w *watch) insecure(wanted bool) http.RoundTripper {
	if !wanted {
		return w
	}
	transport := w.transport.Clone()
	if transport.TLSClientConfig == nil {
		transport.TLSClientConfig = &tls.Config{}
	}
	transport.TLSClientConfig.InsecureSkipVerify = true
	return roundTripper(func(r *http.Request) (*http.Response, error) { return w.via(transport, r) })
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// outcome is what became of the message, whose sending ended with err. A message
// that some of its receivers have and others do not counts as unsure: to send it
// again would double it. What a service says is not enough: one of them takes a
// connection that failed for a success, another one panics.
func (w *watch) outcome(err error) report {
	why, _ := w.failure.Load().(string)
	if err != nil && (why == "" || !errors.Is(err, errPanic)) {
		why = err.Error()
	}
	switch {
	case w.unsure.Load() || err != nil && w.told.Load():
		return report{State: unsure, Error: why}
	case err != nil || !w.told.Load():
		if why == "" {
			why = "it made no request"
		}
		return report{State: failed, Error: why}
	}
	return report{State: sent}
}
