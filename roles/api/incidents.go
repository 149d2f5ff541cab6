package api

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"webmon/plugins"
	"webmon/store"
)

const incidentsPath = "/v1/incidents"

func (s *Server) incidentRoutes(api huma.API) {
	register(s, api, huma.Operation{
		OperationID: "list-incidents", Method: http.MethodGet, Path: incidentsPath,
		Tags: []string{groupIncidents}, Summary: "List incidents",
		Description: "The open ones first, of which the one that opened last comes first; then the closed ones, of which the one that closed last comes first. " +
			"Of those that are closed the latest are kept: about 64,000, and for 90 days. One that changes its state between two pages may be missed or seen twice.",
	}, storeBudget, s.listIncidents)
	register(s, api, huma.Operation{
		OperationID: "get-incident", Method: http.MethodGet, Path: incidentsPath + "/{id}",
		Tags: []string{groupIncidents}, Summary: "Read an incident",
		Description: "It stays as long as it is among the latest that closed, also when its asset is deleted.",
		Errors:      []int{http.StatusNotFound},
	}, storeBudget, s.readIncident)
	byHand := func(action, summary, description string) huma.Operation {
		return huma.Operation{
			OperationID: action + "-incident", Method: http.MethodPost, Path: incidentsPath + "/{id}/" + action,
			Tags: []string{groupIncidents}, Summary: summary, Description: description,
			Errors: []int{http.StatusBadRequest, http.StatusNotFound, http.StatusConflict, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType},
		}
	}
	register(s, api, byHand("acknowledge", "Say that somebody looks after an incident",
		"Nobody is reminded of it any more. It may be said again: the last time counts."), storeBudget,
		func(ctx context.Context, in *handInput) (*incidentOutput, error) {
			return s.handIncident(ctx, in, "acknowledged", s.store.AcknowledgeIncident)
		})
	register(s, api, byHand("close", "Close an incident by hand",
		"If its asset is still bad, a new one opens after as many bad checks as always."), storeBudget,
		func(ctx context.Context, in *handInput) (*incidentOutput, error) {
			return s.handIncident(ctx, in, "closed", s.store.CloseIncident)
		})
}

// IncidentID is the path parameter of all that is about one incident.
type IncidentID struct {
	ID string `path:"id" example:"dc1h53hksdu90v2mjc50!1f" doc:"The incident's id."`
}

type incident struct {
	ID       string           `json:"id" example:"dc1h53hksdu90v2mjc50!1f" doc:"The incident's id."`
	Asset    string           `json:"asset" example:"dc1h53hksdu90v2mjc50" doc:"The id of its asset, which may be deleted by now."`
	Name     string           `json:"name" example:"Example" doc:"The asset's name when the incident opened."`
	URL      string           `json:"url" example:"https://example.com/" doc:"The asset's URL then, without what may be secret."`
	Tags     []string         `json:"tags" nullable:"false" example:"[\"shop\"]" doc:"The asset's tags then."`
	State    string           `json:"state" enum:"open,closed" example:"open" doc:"Whether it is open."`
	Verdict  plugins.Verdict  `json:"verdict" enum:"degraded,changed,inconclusive,down" example:"down" doc:"The worst verdict so far."`
	Severity plugins.Severity `json:"severity" enum:"warning,critical" example:"critical" doc:"The highest so far: warning for degraded and inconclusive, critical for changed and down, and for what a plugin calls critical."`
	Reason   string           `json:"reason" example:"The server answered 500." doc:"What the worst check found, in a sentence."`
	Opened   time.Time        `json:"opened" doc:"When it opened."`
	Closed   time.Time        `json:"closed,omitzero" doc:"When it closed; missing while it is open."`
	Checks   int64            `json:"checks" example:"2" doc:"How many bad checks there were."`
	Flaps    int              `json:"flaps" example:"0" doc:"How often it closed and came back soon."`
	Muted    bool             `json:"muted" doc:"Nobody is told of it."`
	Remind   string           `json:"remind,omitempty" example:"4h" doc:"How often it is told again while it is open; missing for never."`

	Acknowledged *hand `json:"acknowledged,omitempty" doc:"Who looks after it; missing when nobody said so."`

	ClosedWhy string `json:"closed_why,omitempty" example:"recovered" doc:"Why it closed: recovered, closed by hand, with a note, the asset was deleted, or paused."`
	ClosedBy  string `json:"closed_by,omitempty" example:"ada" doc:"Who closed it by hand."`

	Notices []notice `json:"notices" nullable:"false" doc:"Who was told of it, or is to be, by the alerts file of the dispatchers."`
}

// notice is what became of something to tell on its way to one channel.
type notice struct {
	Kind     string              `json:"kind" example:"opened" doc:"What there was to tell: opened, worse, flapping, closed, settled, or a reminder with its number, such as reminder.1."`
	Channel  string              `json:"channel" example:"mail" doc:"The name of the channel."`
	State    store.DeliveryState `json:"state" enum:"waiting,sending,failed,sent,given up,unknown" example:"sent" doc:"How far it is. After failed it is tried again; unknown may have arrived, and is not sent again."`
	At       time.Time           `json:"at" doc:"Since when."`
	Attempts int                 `json:"attempts" example:"1" doc:"How often it was tried."`
	Retry    time.Time           `json:"retry,omitzero" doc:"When it is tried again."`
	Error    string              `json:"error,omitempty" example:"it answered 503 Service Unavailable" doc:"Why it is not there, or was not at first."`
}

func viewNotices(deliveries []store.Delivery) []notice {
	notices := make([]notice, 0, len(deliveries))
	for _, d := range deliveries {
		notices = append(notices, notice{Kind: d.Kind, Channel: d.Channel, State: d.State, At: d.At, Attempts: d.Attempts, Retry: d.Retry, Error: d.Error})
	}
	return notices
}

type hand struct {
	At   time.Time `json:"at" doc:"When."`
	By   string    `json:"by" example:"ada" doc:"Who."`
	Note string    `json:"note,omitempty" example:"I am on it." doc:"Why."`
}

func viewIncident(i *store.Incident) incident {
	view := incident{
		ID: i.ID, Asset: i.Asset, Name: i.Name, URL: i.URL, Tags: i.Tags, State: string(store.IncidentOpen),
		Verdict: i.Verdict, Severity: i.Severity, Reason: i.Reason, Opened: i.Opened, Closed: i.Closed,
		Checks: i.Checks, Flaps: i.Flaps, Muted: i.Muted, ClosedWhy: i.ClosedWhy, ClosedBy: i.ClosedBy, Notices: viewNotices(i.Deliveries),
	}
	if view.Tags == nil {
		view.Tags = []string{}
	}
	if !i.IsOpen() {
		view.State = string(store.IncidentClosed)
	}
	if i.Remind != 0 {
		view.Remind = i.Remind.String()
	}
	if !i.Acknowledged.IsZero() {
		view.Acknowledged = &hand{At: i.Acknowledged, By: i.AcknowledgedBy, Note: i.AckNote}
	}
	return view
}

type listIncidentsInput struct {
	Page
	State    string `query:"state" enum:"open,closed" doc:"Only incidents in this state."`
	Asset    string `query:"asset" maxLength:"64" example:"dc1h53hksdu90v2mjc50" doc:"Only incidents of the asset with this id."`
	Tag      string `query:"tag" maxLength:"64" example:"shop" doc:"Only incidents whose asset had this tag when they opened."`
	Severity string `query:"severity" enum:"warning,critical" doc:"Only incidents of this severity."`
}

type listIncidentsOutput struct {
	Body struct {
		Incidents []incident `json:"incidents" nullable:"false" doc:"The incidents of this page. With a filter that few pass there may be few or none, and still a next page."`
		Next      string     `json:"next,omitempty" example:"MW9wZW4vMTc2NDQyMTk4NTM5Ny9kYzFoNTNoa3NkdTkwdjJtamM1MCExZg" doc:"The cursor of the next page; missing on the last one."`
	}
}

func (s *Server) listIncidents(ctx context.Context, in *listIncidentsInput) (*listIncidentsOutput, error) {
	found, err := s.store.Incidents(ctx, store.IncidentQuery{
		State: store.IncidentState(in.State), Asset: in.Asset, Tag: in.Tag, Severity: plugins.Severity(in.Severity),
		Limit: in.Limit, Cursor: in.Cursor,
	})
	if err != nil {
		return nil, err
	}
	out := &listIncidentsOutput{}
	out.Body.Next, out.Body.Incidents = found.Next, make([]incident, len(found.Incidents))
	for i := range found.Incidents {
		out.Body.Incidents[i] = viewIncident(&found.Incidents[i])
	}
	return out, nil
}

type incidentOutput struct {
	Body incident
}

func (s *Server) readIncident(ctx context.Context, in *IncidentID) (*incidentOutput, error) {
	found, err := s.store.Incident(ctx, in.ID)
	if err != nil {
		return nil, noSuch(err, "incident", in.ID)
	}
	return &incidentOutput{Body: viewIncident(found)}, nil
}

type handInput struct {
	IncidentID
	Body *Author
}

// handIncident does something with an incident because somebody says so.
func (s *Server) handIncident(ctx context.Context, in *handInput, what string, do func(ctx context.Context, id, by, note string) error) (*incidentOutput, error) {
	var author Author
	if in.Body != nil {
		author = *in.Body
	}
	author = author.of(ctx)
	switch err := do(ctx, in.ID, author.By, author.Note); {
	case errors.Is(err, store.ErrIncidentClosed):
		return nil, huma.Error409Conflict("this incident is closed already")
	case err != nil:
		return nil, noSuch(err, "incident", in.ID)
	}
	s.log.Info("an incident was "+what, "incident", in.ID, "by", author.By, "request", requestIDOf(ctx))
	return s.readIncident(ctx, &in.IncidentID)
}

// of is the author as it is kept: who has a token cannot speak in somebody
// else's name.
func (a Author) of(ctx context.Context) Author {
	return Author{By: cmp.Or(callerOf(ctx).name, strings.TrimSpace(a.By), nobody), Note: strings.TrimSpace(a.Note)}
}
