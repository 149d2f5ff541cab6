package app_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"webmon/store/storetest"
)

// runNotify runs webmon notify and gives what it says and its exit code.
func runNotify(t *testing.T, environ []string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	var out, errs bytes.Buffer
	cmd := exec.CommandContext(t.Context(), path, append([]string{"notify"}, args...)...)
	cmd.Stdout, cmd.Stderr, cmd.Env = &out, &errs, append(os.Environ(), environ...)
	_ = cmd.Run()
	return out.String(), errs.String(), cmd.ProcessState.ExitCode()
}

func alertsFile(t *testing.T, text string, args ...any) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "alerts.yaml")
	if err := os.WriteFile(path, fmt.Appendf(nil, text, args...), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// requests keeps what an HTTP server is asked.
type requests struct {
	*httptest.Server
	mu  sync.Mutex
	got []string // path and body
}

func newRequests(t *testing.T, answer func(w http.ResponseWriter)) *requests {
	t.Helper()
	r := &requests{}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		body, _ := io.ReadAll(q.Body)
		r.mu.Lock()
		r.got = append(r.got, q.URL.Path+" "+string(body))
		r.mu.Unlock()
		if answer != nil {
			answer(w)
		}
	}))
	t.Cleanup(r.Close)
	return r
}

func (r *requests) all() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]string(nil), r.got...)
}

func TestNotifyTest(t *testing.T) {
	t.Parallel()
	r := newRequests(t, func(w http.ResponseWriter) { io.WriteString(w, "{}") })
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()
	host := strings.TrimPrefix(r.URL, "http://")
	file := alertsFile(t, `channels:
  hook: {webhook: {url: 'http://%[1]s/hook', secret: '${SECRET}'}}
  phone: {url: 'ntfy://%[1]s/topic?disabletls=yes'}
  am: {alertmanager: {url: 'http://%[1]s'}}
  dead: {webhook: {url: 'http://%[2]s/hunter2'}}
routes: [{channels: [hook, phone, am, dead]}]
`, host, closed.Addr())
	environ := []string{"SECRET=hunter2"}
	out, errs, code := runNotify(t, environ, "test", "phone", "am", "hook", "--alerts", file)
	if code != 0 || errs != "" || out != "am     sent\nhook   sent\nphone  sent\n" {
		t.Errorf("%d %q %q", code, out, errs)
	}
	all := strings.Join(r.all(), "\n")
	for _, want := range []string{"/api/v2/alerts []", "/hook {", `"kind":"test"`, "/topic This is a test of the channel phone."} {
		if !strings.Contains(all, want) {
			t.Errorf("%q was not sent: %q", want, all)
		}
	}
	out, errs, code = runNotify(t, environ, "test", "--alerts", file)
	if code != 1 || errs != "" || !strings.Contains(out, "dead   failed: ") || !strings.Contains(out, "refused") || strings.Contains(out, "hunter2") {
		t.Errorf("%d %q %q", code, out, errs)
	}
	for _, tt := range []struct {
		args []string
		want string
	}{
		{[]string{"test"}, "no file is given"},
		{[]string{"test", "--alerts", file + "x"}, "no such file"},
		{[]string{"test", "nobody", "--alerts", file}, `no channel "nobody"`},
		{[]string{"test", "--alerts", alertsFile(t, "channels: {a: {url: 'slack://hunter2'}}\nroutes: [{channels: [a]}]\n")}, "alerts.yaml:1: channels.a"},
		{[]string{"check", "--alerts", file, "--severity", "loud"}, "--severity"},
		{[]string{"check", "--alerts", file, "--verdict", "up"}, "--verdict"},
	} {
		out, errs, code := runNotify(t, environ, tt.args...)
		if code != 2 || out != "" || !strings.Contains(errs, tt.want) || strings.Contains(errs, "hunter2") {
			t.Errorf("%v: %d %q %q", tt.args, code, out, errs)
		}
	}
	// A channel may not connect to what is denied.
	out, _, code = runNotify(t, environ, "test", "hook", "phone", "--alerts", file, "--targets-deny", "127.0.0.0/8")
	if code != 1 || strings.Count(out, "targets-deny refuses") != 2 {
		t.Errorf("%d %q", code, out)
	}
}

// The example file is good, and does what its comments say.
func TestAlertsExample(t *testing.T) {
	t.Parallel()
	environ := []string{"ALERT_MAIL_PASSWORD=a", "ALERT_NTFY_TOPIC=b", "ALERT_HOOK_SECRET=c"}
	for _, tt := range []struct{ tags, severity, verdict, want string }{
		{"prod", "critical", "down", "hook alertmanager phone mail"},
		{"prod", "warning", "degraded", "hook alertmanager mail"},
		{"lab,demo", "critical", "down", "hook alertmanager mail"},
	} {
		out, errs, code := runNotify(t, environ, "check", "--alerts", "../configs/alerts.example.yaml", "--tag", tt.tags, "--severity", tt.severity, "--verdict", tt.verdict)
		var channels []string
		for line := range strings.Lines(out) {
			if strings.HasPrefix(line, "  ") {
				channels = append(channels, strings.Fields(line)[0])
			}
		}
		if code != 0 || errs != "" || strings.Join(channels, " ") != tt.want || !strings.HasPrefix(out, "ok: ../configs/alerts.example.yaml: channels 4, routes 4, maintenance windows 2\n") {
			t.Errorf("%+v: %d %q %q", tt, code, out, errs)
		}
	}
	if _, errs, code := runNotify(t, nil, "check", "--alerts", "../configs/alerts.example.yaml"); code != 2 || !strings.Contains(errs, "ALERT_MAIL_PASSWORD is not set") {
		t.Errorf("without its variables: %d %q", code, errs)
	}
}

// A whole webmon sees a page go down and come back, tells a webhook, and shows
// by its API whom it told. One that is killed while it sends never sends it again.
func TestAlerts(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	status, hang := http.StatusOK, make(chan struct{})
	set := func(s int) { mu.Lock(); defer mu.Unlock(); status = s }
	page := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		w.WriteHeader(status)
		io.WriteString(w, "<title>shop</title>")
	}))
	t.Cleanup(page.Close)
	well := newRequests(t, nil)
	hung := newRequests(t, func(http.ResponseWriter) { <-hang })
	t.Cleanup(func() { close(hang) }) // before its server waits for it
	file := alertsFile(t, `channels:
  well: {webhook: {url: '%s/in'}}
  hung: {webhook: {url: '%s/in'}, timeout: 10s}
routes: [{channels: [well, hung], group-wait: 0s}]
`, well.URL, hung.URL)
	redis := storetest.Server(t).Address()
	args := []string{"all", "--redis", redis, "--listen", "127.0.0.1:0", "--control", "tcp://127.0.0.1:*", "--alerts", file}
	p := start(t, 3, args...)
	c := client{t, p.Address("api")}
	a := c.create(page.URL, map[string]any{"name": "shop", "alerts": map[string]any{"bad": 1, "of": 1, "good": 1, "confirm": false}})
	check := func() { c.finish(c.run(map[string]any{"assets": []string{a.ID}})) }
	check()
	set(http.StatusInternalServerError)
	check()
	eventually(t, "both were told", func() error {
		if len(well.all()) != 1 || len(hung.all()) != 1 {
			return fmt.Errorf("%q, %q", well.all(), hung.all())
		}
		return nil
	})
	notices := func() map[string]string {
		var list struct {
			Incidents []struct {
				Notices []struct{ Kind, Channel, State, Error string }
			}
		}
		c.must(http.StatusOK, "GET", "/v1/incidents?asset="+a.ID, nil, &list)
		states := map[string]string{}
		for _, n := range list.Incidents[0].Notices {
			states[n.Kind+" "+n.Channel] = n.State
		}
		return states
	}
	states := func(want map[string]string) {
		t.Helper()
		eventually(t, "the notices", func() error {
			got := notices()
			for what, state := range want {
				if got[what] != state {
					return fmt.Errorf("%v, not %v", got, want)
				}
			}
			return nil
		})
	}
	states(map[string]string{"opened well": "sent", "opened hung": "sending"})
	p.Kill() // while it sends to one

	p = start(t, 3, args...)
	c = client{t, p.Address("api")}
	set(http.StatusOK)
	check()
	// Its sender must have been silent for a while before it counts as dead.
	states(map[string]string{"opened well": "sent", "opened hung": "unknown", "closed well": "sent"})
	for _, request := range hung.all()[1:] {
		if strings.Contains(request, `"kind":"opened"`) {
			t.Errorf("sent again: %s", request)
		}
	}
	var bodies []string
	for _, request := range well.all() {
		var m struct{ Kind, Subject string }
		if err := json.Unmarshal([]byte(strings.TrimPrefix(request, "/in ")), &m); err != nil {
			t.Fatal(err)
		}
		bodies = append(bodies, m.Kind+": "+m.Subject)
	}
	if got := strings.Join(bodies, ", "); got != "opened: webmon: shop is down, closed: webmon: shop is well again" {
		t.Errorf("%s", got)
	}
	p.waitLog("may not have arrived")
	p.stop()
}
