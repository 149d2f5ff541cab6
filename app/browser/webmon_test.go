package browser

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"path/filepath"
	"syscall"
	"testing"

	"webmon/app/apptest"
)

// start runs a whole webmon with a Redis of its own, and gives its address.
func start(t testing.TB, settings ...string) string {
	t.Helper()
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	p, err := apptest.Launch(path, append([]string{"all", "--data", filepath.Join(t.TempDir(), "data"),
		"--listen", "127.0.0.1:0", "--control", "tcp://127.0.0.1:*"}, settings...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		p.Signal(syscall.SIGTERM) // its Redis goes before it, and leaves the folder alone
		if err := errors.Join(p.WaitExit(ctx, 0), p.Close()); err != nil {
			t.Error(err)
		}
		if t.Failed() {
			t.Logf("webmon:\n%s", p.Log())
		}
	})
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := p.Started(ctx, 3); err != nil {
		t.Fatal(err)
	}
	return p.Address("api")
}

// post asks the API for something that no page is for.
func post(t testing.TB, url, token string, body, into any) {
	t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequest(http.MethodPost, url, bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err = io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode >= 300 {
		t.Fatalf("%s: %s %v: %s", url, answer.Status, err, text)
	}
	if err := json.Unmarshal(text, into); err != nil {
		t.Fatalf("%s: %v: %s", url, err, text)
	}
}
