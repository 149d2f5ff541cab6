package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"webmon/store/token"
)

const snapshotsPath = "/v1/snapshots"

func (s *Server) snapshotRoutes(api huma.API) {
	register(s, api, huma.Operation{
		OperationID: "get-snapshots", Method: http.MethodGet, Path: snapshotsPath,
		Tags: []string{groupExecution}, Summary: "The last snapshot of Redis: when, and whether it held",
		Description: "A snapshot is Redis' own RDB file (BGSAVE). webmon asks for one after each change of assets.",
	}, storeBudget, s.readSnapshots)
	register(s, api, huma.Operation{
		OperationID: "create-snapshot", Method: http.MethodPost, Path: snapshotsPath, DefaultStatus: http.StatusAccepted,
		Tags: []string{groupExecution}, Summary: "Ask for a snapshot of Redis",
		Description: "Answers at once. The snapshot begins after the one under way, if there is one.",
		Metadata:    map[string]any{needsScope: token.Admin},
	}, storeBudget, s.createSnapshot)
}

type snapshots struct {
	Running bool      `json:"running" doc:"A snapshot is under way."`
	Began   time.Time `json:"began,omitzero" doc:"When the last one began; missing when there was none."`
	Ended   time.Time `json:"ended,omitzero" doc:"When the last one ended; missing when there was none."`
	Held    bool      `json:"held" doc:"The last one succeeded."`
	Error   string    `json:"error,omitempty" example:"Redis could not write its snapshot" doc:"Why the last one failed."`
	Allowed bool      `json:"allowed" doc:"Redis lets webmon take snapshots."`
	Begun   int64     `json:"begun" example:"7" doc:"How many were begun since Redis started."`
}

type snapshotsOutput struct {
	Body snapshots
}

func (s *Server) readSnapshots(ctx context.Context, _ *noInput) (*snapshotsOutput, error) {
	found, err := s.store.Snapshots(ctx)
	if err != nil {
		return nil, err
	}
	return &snapshotsOutput{Body: snapshots(found)}, nil
}

type createSnapshotOutput struct {
	Location string `header:"Location" doc:"Where to read of the snapshot."`
}

func (s *Server) createSnapshot(ctx context.Context, _ *noInput) (*createSnapshotOutput, error) {
	if err := s.store.Ping(ctx); err != nil {
		return nil, err
	}
	s.opts.Snapshot()
	return &createSnapshotOutput{Location: snapshotsPath}, nil
}
