package client_test

import (
	"errors"
	"io"
	"net/http"
	"testing"

	"webmon/roles/api/client"
)

func TestIncidents(t *testing.T) {
	t.Parallel()
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		switch got := r.Method + " " + r.URL.RequestURI() + " " + string(body); got {
		case "GET /below/v1/incidents?asset=a&limit=100&severity=critical&state=open&tag=t ":
			_, _ = io.WriteString(w, `{"incidents":[{"id":"a!1","name":"A","later":true}]}`)
		case `POST /below/v1/incidents/a%211/acknowledge {"by":"ada","note":"n"}`, `POST /below/v1/incidents/a!1/acknowledge {"by":"ada","note":"n"}`:
			_, _ = io.WriteString(w, `{"id":"a!1","acknowledged":{"by":"ada","note":"n"}}`)
		case "POST /below/v1/incidents/a%211/close {}", "POST /below/v1/incidents/a!1/close {}":
			w.WriteHeader(http.StatusConflict)
			_, _ = io.WriteString(w, `{"detail":"this incident is closed already"}`)
		default:
			t.Errorf("asked %s", got)
		}
	})
	n := 0
	for i, err := range c.Incidents(t.Context(), client.IncidentFilter{State: "open", Asset: "a", Tag: "t", Severity: "critical"}) {
		if n++; err != nil || i.ID != "a!1" || i.Label() != "A" || string(i.JSON) != `{"id":"a!1","name":"A","later":true}` {
			t.Errorf("%+v, %v", i, err)
		}
	}
	if n != 1 {
		t.Errorf("%d incidents", n)
	}
	if i, err := c.AcknowledgeIncident(t.Context(), "a!1", client.Author{By: "ada", Note: "n"}); err != nil || i.Acknowledged == nil || i.Acknowledged.By != "ada" {
		t.Errorf("%+v, %v", i, err)
	}
	var problem *client.Problem
	if _, err := c.CloseIncident(t.Context(), "a!1", client.Author{}); !errors.As(err, &problem) || problem.Status != http.StatusConflict {
		t.Errorf("%v", err)
	}
}

func TestEvents(t *testing.T) {
	t.Parallel()
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.RequestURI() != "/below/v1/events?asset=a&kind=incident" || r.Header.Get("Last-Event-ID") != "x" {
			t.Errorf("asked %s, %v", r.URL.RequestURI(), r.Header)
		}
		_, _ = io.WriteString(w, "retry: 2000\n\n:\n\nid: y\nevent: incident\ndata: {\"kind\":\"incident\",\"what\":\"opened\"}\n\nid:z\ndata:{\"what\":\"closed\"}\n\n")
	})
	var got []string
	begun := false
	var failed error
	for e, err := range c.Events(t.Context(), client.EventFilter{Asset: "a", Kind: "incident", After: "x"}, func() { begun = true }) {
		if err != nil {
			failed = err
			continue
		}
		got = append(got, e.ID+" "+e.What)
	}
	if len(got) != 2 || got[0] != "y opened" || got[1] != "z closed" || !begun || !errors.Is(failed, io.ErrUnexpectedEOF) {
		t.Errorf("%q, begun %t, %v", got, begun, failed)
	}
	for range c.Events(t.Context(), client.EventFilter{Asset: "a", Kind: "incident", After: "x"}, nil) {
		break // who has enough leaves
	}
	broken := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "data: {\n\n") })
	for _, err := range broken.Events(t.Context(), client.EventFilter{}, nil) {
		if err == nil {
			t.Error("an event that is none was read")
		}
	}
}
