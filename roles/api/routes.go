package api

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humaecho"
	"github.com/labstack/echo/v4"

	"webmon/store/token"
)

// The groups of operations.
const (
	groupAssets     = "assets"
	groupIncidents  = "incidents"
	groupExecution  = "execution"
	groupStatistics = "statistics"
	groupAccess     = "access"
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
		{Name: groupIncidents, Description: "When an asset is bad and not only once, and the stream of what happens."},
		{Name: groupExecution, Description: "Running checks: jobs, batches, the processes at work, and snapshots of what they store."},
		{Name: groupAccess, Description: "Tokens: who may use this API."},
	}
	config.Components.SecuritySchemes = map[string]*huma.SecurityScheme{securityScheme: {
		Type: "http", Scheme: "bearer", BearerFormat: "webmon_<id>_<secret>",
		Description: "A token of webmon token create, with the scope read, write or admin, of which each includes those before it. " +
			"None is needed as long as there is none and the server listens on loopback.",
	}}
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
	s.incidentRoutes(api)
	s.eventRoute(api)
	s.importRoute(api)
	s.exportRoute(api)
	s.jobRoutes(api)
	s.jobListRoute(api)
	s.batchRoutes(api)
	s.resultRoutes(api)
	s.statsRoutes(api)
	s.timelineRoute(api)
	s.chartRoutes(api)
	s.backtestRoutes(api)
	s.summaryRoutes(api)
	s.snapshotRoutes(api)
	s.memberRoutes(api)
	s.pluginRoutes(api)
	s.tokenRoutes(api)
	s.whoamiRoute(api)

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
	op.Errors = append(op.Errors, http.StatusUnauthorized, http.StatusForbidden, http.StatusUnprocessableEntity,
		http.StatusTooManyRequests, http.StatusServiceUnavailable)
	scope := methodScope(op.Method)
	if other, ok := op.Metadata[needsScope].(token.Scope); ok {
		scope = other
		s.scopes[op.Method+" "+strings.NewReplacer("{", ":", "}", "").Replace(op.Path)] = scope // as echo has it
	}
	op.Security = []map[string][]string{{securityScheme: {string(scope)}}}
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

const (
	securityScheme = "token"
	needsScope     = "scope" // in an operation's metadata: the scope it needs, if that is not its method's
)

// scopeOf is what a request needs. path is as echo has it, empty for what does
// not exist.
func (s *Server) scopeOf(method, path string) token.Scope {
	if scope, special := s.scopes[method+" "+path]; special {
		return scope
	}
	return methodScope(method)
}

func methodScope(method string) token.Scope {
	if method == http.MethodGet {
		return token.Read
	}
	return token.Write
}

// noInput is the input of operations that take none.
type noInput struct{}
