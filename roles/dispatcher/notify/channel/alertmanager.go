package channel

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"strings"
	"time"

	"webmon/plugins"
	"webmon/roles/dispatcher/notify/settings"
)

// firingFor is how many times a refresh may be left out before an Alertmanager
// takes an alert for resolved.
const firingFor = 4

// alertmanager sends incidents to one by POST /api/v2/alerts.
type alertmanager struct {
	settings.Alertmanager
	client *http.Client
	header http.Header
	// said is the severity with which an incident was last sent. It is one of the
	// labels that make an alert what it is: with another one it is another alert.
	said map[string]plugins.Severity
}

func newAlertmanager(s settings.Alertmanager, client *http.Client, agent string) *alertmanager {
	a := &alertmanager{Alertmanager: s, client: client, header: http.Header{"User-Agent": {agent}}, said: map[string]plugins.Severity{}}
	request := &http.Request{Header: a.header}
	switch {
	case s.Username != "":
		request.SetBasicAuth(s.Username, s.Password)
	case s.BearerToken != "":
		a.header.Set("Authorization", "Bearer "+s.BearerToken)
	}
	return a
}

// alert is one of the API's postableAlerts.
type alert struct {
	Labels       map[string]string `json:"labels"`
	Annotations  map[string]string `json:"annotations"`
	StartsAt     time.Time         `json:"startsAt"`
	EndsAt       time.Time         `json:"endsAt"`
	GeneratorURL string            `json:"generatorURL,omitempty"`
}

// path is where its API takes alerts.
const path = "/api/v2/alerts"

// maxAlerts is how many alerts one request holds.
const maxAlerts = 500

// Send sends the incidents of a message. Of its words an Alertmanager makes its
// own. Of none it gets an empty list, which it takes from those who may post.
func (a *alertmanager) Send(ctx context.Context, m *Message) error {
	if len(m.Incidents) == 0 {
		return post(ctx, a.client, a.URL+path, a.header.Clone(), []byte("[]"))
	}
	return a.send(ctx, m.Incidents)
}

// Every says how often open incidents are sent again.
func (a *alertmanager) Every() time.Duration { return a.Alertmanager.Refresh }

// Refresh sends open incidents again, or they would be taken for resolved.
func (a *alertmanager) Refresh(ctx context.Context, open []Incident) error {
	there := map[string]bool{}
	for i := range open {
		there[open[i].ID] = true
	}
	maps.DeleteFunc(a.said, func(id string, _ plugins.Severity) bool { return !there[id] })
	return a.send(ctx, open)
}

func (a *alertmanager) send(ctx context.Context, incidents []Incident) error {
	for len(incidents) > 0 {
		part := incidents[:min(maxAlerts, len(incidents))]
		incidents = incidents[len(part):]
		var alerts []alert
		now := time.Now().UTC()
		for i := range part {
			if before, said := a.said[part[i].ID]; said && before != part[i].Severity {
				other := part[i]
				other.Severity, other.Closed = before, now
				alerts = append(alerts, a.alert(&other, now))
			}
			alerts = append(alerts, a.alert(&part[i], now))
		}
		body, err := json.Marshal(alerts)
		if err != nil {
			return err
		}
		if err := post(ctx, a.client, a.URL+path, a.header.Clone(), body); err != nil {
			return err
		}
		for i := range part {
			if part[i].Closed.IsZero() {
				a.said[part[i].ID] = part[i].Severity
			} else {
				delete(a.said, part[i].ID)
			}
		}
	}
	return nil
}

func (a *alertmanager) alert(i *Incident, now time.Time) alert {
	labels := map[string]string{
		"alertname": "WebmonIncident", "incident": i.ID, "asset": i.Asset, "name": i.Name, "url": i.URL,
		"tags": strings.Join(i.Tags, ","), "severity": string(i.Severity),
	}
	maps.Copy(labels, a.Labels)
	maps.DeleteFunc(labels, func(_, value string) bool { return value == "" }) // it refuses those
	title := i.Name
	if title == "" {
		title = i.URL
	}
	annotations := map[string]string{"summary": title + " is " + string(i.Verdict), "verdict": string(i.Verdict)}
	if i.Reason != "" {
		annotations["description"] = i.Reason
	}
	ends := i.Closed
	if ends.IsZero() {
		ends = now.Add(firingFor * a.Alertmanager.Refresh)
	}
	return alert{Labels: labels, Annotations: annotations, StartsAt: i.Opened.UTC(), EndsAt: ends.UTC(), GeneratorURL: i.Link}
}
