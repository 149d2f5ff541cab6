package client

import (
	"bytes"
	"context"
	"encoding/json"
	"iter"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"webmon/plugins"
)

const incidentsPath = "/v1/incidents"

// Incident is a time in which an asset was bad, as the API gives it.
type Incident struct {
	ID       string           `json:"id"`
	Asset    string           `json:"asset"` // id
	Name     string           `json:"name"`  // of the asset when it opened, as URL and Tags
	URL      string           `json:"url"`
	Tags     []string         `json:"tags"`
	State    string           `json:"state"`   // open or closed
	Verdict  plugins.Verdict  `json:"verdict"` // the worst so far
	Severity plugins.Severity `json:"severity"`
	Reason   string           `json:"reason"` // one sentence
	Opened   time.Time        `json:"opened"`
	Closed   time.Time        `json:"closed"` // zero while it is open
	Checks   int64            `json:"checks"` // bad ones so far
	Flaps    int              `json:"flaps"`  // how often it closed and came back
	Muted    bool             `json:"muted"`
	Remind   string           `json:"remind"` // empty: never

	Acknowledged *Acknowledgement `json:"acknowledged"` // nil: nobody did

	ClosedWhy string `json:"closed_why"`
	ClosedBy  string `json:"closed_by"` // who closed it by hand

	Notices []Notice `json:"notices"` // who was told, or is to be

	// JSON is as in [Asset].
	JSON json.RawMessage `json:"-"`
}

// Acknowledgement says who looks after an incident.
type Acknowledgement struct {
	At   time.Time `json:"at"`
	By   string    `json:"by"`
	Note string    `json:"note"`
}

// Notice is what became of something to tell of an incident on its way to one
// channel.
type Notice struct {
	Kind     string    `json:"kind"` // opened, worse, flapping, closed, settled, or reminder. with a number
	Channel  string    `json:"channel"`
	State    string    `json:"state"` // waiting, sending, failed, sent, given up or unknown
	At       time.Time `json:"at"`    // since when
	Attempts int       `json:"attempts"`
	Retry    time.Time `json:"retry"` // when it is tried again; zero for not
	Error    string    `json:"error"`
}

// UnmarshalJSON implements json.Unmarshaler.
func (i *Incident) UnmarshalJSON(text []byte) error {
	type plain Incident
	i.JSON = bytes.Clone(text)
	return json.Unmarshal(text, (*plain)(i))
}

// MarshalJSON implements json.Marshaler.
func (i Incident) MarshalJSON() ([]byte, error) { return i.JSON, nil }

// Label is what people know the asset of the incident by.
func (i *Incident) Label() string {
	if i.Name != "" {
		return i.Name
	}
	return i.URL
}

// IncidentFilter selects incidents. What is set must all hold.
type IncidentFilter struct {
	State    string // open or closed
	Asset    string // id
	Tag      string
	Severity plugins.Severity
}

// Incidents lists incidents, the open ones first, and of each state the newest
// first. It asks for page after page, and ends with the first error.
func (c *Client) Incidents(ctx context.Context, f IncidentFilter) iter.Seq2[Incident, error] {
	return pages(func(limit, cursor string) (list []Incident, next string, err error) {
		page, err := c.incidentPage(ctx, f, limit, cursor)
		return page.Incidents, page.Next, err
	})
}

// IncidentPage is a page of a list of incidents. Next is the cursor of the next
// page, empty after the last.
type IncidentPage struct {
	Incidents []Incident `json:"incidents"`
	Next      string     `json:"next"`
}

// IncidentPage reads one page of the list of [Client.Incidents].
func (c *Client) IncidentPage(ctx context.Context, f IncidentFilter, limit int, cursor string) (IncidentPage, error) {
	return c.incidentPage(ctx, f, strconv.Itoa(limit), cursor)
}

func (c *Client) incidentPage(ctx context.Context, f IncidentFilter, limit, cursor string) (page IncidentPage, err error) {
	query := url.Values{}
	for name, value := range map[string]string{"state": f.State, "asset": f.Asset, "tag": f.Tag, "severity": string(f.Severity)} {
		if value != "" {
			query.Set(name, value)
		}
	}
	err = c.Call(ctx, http.MethodGet, paged(incidentsPath, query, limit, cursor), nil, &page)
	return page, err
}

// Incident reads an incident.
func (c *Client) Incident(ctx context.Context, id string) (Incident, error) {
	var i Incident
	err := c.Call(ctx, http.MethodGet, incidentPath(id), nil, &i)
	return i, err
}

// Author says who does something, and why. A token's name comes before By.
type Author struct {
	By   string `json:"by,omitempty"`
	Note string `json:"note,omitempty"`
}

// AcknowledgeIncident says that somebody looks after an open incident.
func (c *Client) AcknowledgeIncident(ctx context.Context, id string, a Author) (Incident, error) {
	var i Incident
	err := c.Call(ctx, http.MethodPost, incidentPath(id)+"/acknowledge", a, &i)
	return i, err
}

// CloseIncident closes an open incident by hand.
func (c *Client) CloseIncident(ctx context.Context, id string, a Author) (Incident, error) {
	var i Incident
	err := c.Call(ctx, http.MethodPost, incidentPath(id)+"/close", a, &i)
	return i, err
}

func incidentPath(id string) string { return incidentsPath + "/" + url.PathEscape(id) }
