package api_test

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"webmon/roles/api"
	"webmon/store/storetest"
	"webmon/store/token"
)

// ask asks until the answer is another than want, and gives that.
func (h *harness) ask(most, want int, headers ...string) (count int, last answer) {
	for count = range most {
		if last = h.do("GET", "/v1/plugins", "", headers...); last.status != want {
			return count, last
		}
	}
	return most, last
}

func TestRateLimit(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t)
	one, _ := makeToken(t, s, token.Read)
	other, _ := makeToken(t, s, token.Admin)
	h := startOn(t, s, func(o *api.Options) { o.RateLimit = 1 })
	count, a := h.ask(10_000, http.StatusOK, one)
	a.problem(http.StatusTooManyRequests)
	if wait, err := strconv.Atoi(a.header.Get("Retry-After")); err != nil || wait < 1 || wait > 5 || count < 5 {
		t.Errorf("after %d requests: %v", count, a.header)
	}
	h.do("GET", "/v1/plugins", "", other).want(http.StatusOK) // each token by itself
	h.do("GET", "/healthz", "").want(http.StatusOK)
	_, a = h.ask(10_000, http.StatusUnauthorized) // and those without one by their address
	a.problem(http.StatusTooManyRequests)
}

func TestNoRateLimit(t *testing.T) {
	t.Parallel()
	h := start(t)
	if count, a := h.ask(300, http.StatusOK); count != 300 {
		t.Errorf("after %d requests: %s", count, a.body)
	}
}

func TestFailedLoginsAreLimited(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t)
	good, _ := makeToken(t, s, token.Read)
	h := startOn(t, s)
	wrong := "Authorization: Bearer " + token.New().Reveal()
	count, a := h.ask(10_000, http.StatusUnauthorized, wrong)
	a.problem(http.StatusTooManyRequests)
	if count < 20 || a.header.Get("Retry-After") == "" {
		t.Errorf("after %d wrong tokens: %v", count, a.header)
	}
	h.do("GET", "/v1/plugins", "", good).want(http.StatusOK) // of the same address
	if said := strings.Count(h.log.String(), "wrong token"); said > count {
		t.Errorf("%d wrong tokens are logged, %d were let through", said, count)
	}
}

func TestSafeHeaders(t *testing.T) {
	t.Parallel()
	h := start(t)
	for _, a := range []answer{
		h.do("GET", "/v1/assets", ""), h.do("GET", "/nothing", ""), h.do("GET", "/openapi.json", ""), h.do("GET", "/metrics", ""), h.do("GET", "/healthz", ""),
		h.do("POST", "/v1/assets", `{}`), h.do("POST", "/v1/assets", `{}`, "Sec-Fetch-Site: cross-site"),
		h.do("GET", "/v1/assets", "", "Origin: https://evil.example"),
		h.do("OPTIONS", "/v1/assets", "", "Origin: https://evil.example", "Access-Control-Request-Method: POST"),
	} {
		for name, want := range map[string]string{
			"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'", "Referrer-Policy": "no-referrer",
			"Cache-Control": "no-store", "Cross-Origin-Resource-Policy": "same-origin",
			"Access-Control-Allow-Origin": "", "Access-Control-Allow-Methods": "", "Strict-Transport-Security": "", "Server": "",
		} {
			if got := a.header.Get(name); got != want {
				t.Errorf("%s: %s is %q, want %q", a.asked, name, got, want)
			}
		}
	}
}

// TestSlowClients begins requests and does not go on. The server must end each
// connection by itself, also when it has refused the request before its body came.
func TestSlowClients(t *testing.T) {
	t.Parallel()
	const body = "Content-Type: application/json\r\nContent-Length: 100000\r\n\r\n{"
	for name, text := range map[string]string{
		"in the request line": "GET /v1/as",
		"in the headers":      "GET /v1/assets HTTP/1.1\r\nHost: localhost\r\nX-A: b\r\n",
		"in the body":         "POST /v1/assets HTTP/1.1\r\nHost: localhost\r\n" + body,
		"in a body of a GET":  "GET /healthz HTTP/1.1\r\nHost: localhost\r\n" + body,
		"cross-origin":        "POST /v1/assets HTTP/1.1\r\nHost: localhost\r\nSec-Fetch-Site: cross-site\r\n" + body,
		"of another name":     "POST /v1/assets HTTP/1.1\r\nHost: evil.example\r\n" + body,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := start(t)
			conn, err := net.Dial("tcp", strings.TrimPrefix(h.base, "http://"))
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			fmt.Fprint(conn, text)
			if err := conn.SetReadDeadline(time.Now().Add(patience)); err != nil {
				t.Fatal(err)
			}
			if _, err := io.Copy(io.Discard, conn); errors.Is(err, os.ErrDeadlineExceeded) {
				t.Errorf("after %v the connection is still open", patience)
			}
		})
	}
}

func TestLargeHeaders(t *testing.T) {
	t.Parallel()
	h := start(t)
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, h.base+"/v1/plugins", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("X-A", strings.Repeat("x", 128<<10))
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return // the connection ended before all of it was sent
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
		t.Errorf("%s", answer.Status)
	}
}
