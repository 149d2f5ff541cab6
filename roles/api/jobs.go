package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"webmon/store"
)

func (s *Server) jobRoutes(api huma.API) {
	register(s, api, huma.Operation{
		OperationID: "create-jobs", Method: http.MethodPost, Path: "/v1/jobs", DefaultStatus: http.StatusAccepted,
		Tags: []string{groupExecution}, Summary: "Check assets now",
		Description: "Makes a job for each of the assets, for each enabled asset with a tag, or for every enabled asset, and answers without waiting for any to run. With an Idempotency-Key it may be repeated, after a 503 or a lost answer: one key makes one batch.",
		RequestBody: bodyExample(map[string]any{"tag": "shop"}),
		Errors:      []int{http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType},
	}, bulkBudget, s.createJobs)
	register(s, api, huma.Operation{
		OperationID: "get-job", Method: http.MethodGet, Path: "/v1/jobs/{id}",
		Tags: []string{groupExecution}, Summary: "Read a job",
		Description: "How far it is, who has it, and why it failed. Of a job that was done long ago only the result is left, and of others that ended the latest are remembered.",
		Errors:      []int{http.StatusNotFound},
	}, storeBudget, s.readJob)
}

// selection says which assets to check.
type selection struct {
	Assets []string `json:"assets,omitempty" nullable:"false" minItems:"1" example:"[\"dc1h53hksdu90v2mjc50\"]" doc:"The ids of assets; disabled ones run, too."`
	Tag    string   `json:"tag,omitempty" example:"shop" doc:"Every enabled asset with this tag."`
	All    bool     `json:"all,omitempty" doc:"Every enabled asset."`
}

type createJobsInput struct {
	Key  string `header:"Idempotency-Key" maxLength:"100" example:"nightly-2026-11-22" doc:"A name that the client chooses for this request. Within a day the same request with the same key makes no second batch: it makes the jobs that are still missing and gives the batch."`
	Body selection
}

type created struct {
	Batch string `json:"batch" example:"dc1h1n1ksdufe5peoa60" doc:"The id of the batch of all these jobs."`
	Jobs  int    `json:"jobs" example:"1" doc:"How many jobs were made; 0 when the tag matches nothing."`
}

type createJobsOutput struct {
	Location string `header:"Location" doc:"The batch's path."`
	Body     created
}

func (s *Server) createJobs(ctx context.Context, in *createJobsInput) (*createJobsOutput, error) {
	ways := 0
	for _, given := range []bool{len(in.Body.Assets) > 0, in.Body.Tag != "", in.Body.All} {
		if given {
			ways++
		}
	}
	if ways != 1 {
		return nil, invalid("body", nil, "give exactly one of assets, tag and all")
	}
	sel := store.Selection{Assets: in.Body.Assets, Tag: in.Body.Tag, All: in.Body.All, Key: in.Key}
	batch, n, err := s.store.Enqueue(ctx, sel, s.opts.Push)
	switch {
	case errors.Is(err, store.ErrKeyReused):
		return nil, invalid("header.Idempotency-Key", in.Key, "this key was given before with other assets: choose another")
	case batch != "" && err != nil:
		return nil, halfMade(s.problem(ctx, err), batch, n, in.Key)
	case err != nil:
		return nil, err
	}
	return &createJobsOutput{Location: batchesPath + "/" + batch, Body: created{Batch: batch, Jobs: n}}, nil
}

// halfMade adds to a problem which jobs exist all the same.
func halfMade(problem error, batch string, n int, key string) error {
	var model *huma.ErrorModel
	if !errors.As(problem, &model) {
		return problem
	}
	model.Detail += fmt.Sprintf("; %d jobs or more of batch %s were made and will run", n, batch)
	if key == "" {
		model.Detail += ", and the same request again makes a new batch: give an Idempotency-Key to have it go on with the old one"
	} else {
		model.Detail += ", and the same request with the same Idempotency-Key makes the rest"
	}
	return problem
}

type job struct {
	ID       string         `json:"id" example:"dc1h53hksdu90v2mjc50.7" doc:"The job's id."`
	Asset    string         `json:"asset" example:"dc1h53hksdu90v2mjc50" doc:"The asset that it checks."`
	Batch    string         `json:"batch,omitempty" example:"dc1h1n1ksdufe5peoa60" doc:"The batch it belongs to; missing for a job of the schedule, or one that is to confirm."`
	State    store.JobState `json:"state" enum:"queued,leased,done,failed,cancelled" example:"done" doc:"queued: waits for an executor. leased: is being run. done: its result is stored, whatever the verdict. failed: was given up. cancelled: its batch was cancelled before it ended."`
	Created  time.Time      `json:"created,omitzero" doc:"When it was made; missing for a job of which only the result is left."`
	Ended    time.Time      `json:"ended,omitzero" doc:"When it ended; missing before."`
	Attempts int            `json:"attempts,omitempty" example:"1" doc:"How many times an executor took it."`
	Executor string         `json:"executor,omitempty" example:"monitor-1-4bn0" doc:"The executor that has it, or had it last."`
	Reason   string         `json:"reason,omitempty" example:"no executor finished it in 5 attempts, the last was monitor-1-4bn0" doc:"Why it failed."`
	Confirm  bool           `json:"confirm,omitempty" example:"false" doc:"It is to confirm a bad check; told until it ends."`
}

type jobID struct {
	ID string `path:"id" example:"dc1h53hksdu90v2mjc50.7" doc:"The job's id."`
}

type jobOutput struct {
	Body job
}

func (s *Server) readJob(ctx context.Context, in *jobID) (*jobOutput, error) {
	j, err := s.store.Job(ctx, in.ID)
	if err != nil {
		return nil, noSuch(err, "job", in.ID)
	}
	return &jobOutput{Body: job(j)}, nil
}
