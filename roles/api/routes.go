package api

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humaecho"
	"github.com/labstack/echo/v4"

	"webmon/store/token"
)

const (
	storeBudget = 5 * time.Second // for what a normal request asks of the store
	bulkBudget  = time.Minute     // for what touches all assets
)

// describe registers every operation and gives the description of them all.
// address is as in [Document].
func (s *Server) describe(e *echo.Echo, address string) ([]byte, error) {
	api := humaecho.New(e, newConfig(s.opts.Version, address))

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

	describeDocument(api.OpenAPI())
	describeHealth(api.OpenAPI())
	describeMetrics(api.OpenAPI())
	return finish(api.OpenAPI())
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
	op.Security = needs(scope)
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

// needs is the security of an operation that needs a token with a scope.
func needs(scope token.Scope) []map[string][]string {
	return []map[string][]string{{securityScheme: {string(scope)}}}
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
	if method == http.MethodGet || method == http.MethodOptions {
		return token.Read
	}
	return token.Write
}

// noInput is the input of operations that take none.
type noInput struct{}
