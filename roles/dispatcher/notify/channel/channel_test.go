package channel_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"reflect"
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

func TestWebhook(t *testing.T) {
	t.Parallel()
	r := newReceiver(t, nil)
	const secret = "sesame sesame"
	hook := newChannel(t, settings.Channel{Webhook: &settings.Webhook{URL: r.URL + "/in?x=1", Secret: secret, Headers: map[string]string{"X-Team": "web"}}})
	for range 2 {
		if err := hook.Send(inTime(t), &message); err != nil {
			t.Fatal(err)
		}
	}
	got := r.take()
	if len(got) != 2 {
		t.Fatalf("%d requests", len(got))
	}
	for _, q := range got {
		stamp := q.header.Get("Webmon-Timestamp")
		mac := hmac.New(sha256.New, []byte(secret))
		io.WriteString(mac, stamp+"."+string(q.body))
		if want := "sha256=" + hex.EncodeToString(mac.Sum(nil)); q.header.Get("Webmon-Signature") != want {
			t.Errorf("signature %q, not %q", q.header.Get("Webmon-Signature"), want)
		}
		for name, want := range map[string]string{"X-Team": "web", "Content-Type": "application/json", "User-Agent": "webmon/1.2", "Webmon-Delivery": message.ID} {
			if q.header.Get(name) != want {
				t.Errorf("%s: %q, not %q", name, q.header.Get(name), want)
			}
		}
		if q.method != "POST" || q.path != "/in" {
			t.Errorf("%s %s", q.method, q.path)
		}
		checkSchema(t, q.body)
	}
	var body struct {
		Version           int
		ID, Kind, Subject string
		At                time.Time
		Incidents         []channel.Incident
	}
	if err := json.Unmarshal(got[0].body, &body); err != nil {
		t.Fatal(err)
	}
	if body.Version != 1 || body.ID != message.ID || body.Kind != "opened" || !body.At.Equal(opened) || !reflect.DeepEqual(body.Incidents, message.Incidents) {
		t.Errorf("%s", got[0].body)
	}
}

// checkSchema checks a body against the part of JSON Schema that the
// documentation's schema uses.
func checkSchema(t *testing.T, body []byte) {
	t.Helper()
	content, err := os.ReadFile("../../../../docs/alert-webhook.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	var schema map[string]any
	var value any
	if err := errors.Join(json.Unmarshal(content, &schema), json.Unmarshal(body, &value)); err != nil {
		t.Fatal(err)
	}
	var check func(path string, schema map[string]any, value any)
	check = func(path string, schema map[string]any, value any) {
		kind := ""
		switch v := value.(type) {
		case map[string]any:
			kind = "object"
			properties, _ := schema["properties"].(map[string]any)
			for name, one := range v {
				property, known := properties[name].(map[string]any)
				if !known {
					t.Errorf("%s.%s is not in the schema", path, name)
					continue
				}
				check(path+"."+name, property, one)
			}
			required, _ := schema["required"].([]any)
			for _, name := range required {
				if _, there := v[name.(string)]; !there {
					t.Errorf("%s.%s is missing", path, name)
				}
			}
		case []any:
			kind = "array"
			items, _ := schema["items"].(map[string]any)
			for _, one := range v {
				check(path+"[]", items, one)
			}
		case string:
			kind = "string"
			if words, ok := schema["enum"].([]any); ok {
				found := false
				for _, word := range words {
					found = found || word == v
				}
				if !found {
					t.Errorf("%s: %q is none of %v", path, v, words)
				}
			}
		case float64:
			kind = "integer"
		}
		if schema["type"] != kind {
			t.Errorf("%s is a %s, not a %v", path, kind, schema["type"])
		}
		if schema["description"] == nil {
			t.Errorf("%s has no description", path)
		}
	}
	check("$", schema, value)
}

func TestWebhookUnsigned(t *testing.T) {
	t.Parallel()
	r := newReceiver(t, nil)
	hook := newChannel(t, settings.Channel{Webhook: &settings.Webhook{URL: r.URL}})
	if err := hook.Send(inTime(t), &channel.Message{ID: "x", Kind: "test"}); err != nil {
		t.Fatal(err)
	}
	q := r.take()[0]
	if q.header.Get("Webmon-Signature") != "" {
		t.Error("signed with no secret")
	}
	checkSchema(t, q.body)
}

// A webhook that sends elsewhere is not followed: what is signed is for one.
func TestRedirectIsNotFollowed(t *testing.T) {
	t.Parallel()
	other := newReceiver(t, nil)
	r := newReceiver(t, func(w http.ResponseWriter, q *http.Request) {
		http.Redirect(w, q, other.URL, http.StatusTemporaryRedirect)
	})
	err := newChannel(t, settings.Channel{Webhook: &settings.Webhook{URL: r.URL}}).Send(inTime(t), &message)
	if err == nil || !strings.Contains(err.Error(), "307") || len(other.take()) > 0 {
		t.Errorf("followed: %v", err)
	}
}

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
		err := newChannel(t, settings.Channel{Webhook: &settings.Webhook{URL: tt.url}}).Send(inTime(t), &message)
		if err == nil || errors.Is(err, channel.ErrUnsure) != tt.unsure {
			t.Errorf("%s: unsure is not %v: %v", name, tt.unsure, err)
		}
	}
}

// gettable are the fields that Alertmanager's API v2 knows of a posted alert.
type postable struct {
	Labels, Annotations map[string]string
	StartsAt, EndsAt    time.Time
	GeneratorURL        string
}

func alerts(t *testing.T, q request) []postable {
	t.Helper()
	if q.method != "POST" || q.path != "/prefix/api/v2/alerts" || q.header.Get("Content-Type") != "application/json" {
		t.Errorf("%s %s %v", q.method, q.path, q.header)
	}
	var list []postable
	decoder := json.NewDecoder(strings.NewReader(string(q.body)))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&list); err != nil {
		t.Fatal(err)
	}
	for _, a := range list {
		for name, value := range a.Labels {
			if value == "" {
				t.Errorf("label %s is empty", name)
			}
		}
		if a.Labels["alertname"] == "" || a.EndsAt.Before(a.StartsAt) {
			t.Errorf("%+v", a)
		}
	}
	return list
}

func TestAlertmanager(t *testing.T) {
	t.Parallel()
	r := newReceiver(t, nil)
	made := newChannel(t, settings.Channel{Alertmanager: &settings.Alertmanager{
		URL: r.URL + "/prefix", Username: "user", Password: "hunter2", Labels: map[string]string{"team": "web"}, Refresh: time.Minute,
	}})
	am, ok := made.(channel.Refresher)
	if !ok || am.Every() != time.Minute {
		t.Fatal("it is no Refresher")
	}
	if err := am.Send(inTime(t), &message); err != nil {
		t.Fatal(err)
	}
	q := r.take()
	if user, password, _ := (&http.Request{Header: q[0].header}).BasicAuth(); user != "user" || password != "hunter2" {
		t.Errorf("basic auth %q %q", user, password)
	}
	first := alerts(t, q[0])[0]
	wantLabels := map[string]string{"alertname": "WebmonIncident", "incident": "d4a1!7", "asset": "d4a1", "name": "shop",
		"url": "https://shop.example.org/", "tags": "prod,shop", "severity": "critical", "team": "web"}
	if !reflect.DeepEqual(first.Labels, wantLabels) || !first.StartsAt.Equal(opened) || first.GeneratorURL != trouble.Link ||
		first.Annotations["summary"] != "shop is down" || first.Annotations["description"] != trouble.Reason {
		t.Errorf("%+v", first)
	}
	if left := time.Until(first.EndsAt); left < 3*time.Minute || left > 5*time.Minute {
		t.Errorf("it ends in %v", left)
	}

	// It goes on, and is the same alert.
	if err := am.Refresh(inTime(t), []channel.Incident{trouble}); err != nil {
		t.Fatal(err)
	}
	if list := alerts(t, r.take()[0]); len(list) != 1 || !reflect.DeepEqual(list[0].Labels, first.Labels) || !list[0].EndsAt.After(time.Now()) {
		t.Errorf("%+v", list)
	}

	// With another severity it is another alert, and the one before is over.
	less := trouble
	less.Severity = plugins.Warning
	if err := am.Refresh(inTime(t), []channel.Incident{less}); err != nil {
		t.Fatal(err)
	}
	list := alerts(t, r.take()[0])
	if len(list) != 2 || !reflect.DeepEqual(list[0].Labels, first.Labels) || list[0].EndsAt.After(time.Now()) ||
		list[1].Labels["severity"] != "warning" || !list[1].EndsAt.After(time.Now()) {
		t.Errorf("%+v", list)
	}

	over := less
	over.Closed = opened.Add(time.Hour)
	if err := am.Send(inTime(t), &channel.Message{ID: "x", Kind: "closed", Incidents: []channel.Incident{over}}); err != nil {
		t.Fatal(err)
	}
	if list := alerts(t, r.take()[0]); len(list) != 1 || !list[0].EndsAt.Equal(over.Closed) || list[0].Labels["severity"] != "warning" {
		t.Errorf("%+v", list)
	}
}

// More alerts than one request should hold are several.
func TestManyAlerts(t *testing.T) {
	t.Parallel()
	r := newReceiver(t, nil)
	am := newChannel(t, settings.Channel{Alertmanager: &settings.Alertmanager{URL: r.URL + "/prefix", BearerToken: "geheim", Refresh: time.Minute}})
	many := make([]channel.Incident, 1200)
	for i := range many {
		many[i] = trouble
	}
	if err := am.Send(inTime(t), &channel.Message{Incidents: many}); err != nil {
		t.Fatal(err)
	}
	total := 0
	for _, q := range r.take() {
		if q.header.Get("Authorization") != "Bearer geheim" {
			t.Errorf("authorization %q", q.header.Get("Authorization"))
		}
		total += len(alerts(t, q))
	}
	if total != 1200 {
		t.Errorf("%d alerts", total)
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
