package client_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"webmon/plugins"
	"webmon/roles/api/client"
)

// serve answers every call, and returns a client of it.
func serve(t *testing.T, handle http.HandlerFunc) *client.Client {
	t.Helper()
	server := httptest.NewServer(handle)
	t.Cleanup(server.Close)
	c, err := client.New(strings.Replace(server.URL, "http://", "http://ada:secret@", 1)+"/below/", "")
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestDecide(t *testing.T) {
	t.Parallel()
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		name, password, _ := r.BasicAuth()
		body, _ := io.ReadAll(r.Body)
		if got := r.Method + " " + r.URL.EscapedPath() + " " + string(body); got != `POST /below/v1/assets/a%2Fb/accept {"plugin":"p","code":"c","by":"ada"}` ||
			name != "ada" || password != "secret" || r.Header.Get("Content-Type") != "application/json" {
			t.Errorf("asked %s by %s with %v", got, name, r.Header)
		}
		w.WriteHeader(http.StatusAccepted)
		_, _ = io.WriteString(w, `{"decision":{"action":"accept","plugin":"p","found":[{"plugin":"p","code":"c","evidence":"e"}]},"job":"j","batch":"b"}`)
	})
	got, err := c.Decide(t.Context(), "a/b", "accept", client.Request{Target: plugins.Target{Plugin: "p", Code: "c"}, By: "ada"})
	if err != nil || got.Job != "j" || got.Decision.Plugin != "p" || len(got.Decision.Found) != 1 || got.Decision.Found[0].Evidence != "e" {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestProblems(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		status int
		body   string
		want   []string
	}{
		"a problem document": {409, `{"title":"Conflict","status":409,"detail":"nothing alarms"}`, []string{"nothing alarms"}},
		"with details": {422, `{"status":422,"detail":"validation failed","errors":[{"message":"no such plugin","location":"body.plugin","value":"x"}]}`,
			[]string{"validation failed", "body.plugin: no such plugin"}},
		"no document":       {502, "<h1>Bad gateway</h1>", []string{"502 Bad Gateway", "is it webmon's API?"}},
		"a redirect":        {302, "", []string{"302 Found"}},
		"another document":  {404, `{"message":"x"}`, []string{"404 Not Found"}},
		"not what it gives": {200, `[]`, []string{"not what webmon's API gives"}},
	} {
		var calls atomic.Int32
		c := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			calls.Add(1)
			w.Header().Set("Location", "/elsewhere")
			w.WriteHeader(test.status)
			_, _ = io.WriteString(w, test.body)
		})
		_, err := c.Decide(t.Context(), "a", "accept", client.Request{})
		for _, want := range test.want {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: error %v, want one that says %s", name, err, want)
			}
		}
		var problem *client.Problem
		if errors.As(err, &problem) != (test.status >= 300) || problem != nil && problem.Status != test.status {
			t.Errorf("%s: %#v", name, err)
		}
		if calls.Load() != 1 {
			t.Errorf("%s: %d calls", name, calls.Load())
		}
	}
}

func TestNobodyAnswers(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(nil)
	server.Close()
	c, err := client.New(strings.Replace(server.URL, "http://", "http://ada:secret@", 1), "")
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Call(t.Context(), "GET", "/v1/assets", nil, nil); err == nil || strings.Contains(err.Error(), "secret") {
		t.Errorf("error %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := c.Call(ctx, "GET", "/v1/assets", nil, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

func TestBadAddresses(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"", "localhost:7700", "ftp://host", "http://", "http://ada:secret@%zz"} {
		if _, err := client.New(address, ""); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: error %v", address, err)
		}
	}
}

func TestToken(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if got := r.Header.Values("Authorization"); len(got) != 1 || got[0] != "Bearer webmon_a_b" {
			t.Errorf("Authorization: %q", got)
		}
	}))
	defer server.Close()
	c, err := client.New(server.URL, "webmon_a_b")
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Call(t.Context(), "GET", "/v1/assets", nil, nil); err != nil {
		t.Error(err)
	}
	if _, err := client.New("http://ada:secret@host", "webmon_a_b"); err == nil || strings.Contains(err.Error(), "secret") {
		t.Errorf("a token and a password: %v", err)
	}
}
