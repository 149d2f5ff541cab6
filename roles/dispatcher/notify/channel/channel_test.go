package channel_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"webmon/plugins"
	"webmon/roles/dispatcher/notify/channel"
	"webmon/roles/dispatcher/notify/settings"
	"webmon/roles/dispatcher/notify/shout"
)

func TestMain(m *testing.M) {
	if len(os.Args) == 2 && os.Args[1] == "deliver" {
		if err := shout.Main(os.Stdin, os.Stdout); err != nil {
			os.Exit(1)
		}
		os.Exit(0)
	}
	goleak.VerifyTestMain(m)
}

// receiver keeps what it is asked.
type receiver struct {
	*httptest.Server
	mu       sync.Mutex
	requests []request
}

type request struct {
	method, path string
	header       http.Header
	body         []byte
}

func newReceiver(t *testing.T, answer func(http.ResponseWriter, *http.Request)) *receiver {
	t.Helper()
	r := &receiver{}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		body, _ := io.ReadAll(q.Body)
		r.mu.Lock()
		r.requests = append(r.requests, request{q.Method, q.URL.Path, q.Header, body})
		r.mu.Unlock()
		if answer != nil {
			answer(w, q)
		}
	}))
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) take() []request {
	r.mu.Lock()
	defer r.mu.Unlock()
	taken := r.requests
	r.requests = nil
	return taken
}

func newChannel(t *testing.T, c settings.Channel, deny ...netip.Prefix) channel.Channel {
	t.Helper()
	made, err := channel.New(&c, channel.Options{Deny: deny, Deliver: []string{os.Args[0], "deliver"}, Version: "1.2"})
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func inTime(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	t.Cleanup(cancel)
	return ctx
}

var (
	opened  = time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC)
	trouble = channel.Incident{
		ID: "d4a1!7", Asset: "d4a1", Name: "shop", URL: "https://shop.example.org/", Tags: []string{"prod", "shop"},
		Verdict: plugins.Down, Severity: plugins.Critical, Reason: "it answers 503", Opened: opened, Checks: 3,
		LastGood: opened.Add(-time.Minute), Link: "https://webmon.example.org/assets/d4a1",
	}
	message = channel.Message{
		ID: "d4a1!7.opened.hook", Kind: "opened", At: opened, Subject: "shop is down", Text: "shop is down since 12:00.\n",
		Incidents: []channel.Incident{trouble},
	}
)

func TestOutcomes(t *testing.T) {
	t.Parallel()
	closed := httptest.NewServer(nil)
	closed.Close()
	for name, tt := range map[string]struct {
		url    string
		unsure bool
	}{
		"refused":      {newReceiver(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(503) }).URL, false},
		"cut":          {newReceiver(t, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }).URL, true},
		"nobody there": {closed.URL, false},
	} {
		service := "generic://" + strings.TrimPrefix(tt.url, "http://") + "/?disabletls=yes"
		for _, s := range []settings.Channel{{Webhook: &settings.Webhook{URL: tt.url}}, {Service: service}} {
			err := newChannel(t, s).Send(inTime(t), &message)
			if err == nil || errors.Is(err, channel.ErrUnsure) != tt.unsure {
				t.Errorf("%s: unsure is not %v: %v", name, tt.unsure, err)
			} else if n := strings.Count(err.Error(), "it may have"); n > 1 || n == 1 != tt.unsure {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

// A service of shoutrrr, by a process of its own.
func TestService(t *testing.T) {
	t.Parallel()
	r := newReceiver(t, func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "{}") })
	ntfy := newChannel(t, settings.Channel{Service: "ntfy://" + r.Listener.Addr().String() + "/topic?disabletls=yes"})
	if err := ntfy.Send(inTime(t), &message); err != nil {
		t.Fatal(err)
	}
	if q := r.take(); len(q) != 1 || q[0].path != "/topic" || q[0].header.Get("Title") != message.Subject || string(q[0].body) != message.Text {
		t.Errorf("%+v", q)
	}
}

// No channel of any kind connects to what is never let through, or denied.
func TestGuarded(t *testing.T) {
	t.Parallel()
	r := newReceiver(t, nil)
	address := r.Listener.Addr().String()
	kinds := func(host string) map[string]settings.Channel {
		return map[string]settings.Channel{
			"webhook":      {Webhook: &settings.Webhook{URL: "http://" + host + "/"}},
			"alertmanager": {Alertmanager: &settings.Alertmanager{URL: "http://" + host, Refresh: time.Minute}},
			"mail":         {Service: "smtp://" + host + "/?from=a@example.org&to=b@example.org"},
			"ntfy":         {Service: "ntfy://" + host + "/topic?disabletls=yes"},
			"generic":      {Service: "generic://" + host + "/in?disabletls=yes"},
		}
	}
	for kind, c := range kinds("169.254.169.254:80") {
		if err := newChannel(t, c).Send(inTime(t), &message); err == nil || !strings.Contains(err.Error(), "link-local") || errors.Is(err, channel.ErrUnsure) {
			t.Errorf("%s to metadata: %v", kind, err)
		}
	}
	for kind, c := range kinds(address) {
		err := newChannel(t, c, netip.MustParsePrefix("127.0.0.0/8")).Send(inTime(t), &message)
		if err == nil || !strings.Contains(err.Error(), "targets-deny refuses") || errors.Is(err, channel.ErrUnsure) {
			t.Errorf("%s to what is denied: %v", kind, err)
		}
	}
	if q := r.take(); len(q) > 0 {
		t.Errorf("requests came through: %+v", q)
	}
}

// Whatever goes wrong, no error tells a secret.
func TestErrorsKeepSecrets(t *testing.T) {
	t.Parallel()
	tell := newReceiver(t, func(w http.ResponseWriter, q *http.Request) {
		w.WriteHeader(http.StatusForbidden)
		io.WriteString(w, "not with "+q.URL.String()+" and "+q.Header.Get("Authorization"))
	})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	dead := listener.Addr().String()
	listener.Close()
	for _, host := range []string{tell.Listener.Addr().String(), dead} {
		for kind, c := range map[string]settings.Channel{
			"webhook":      {Webhook: &settings.Webhook{URL: "http://user:hunter2@" + host + "/hunter3?token=hunter4", Secret: "hunter5", Headers: map[string]string{"Authorization": "Bearer hunter6"}}},
			"alertmanager": {Alertmanager: &settings.Alertmanager{URL: "http://" + host, BearerToken: "hunter2", Refresh: time.Minute}},
			"mail":         {Service: "smtp://hunter2:hunter3@" + host + "/?from=a@example.org&to=b@example.org&starttls=no"},
			"ntfy":         {Service: "ntfy://hunter2:hunter3@" + host + "/hunter4?disabletls=yes"},
			"generic":      {Service: "generic://" + host + "/hunter2?disabletls=yes&@Authorization=hunter3"},
			"gotify":       {Service: "gotify://" + host + "/Ahunter2hunter?disabletls=yes"},
		} {
			if kind == "mail" && host != dead {
				continue // who speaks HTTP never greets
			}
			err := newChannel(t, c).Send(inTime(t), &message)
			if err == nil || strings.Contains(err.Error(), "hunter") {
				t.Errorf("%s at %s: %v", kind, host, err)
			}
		}
	}
	for _, url := range []string{"slack://hunter2", "hunter2://x", "smtp://user:hunter2@host/"} {
		if _, err := channel.New(&settings.Channel{Name: "a", Where: "alerts.yaml:3: channels.a", Service: url}, channel.Options{}); err == nil ||
			strings.Contains(err.Error(), "hunter2") || !strings.HasPrefix(err.Error(), "alerts.yaml:3: channels.a: ") {
			t.Errorf("%s: %v", url, err)
		}
	}
}
