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
