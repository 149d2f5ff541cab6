package api

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humaecho"
	"github.com/labstack/echo/v4"
)

// The groups of operations.
const (
	groupAssets     = "assets"
	groupExecution  = "execution"
	groupStatistics = "statistics"
)

const (
	storeBudget = 5 * time.Second // for what a normal request asks of the store
	bulkBudget  = time.Minute     // for what touches all assets
)

// describe registers every operation and serves the description of them all.
func (s *Server) describe(e *echo.Echo) error {
	config := huma.DefaultConfig("webmon", s.opts.Version)
	config.Info.Description = "webmon watches URLs: it fetches each once, lets every plugin look at that one page, and keeps statistics."
	config.Tags = []*huma.Tag{
		{Name: groupAssets, Description: "What is watched."},
		{Name: groupStatistics, Description: "What the checks say: results, statistics, the whole fleet, and the plugins that measure."},
		{Name: groupExecution, Description: "Running checks: jobs, batches, the processes at work, and snapshots of what they store."},
	}
	config.OpenAPIPath = "" // served below, made once
	config.DocsPath = ""
	config.SchemasPath = ""
	config.CreateHooks = nil // no $schema property in answers
	config.RejectUnknownQueryParameters = true
	config.Transformers = []huma.Transformer{tidyProblem}
	api := humaecho.New(e, config)

	s.assets = newAssetReader(api.OpenAPI().Components.Schemas, s.opts.Plugins)
	s.assetRoutes(api)
	s.patchRoute(api)
	s.decisionRoutes(api)
	s.importRoute(api)
	s.exportRoute(api)
	s.jobRoutes(api)
	s.jobListRoute(api)
	s.batchRoutes(api)
	s.resultRoutes(api)
	s.statsRoutes(api)
	s.chartRoutes(api)
	s.backtestRoutes(api)
	s.summaryRoutes(api)
	s.snapshotRoutes(api)
	s.memberRoutes(api)
	s.pluginRoutes(api)

	document, err := json.Marshal(api.OpenAPI())
	if err != nil {
		return fmt.Errorf("describe the API: %w", err)
	}
	e.GET("/openapi.json", func(c echo.Context) error {
		return c.Blob(http.StatusOK, "application/openapi+json", document)
	})
	return nil
}

// register adds an operation. Its handler gets budget for all it does; its
// errors become problem documents, of which the given statuses are documented
// along with those that every operation has.
func register[I, O any](s *Server, api huma.API, op huma.Operation, budget time.Duration, handle func(context.Context, *I) (*O, error)) {
	op.MaxBodyBytes = maxBody + 1 // limitBody is stricter and came first
	op.BodyReadTimeout = -1
	op.Errors = append(op.Errors, http.StatusUnprocessableEntity, http.StatusServiceUnavailable)
	huma.Register(api, op, func(ctx context.Context, in *I) (*O, error) {
		ctx, cancel := context.WithTimeout(ctx, budget)
		defer cancel()
		out, err := handle(ctx, in)
		if err != nil {
			return nil, s.problem(ctx, err)
		}
		return out, nil
	})
}

// noInput is the input of operations that take none.
type noInput struct{}
