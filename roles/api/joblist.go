package api

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"webmon/store"
)

func (s *Server) jobListRoute(api huma.API) {
	register(s, api, huma.Operation{
		OperationID: "list-jobs", Method: http.MethodGet, Path: "/v1/jobs",
		Tags: []string{groupExecution}, Summary: "List jobs",
		Description: "Jobs of one state, or of all states one after the other. Of jobs that ended only the latest are listed. A job that changes its state between two pages may be missed or seen twice.",
	}, storeBudget, s.listJobs)
}

type listJobsInput struct {
	Page
	State string `query:"state" enum:"queued,leased,done,failed,cancelled" doc:"Only jobs in this state."`
}

type listJobsOutput struct {
	Body struct {
		Jobs []job  `json:"jobs" nullable:"false" doc:"The jobs of this page."`
		Next string `json:"next,omitempty" example:"done.MTIvMzAw" doc:"The cursor of the next page; missing on the last one."`
	}
}

// listJobs lists the states that are asked for one after the other. A cursor
// here is the state that comes next, a dot, and the store's cursor within it.
func (s *Server) listJobs(ctx context.Context, in *listJobsInput) (*listJobsOutput, error) {
	states := store.JobStates
	if in.State != "" {
		states = []store.JobState{store.JobState(in.State)}
	}
	cursor := ""
	if in.Cursor != "" {
		state, within, _ := strings.Cut(in.Cursor, ".")
		from := slices.Index(states, store.JobState(state))
		if from < 0 {
			return nil, store.ErrCursor
		}
		states, cursor = states[from:], within
	}
	out := &listJobsOutput{}
	out.Body.Jobs = []job{}
	for _, state := range states {
		left := in.Limit - len(out.Body.Jobs)
		if left == 0 {
			out.Body.Next = string(state) + "."
			break
		}
		found, err := s.store.Jobs(ctx, store.JobQuery{State: state, Limit: left, Cursor: cursor})
		if err != nil {
			return nil, err
		}
		for _, j := range found.Jobs {
			out.Body.Jobs = append(out.Body.Jobs, job(j))
		}
		if found.Next != "" {
			out.Body.Next = string(state) + "." + found.Next
			break
		}
		cursor = ""
	}
	return out, nil
}
