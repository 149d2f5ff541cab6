package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
)

func (s *Server) memberRoutes(api huma.API) {
	register(s, api, huma.Operation{
		OperationID: "list-members", Method: http.MethodGet, Path: "/v1/members",
		Tags: []string{groupExecution}, Summary: "List the live processes of this webmon",
		Description: "Every api, dispatcher and executor that was heard of of late, with what it counts since it started. /metrics has the same as webmon_member_….",
	}, storeBudget, s.listMembers)
}

type member struct {
	Role     string             `json:"role" example:"executor" doc:"What it does: api, dispatcher or executor."`
	Name     string             `json:"name" example:"monitor-1-4bn0" doc:"Its name, one of a kind within the role."`
	Since    time.Time          `json:"since" doc:"When it started."`
	Seen     time.Time          `json:"seen" doc:"When it was last heard of."`
	Counters map[string]float64 `json:"counters" example:"{\"checks_total\":1440,\"fetches_running\":3}" doc:"What it counts, by name."`
}

type membersOutput struct {
	Body struct {
		Members []member `json:"members" nullable:"false" doc:"The live processes."`
	}
}

func (s *Server) listMembers(ctx context.Context, _ *noInput) (*membersOutput, error) {
	found, err := s.store.Members(ctx)
	if err != nil {
		return nil, err
	}
	out := &membersOutput{}
	out.Body.Members = make([]member, len(found))
	for i, m := range found {
		out.Body.Members[i] = member(m)
		if m.Counters == nil {
			out.Body.Members[i].Counters = map[string]float64{}
		}
	}
	return out, nil
}
