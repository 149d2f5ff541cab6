package api

import (
	"context"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"
)

const readyBudget = time.Second

// healthRoutes adds what a supervisor asks: does the process live, and can it
// work?
func (s *Server) healthRoutes(e *echo.Echo) {
	e.GET("/healthz", func(c echo.Context) error {
		return c.JSON(http.StatusOK, map[string]string{"status": "ok"})
	})
	e.GET("/readyz", func(c echo.Context) error {
		ctx, cancel := context.WithTimeout(c.Request().Context(), readyBudget)
		defer cancel()
		if err := s.store.Ping(ctx); err != nil {
			return err // as every handler's error: 503 when Redis is away
		}
		return c.JSON(http.StatusOK, map[string]string{"status": "ok", "redis": "ok"})
	})
}
