package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humaecho"
	"github.com/labstack/echo/v4"

	"webmon/plugins"
	"webmon/store"
)

const (
	eventsPath = "/v1/events"
	// heartbeatEvery is how often a stream says that it lives: more often than
	// proxies lose patience.
	heartbeatEvery = 15 * time.Second
	// sendBudget bounds one write: a client that takes nothing for so long is gone.
	sendBudget = 10 * time.Second
	// eventsRetry is after how many ms a browser asks again when a stream ended.
	eventsRetry = 2000
)

type event struct {
	At       time.Time       `json:"at" doc:"When it happened."`
	Kind     string          `json:"kind" enum:"verdict,incident" example:"verdict" doc:"verdict: the asset has another verdict than before. incident: something became of an incident."`
	Asset    string          `json:"asset" example:"dc1h53hksdu90v2mjc50" doc:"The asset's id."`
	From     plugins.Verdict `json:"from,omitempty" enum:"unknown,up,degraded,changed,inconclusive,down" example:"up" doc:"The verdict before; of the kind verdict."`
	To       plugins.Verdict `json:"to,omitempty" enum:"unknown,up,degraded,changed,inconclusive,down" example:"down" doc:"The verdict now, or the worst of the incident so far."`
	Incident string          `json:"incident,omitempty" example:"dc1h53hksdu90v2mjc50!1f" doc:"The incident's id; of the kind incident."`
	What     string          `json:"what,omitempty" enum:"opened,worse,flapping,closed,settled,acknowledged" example:"opened" doc:"What became of the incident. worse: a warning became critical. flapping: it closed and came back. settled: it flapped, and is closed for good."`
	Message  string          `json:"message,omitempty" example:"The server answered 500." doc:"Why, in a sentence."`
}

func viewEvent(e *store.Event) event {
	return event{At: e.At, Kind: e.Kind, Asset: e.Asset, From: e.From, To: e.To, Incident: e.Incident, What: e.What, Message: e.Message}
}

func (s *Server) eventRoute(api huma.API) {
	schema := api.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[event](), true, "Event")
	register(s, api, huma.Operation{
		OperationID: "stream-events", Method: http.MethodGet, Path: eventsPath,
		Tags: []string{groupIncidents}, Summary: "Follow what happens",
		Description: "Server-sent events, as browsers' EventSource reads them: each has an id, the name of its kind as event, and an Event as JSON in data. " +
			"They come within a second. A comment every 15 s says that the stream lives. Begin again with the last id in Last-Event-ID, as EventSource does by itself, and nothing is missed: " +
			"the latest events, about 64,000, are kept; one that came just before may come again. A client that reads too slowly is cut off and may come back so.",
		Responses: map[string]*huma.Response{"200": {Description: "The events, as they come.", Content: map[string]*huma.MediaType{
			"text/event-stream": {
				Schema: &huma.Schema{
					Type: huma.TypeString, Description: "Events, of which data is JSON like the schema Event.",
					Extensions: map[string]any{"contentMediaType": "application/json", "contentSchema": map[string]any{"$ref": schema.Ref}},
				},
				Example: "id: Ad6gwLuiNAAAAAAAAAAAAAAAAAAAAAAAAAAAAAEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\nevent: verdict\ndata: {\"at\":\"2026-03-01T12:00:00Z\",\"kind\":\"verdict\",\"asset\":\"dc1h53hksdu90v2mjc50\",\"from\":\"up\",\"to\":\"down\",\"message\":\"The server answered 500.\"}\n\n",
			},
		}}},
	}, storeBudget, s.streamEvents)
}

type eventsInput struct {
	Asset string `query:"asset" maxLength:"64" example:"dc1h53hksdu90v2mjc50" doc:"Only what happens to the asset with this id."`
	Kind  string `query:"kind" enum:"verdict,incident" doc:"Only events of this kind."`
	Last  string `header:"Last-Event-ID" maxLength:"2048" example:"Ad6gwLuiNAAAAAAAAAAAAAAAAAAAAAAAAAAAAAEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" doc:"The id of the last event that was read; what came after it is sent first. Without it the stream begins now."`
}

// wants is the filter that is asked for; nil for none.
func (in *eventsInput) wants() func(*store.Event) bool {
	if in.Asset == "" && in.Kind == "" {
		return nil
	}
	return func(e *store.Event) bool {
		return (in.Asset == "" || e.Asset == in.Asset) && (in.Kind == "" || e.Kind == in.Kind)
	}
}

func (s *Server) streamEvents(ctx context.Context, in *eventsInput) (*huma.StreamResponse, error) {
	last := store.Position(in.Last)
	if err := last.Check(); err != nil {
		return nil, invalid("header.Last-Event-ID", nil, err.Error())
	}
	l, err := s.events.join(ctx, in.wants())
	if errors.Is(err, errManyStreams) {
		return nil, huma.ErrorWithHeaders(huma.Error503ServiceUnavailable(fmt.Sprintf("%d streams of events are open here, or webmon stops: try again later", maxStreams)),
			http.Header{"Retry-After": {"10"}})
	}
	if err != nil {
		return nil, err
	}
	return &huma.StreamResponse{Body: func(stream huma.Context) {
		defer s.events.leave(l)
		c := humaecho.Unwrap(stream)
		out := &eventWriter{response: c.Response(), control: http.NewResponseController(c.Response())}
		err := s.followEvents(stream.Context(), out, l, last, func() bool { return s.mayRead(c.Request()) })
		s.log.Debug("a stream of events ended", "id", requestIDOf(stream.Context()), "err", err)
	}}, nil
}

// mayRead tells whether a request would still be let in: a token may have been
// revoked since.
func (s *Server) mayRead(r *http.Request) bool {
	who, err := s.gate.admit(r)
	return err == nil && who.scope.Includes(s.scopeOf(http.MethodGet, eventsPath))
}

// followEvents sends what came after last, if that is given, and then what
// comes, until the client goes, may not read any more, or is too slow.
func (s *Server) followEvents(ctx context.Context, out *eventWriter, l *listener, last store.Position, may func() bool) error {
	if err := out.begin(); err != nil {
		return err
	}
	for at := last; at != ""; {
		missed, next, err := s.store.Events(ctx, at)
		if err != nil {
			return err // the client will ask again
		}
		if len(missed) == 0 {
			break
		}
		if err := out.send(l.filter(missed)); err != nil {
			return err
		}
		at, last = next, next
	}
	heartbeat, check := time.NewTicker(heartbeatEvery), time.NewTicker(tokensFresh)
	defer heartbeat.Stop()
	defer check.Stop()
	for {
		var err error
		select {
		case events, open := <-l.events:
			if !open {
				return nil
			}
			if last != "" { // some may be among those that were missed
				events = slices.DeleteFunc(slices.Clone(events), func(e store.Event) bool { return last.Includes(&e) })
			}
			err = out.send(events)
		case <-heartbeat.C:
			err = out.write(":\n\n")
		case <-check.C:
			if !may() {
				return nil
			}
		case <-ctx.Done():
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// eventWriter writes server-sent events.
type eventWriter struct {
	response *echo.Response
	control  *http.ResponseController
}

func (w *eventWriter) begin() error {
	h := w.response.Header()
	h.Set(echo.HeaderContentType, "text/event-stream")
	h.Set("X-Accel-Buffering", "no") // or nginx would keep events back
	w.response.WriteHeader(http.StatusOK)
	return w.write(fmt.Sprintf("retry: %d\n\n", eventsRetry))
}

func (w *eventWriter) send(events []store.Event) error {
	for i := range events {
		data, err := json.Marshal(viewEvent(&events[i]))
		if err != nil {
			return err
		}
		if err := w.put(fmt.Sprintf("id: %s\nevent: %s\ndata: %s\n\n", events[i].ID, events[i].Kind, data)); err != nil {
			return err
		}
	}
	if len(events) == 0 {
		return nil
	}
	return w.control.Flush()
}

// put writes text, which may wait to be flushed.
func (w *eventWriter) put(text string) error {
	if err := w.control.SetWriteDeadline(time.Now().Add(sendBudget)); err != nil {
		return err
	}
	_, err := w.response.Write([]byte(text))
	return err
}

func (w *eventWriter) write(text string) error {
	if err := w.put(text); err != nil {
		return err
	}
	return w.control.Flush()
}
