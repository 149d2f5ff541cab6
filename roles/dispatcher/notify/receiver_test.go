package notify_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

// newReceiver is an HTTP server that looks at each request.
func newReceiver(t testing.TB, look func(*http.Request)) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { look(r) }))
	t.Cleanup(s.Close)
	return s
}
