package dashboard

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"webmon/plugins"
	"webmon/roles/api/client"
)

// incidentsPage is the list of incidents.
type incidentsPage struct {
	Incidents []*client.Incident
	Open      client.OpenIncidents
	Filter    client.IncidentFilter
	States    []option
	Levels    []option
	Pager     pager
	Here      string
}

func showIncidents(v *visit) error {
	query := v.r.URL.Query()
	p := incidentsPage{Here: v.r.URL.RequestURI(), Filter: client.IncidentFilter{
		State: query.Get("state"), Tag: strings.TrimSpace(query.Get("tag")), Severity: plugins.Severity(query.Get("severity")), Asset: query.Get("asset"),
	}}
	summary, err := v.api.Summary(v.r.Context())
	if err != nil {
		return err
	}
	p.Open = summary.Incidents
	page, err := v.api.IncidentPage(v.r.Context(), p.Filter, pageLength, query.Get("cursor"))
	if err != nil {
		return err
	}
	for i := range page.Incidents {
		p.Incidents = append(p.Incidents, &page.Incidents[i])
	}
	p.Pager = pagerOf(v.r.URL, page.Next)
	for _, o := range []option{{Text: "open and closed"}, {Value: "open", Text: "open"}, {Value: "closed", Text: "closed"}} {
		o.Chosen = o.Value == p.Filter.State
		p.States = append(p.States, o)
	}
	for _, o := range []option{{Text: "any severity"}, {Value: "critical", Text: "critical"}, {Value: "warning", Text: "warning"}} {
		o.Chosen = o.Value == string(p.Filter.Severity)
		p.Levels = append(p.Levels, o)
	}
	return v.show(http.StatusOK, "incidents", "Incidents", &p)
}

func showIncident(v *visit) error {
	i, err := v.api.Incident(v.r.Context(), v.r.PathValue("id"))
	if err != nil {
		return err
	}
	return v.show(http.StatusOK, "incident", "Incident of "+i.Label(), &i)
}

func acknowledgeIncident(v *visit) error {
	return v.handIncident(v.api.AcknowledgeIncident, "Acknowledged: nobody is reminded of it any more.")
}

func closeIncident(v *visit) error {
	return v.handIncident(v.api.CloseIncident, "Closed.")
}

// handIncident does something with an incident by hand.
func (v *visit) handIncident(do func(context.Context, string, client.Author) (client.Incident, error), word string) error {
	id := v.r.PathValue("id")
	back := "/incidents/" + url.PathEscape(id)
	if given := v.r.PostFormValue("back"); given != "" {
		back = localPath(given)
	}
	if _, err := do(v.r.Context(), id, client.Author{By: "dashboard", Note: strings.TrimSpace(v.r.PostFormValue("note"))}); err != nil {
		return v.refused(back, err)
	}
	return v.done(back, word)
}
