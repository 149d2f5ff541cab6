package app_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	api "webmon/roles/api/client"
)

// An incident from its first bad check to its end, by commands and the stream of
// events. One executor is there: it confirms at once.
func TestIncidentByCommand(t *testing.T) {
	t.Parallel()
	var broken atomic.Bool
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if broken.Load() {
			w.WriteHeader(http.StatusInternalServerError)
		}
		_, _ = w.Write([]byte(usualPage))
	}))
	t.Cleanup(site.Close)
	p := start(t, 3, allOn(filepath.Join(t.TempDir(), "data"))...)
	c := client{t, p.Address("api")}
	a := c.create(site.URL, nil)
	check := func() { c.finish(c.run(map[string]any{"assets": []string{a.ID}})) }
	check()
	command := func(code int, args ...string) string {
		t.Helper()
		out, errOut := c.webmon(code, append([]string{"incidents"}, args...)...)
		return out + errOut
	}
	if out := command(0, "list"); !strings.Contains(out, "No incident") {
		t.Errorf("before any: %s", out)
	}
	if out := command(2, "show", site.URL); !strings.Contains(out, "no open incident") {
		t.Errorf("%s", out)
	}

	events, err := api.New(c.base, "")
	if err != nil {
		t.Fatal(err)
	}
	begun, happened := make(chan struct{}), make(chan api.Event)
	go func() {
		defer close(happened)
		for e, err := range events.Events(t.Context(), api.EventFilter{Kind: "incident"}, func() { close(begun) }) {
			if err != nil {
				return // the end of the test
			}
			happened <- e
		}
	}()
	<-begun
	broken.Store(true)
	check()
	opened := <-happened // a single check was asked for
	if opened.What != "opened" || opened.Asset != a.ID {
		t.Errorf("%+v", opened)
	}
	if out := command(0, "list", "--state", "open", "--severity", "critical"); !strings.Contains(out, opened.Incident) || !strings.Contains(out, "500") {
		t.Errorf("%s", out)
	}
	var shown struct {
		ID           string
		Acknowledged struct{ Note string }
	}
	if err := json.Unmarshal([]byte(command(0, "ack", site.URL, "--note", "seen", "-o", "json")), &shown); err != nil || shown.ID != opened.Incident || shown.Acknowledged.Note != "seen" {
		t.Errorf("%+v, %v", shown, err)
	}
	<-happened
	broken.Store(false)
	check()
	check()
	if closed := <-happened; closed.What != "closed" || closed.Incident != opened.Incident {
		t.Errorf("%+v", closed)
	}
	if out := command(0, "show", opened.Incident); !strings.Contains(out, "recovered") || !strings.Contains(out, "seen") {
		t.Errorf("%s", out)
	}
	if out := command(2, "close", opened.Incident); !strings.Contains(out, "closed already") {
		t.Errorf("%s", out)
	}
	if out := command(0, "list", "--asset", site.URL, "-o", "csv"); strings.Count(out, "\n") != 2 || !strings.HasPrefix(out, "id,asset,") {
		t.Errorf("%s", out)
	}
}
