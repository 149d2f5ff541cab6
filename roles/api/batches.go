package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"webmon/store"
)

const batchesPath = "/v1/batches"

func (s *Server) batchRoutes(api huma.API) {
	register(s, api, huma.Operation{
		OperationID: "list-batches", Method: http.MethodGet, Path: batchesPath,
		Tags: []string{groupExecution}, Summary: "List the batches of the last seven days, newest first",
		Description: "Of each it tells how far its jobs are. Checks of the schedule are in no batch.",
	}, storeBudget, s.listBatches)
	register(s, api, huma.Operation{
		OperationID: "get-batch", Method: http.MethodGet, Path: batchesPath + "/{id}",
		Tags: []string{groupExecution}, Summary: "Read a batch: how far its jobs are",
		Description: "A batch is what one POST /v1/jobs made. It is remembered for a week.",
		Errors:      []int{http.StatusNotFound},
	}, storeBudget, s.readBatch)
	register(s, api, huma.Operation{
		OperationID: "cancel-batch", Method: http.MethodPost, Path: batchesPath + "/{id}/cancel", DefaultStatus: http.StatusOK,
		Tags: []string{groupExecution}, Summary: "Cancel the jobs of a batch that wait",
		Description: "Jobs that an executor has taken already are left by it when it next renews their leases, every third of the lease, unless they end before. Cancelling twice is the same as once.",
		Errors:      []int{http.StatusNotFound},
	}, bulkBudget, s.cancelBatch)
}

type batch struct {
	ID      string    `json:"id" example:"dc1h1n1ksdufe5peoa60" doc:"The batch's id."`
	State   string    `json:"state" enum:"running,done,cancelled" example:"running" doc:"running: some jobs have not ended."`
	Created time.Time `json:"created" doc:"When it was made."`
	Counts  counts    `json:"counts" doc:"How many of its jobs are in each state."`
}

type counts struct {
	Queued    int `json:"queued" example:"3" doc:"Jobs that wait for an executor."`
	Leased    int `json:"leased" example:"2" doc:"Jobs that are being run."`
	Done      int `json:"done" example:"7" doc:"Jobs whose result is stored."`
	Failed    int `json:"failed" example:"0" doc:"Jobs that were given up."`
	Cancelled int `json:"cancelled" example:"0" doc:"Jobs that were cancelled before they ended."`
}

type batchID struct {
	ID string `path:"id" example:"dc1h1n1ksdufe5peoa60" doc:"The batch's id."`
}

type batchOutput struct {
	Body batch
}

type listBatchesInput struct {
	Limit  int    `query:"limit" minimum:"1" maximum:"100" default:"20" doc:"At most this many."`
	Cursor string `query:"cursor" maxLength:"512" example:"ZGMxaDUzaGtzZHU5MHYybWpjNTA" doc:"The \"next\" of the page before."`
}

type listBatchesOutput struct {
	Body struct {
		Batches []batch `json:"batches" nullable:"false" doc:"The batches of this page."`
		Next    string  `json:"next,omitempty" example:"ZGMxaDUzaGtzZHU5MHYybWpjNTA" doc:"The cursor of the next page; missing on the last one."`
	}
}

func (s *Server) listBatches(ctx context.Context, in *listBatchesInput) (*listBatchesOutput, error) {
	found, err := s.store.Batches(ctx, in.Limit, in.Cursor)
	if err != nil {
		return nil, err
	}
	out := &listBatchesOutput{}
	out.Body.Batches = make([]batch, len(found.Batches))
	for i, b := range found.Batches {
		out.Body.Batches[i] = viewBatch(b).Body
	}
	out.Body.Next = found.Next
	return out, nil
}

func (s *Server) readBatch(ctx context.Context, in *batchID) (*batchOutput, error) {
	b, err := s.store.Batch(ctx, in.ID)
	if err != nil {
		return nil, noSuch(err, "batch", in.ID)
	}
	return viewBatch(b), nil
}

func (s *Server) cancelBatch(ctx context.Context, in *batchID) (*batchOutput, error) {
	b, err := s.store.CancelBatch(ctx, in.ID)
	if err != nil {
		return nil, noSuch(err, "batch", in.ID)
	}
	return viewBatch(b), nil
}

func viewBatch(b store.Batch) *batchOutput {
	return &batchOutput{Body: batch{
		ID: b.ID, State: b.State, Created: b.Created,
		Counts: counts{
			Queued: b.Counts[store.Queued], Leased: b.Counts[store.Leased], Done: b.Counts[store.Done],
			Failed: b.Counts[store.Failed], Cancelled: b.Counts[store.Cancelled],
		},
	}}
}
