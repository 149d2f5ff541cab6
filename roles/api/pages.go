package api

import (
	"context"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"webmon/roles/api/dashboard"
	"webmon/store/token"
)

// pages puts the dashboard before the API: what it has a page for is its, all
// else is the API's. The API is asked within the process, by whoever asks for
// the page, and knows nothing of cookies.
func (s *Server) pages(api http.Handler) (http.Handler, error) {
	board, err := dashboard.New(dashboard.Options{
		API: api, Public: s.opts.Public, PublicAPI: asReader(api), Version: s.opts.Version, Logger: s.log,
	})
	if err != nil {
		return nil, err
	}
	e := echo.New()
	e.HTTPErrorHandler = s.answerError
	e.Use(func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			_, path, _ := strings.Cut(board.Pattern(c.Request()), " ")
			c.SetPath(path)
			return next(c)
		}
	}, requestID, s.observe, s.recoverPanic, limitBody)
	e.Any("/*", func(c echo.Context) error {
		c.Request().Header.Set(echo.HeaderXRequestID, requestIDOf(c.Request().Context()))
		board.ServeHTTP(c.Response(), c.Request())
		return nil
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if board.Pattern(r) == "" {
			api.ServeHTTP(w, r)
			return
		}
		e.ServeHTTP(w, r)
	}), nil
}

// asReader lets requests of our own read, without a token and a limit: those of
// the status page, which decides itself what it shows.
func asReader(api http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		api.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), callerKey{}, caller{scope: token.Read})))
	})
}
