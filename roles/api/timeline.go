package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"webmon/plugins"
	"webmon/store"
)

func (s *Server) timelineRoute(api huma.API) {
	register(s, api, huma.Operation{
		OperationID: "get-timeline", Method: http.MethodGet, Path: assetsPath + "/{id}/timeline",
		Tags: []string{groupStatistics}, Summary: "How an asset fared over a window of time, span by span",
		Description: "The window is cut into spans of one length, which begin at whole multiples of it (UTC): 90 spans of 90d are calendar days. The last one holds the present, so it is not over yet.",
		Errors:      []int{http.StatusNotFound},
	}, storeBudget, s.readTimeline)
}

type timelineInput struct {
	AssetID
	Window string `query:"window" default:"30d" example:"30d" doc:"How far back from now, such as 24h or 30d."`
	Spans  int    `query:"spans" default:"60" minimum:"1" maximum:"1000" doc:"How many spans the window is cut into."`
}

type timeline struct {
	Checks       int            `json:"checks" example:"1440" doc:"How many checks there were."`
	Availability *float64       `json:"availability" example:"99.93" doc:"Percent of the checks in which the asset was there; null when no check could tell."`
	Downtime     store.Duration `json:"downtime" example:"60s" doc:"How long the asset was down."`
	Spans        []span         `json:"spans" nullable:"false" doc:"The spans, the oldest first."`
}

type span struct {
	From         time.Time       `json:"from" doc:"Where it begins."`
	Checks       int             `json:"checks" example:"60" doc:"How many checks there were."`
	Down         int             `json:"down" example:"1" doc:"How many of them found the asset down."`
	Availability *float64        `json:"availability" example:"98.3" doc:"As that of the whole window."`
	Worst        plugins.Verdict `json:"worst" enum:"unknown,up,degraded,changed,inconclusive,down" example:"up" doc:"The most serious verdict of the checks; unknown when there were none."`
}

type timelineOutput struct {
	Body timeline
}

func (s *Server) readTimeline(ctx context.Context, in *timelineInput) (*timelineOutput, error) {
	window, err := readWindow("query.window", in.Window)
	if err != nil {
		return nil, err
	}
	length := max(window/time.Duration(in.Spans), time.Second)
	found, err := s.store.Timeline(ctx, in.ID, time.Now().UTC().Truncate(length).Add(length), length, in.Spans)
	if err != nil {
		return nil, noSuch(err, "asset", in.ID)
	}
	out := &timelineOutput{Body: timeline{
		Checks: found.Checks, Availability: found.Availability, Downtime: store.Duration(found.Downtime), Spans: make([]span, len(found.Spans)),
	}}
	for i, one := range found.Spans {
		out.Body.Spans[i] = span(one)
	}
	return out, nil
}
