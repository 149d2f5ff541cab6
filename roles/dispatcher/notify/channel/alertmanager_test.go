package channel_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"webmon/plugins"
	"webmon/roles/dispatcher/notify/channel"
	"webmon/roles/dispatcher/notify/settings"
)

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

// The timeout is that of one request: many that go on need many, and one that hangs
// ends by itself.
func TestRefreshTimeout(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	r := newReceiver(t, func(http.ResponseWriter, *http.Request) { <-release })
	t.Cleanup(func() { close(release) })
	am := newChannel(t, settings.Channel{Timeout: 50 * time.Millisecond, Alertmanager: &settings.Alertmanager{URL: r.URL, Refresh: time.Minute}}).(channel.Refresher)
	ended := make(chan error, 1)
	go func() { ended <- am.Refresh(context.Background(), []channel.Incident{trouble}) }()
	select {
	case err := <-ended:
		if err == nil || !errors.Is(err, channel.ErrUnsure) {
			t.Error(err)
		}
	case <-inTime(t).Done():
		t.Error("it does not end")
	}
}
