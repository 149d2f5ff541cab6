package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/labstack/echo/v4"

	"webmon/store/token"
)

const (
	readyBudget = time.Second
	healthPath  = "/healthz"
	readyPath   = "/readyz"
)

// healthRoutes adds what a supervisor asks: does the process live, and can it
// work? They answer without a token, and then with no more than yes or no.
func (s *Server) healthRoutes(e *echo.Echo) {
	e.GET(healthPath, func(c echo.Context) error {
		return c.JSON(http.StatusOK, map[string]string{"status": "ok"})
	})
	e.GET(readyPath, func(c echo.Context) error {
		ctx, cancel := context.WithTimeout(c.Request().Context(), readyBudget)
		defer cancel()
		known := callerOf(ctx).scope.Includes(token.Read)
		err := s.store.Ping(ctx)
		switch {
		case err != nil && known:
			return err // as every handler's error: 503 when Redis is away
		case err != nil:
			return huma.ErrorWithHeaders(huma.Error503ServiceUnavailable("not ready"), http.Header{"Retry-After": {retryAfter}})
		case known:
			return c.JSON(http.StatusOK, map[string]string{"status": "ok", "redis": "ok"})
		}
		return c.JSON(http.StatusOK, map[string]string{"status": "ok"})
	})
}

func describeHealth(doc *huma.OpenAPI) {
	answer := func(description string, example map[string]string, properties ...string) *huma.Response {
		schema := &huma.Schema{Type: huma.TypeObject, Required: []string{"status"}, Properties: map[string]*huma.Schema{}}
		for _, name := range properties {
			schema.Properties[name] = &huma.Schema{Type: huma.TypeString, Enum: []any{"ok"}, Examples: []any{"ok"}, Description: "Always ok: else the answer is a problem."}
		}
		return &huma.Response{Description: description, Content: map[string]*huma.MediaType{"application/json": {Schema: schema, Example: example}}}
	}
	lives := plainOperation("get-health", healthPath, "Does the process live?", "Asks nothing else. Needs no token.", http.StatusTooManyRequests)
	lives.Responses["200"] = answer("It lives.", map[string]string{"status": "ok"}, "status")
	ready := plainOperation("get-readiness", readyPath, "Can it work?", "Asks Redis. Needs no token; with one the answer says what is wrong.",
		http.StatusTooManyRequests, http.StatusServiceUnavailable)
	ready.Responses["200"] = answer("Redis answers.", map[string]string{"status": "ok", "redis": "ok"}, "status", "redis")
	for _, op := range []*huma.Operation{lives, ready} {
		op.Security = []map[string][]string{} // none
		doc.AddOperation(op)
	}
}
