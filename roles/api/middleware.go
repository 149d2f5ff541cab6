package api

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"net/url"
	"runtime/debug"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
	"github.com/labstack/echo/v4"
	"github.com/rs/xid"

	"webmon/roles/api/dashboard"
)

type requestIDKey struct{}

// requestIDOf is the id of the request that ctx belongs to.
func requestIDOf(ctx context.Context) string {
	id, _ := ctx.Value(requestIDKey{}).(string)
	return id
}

// requestID gives each request an id, for the log and for the client. A client
// may bring its own.
func requestID(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		id := r.Header.Get(echo.HeaderXRequestID)
		if !goodRequestID(id) {
			id = xid.New().String()
		}
		c.Response().Header().Set(echo.HeaderXRequestID, id)
		c.SetRequest(r.WithContext(context.WithValue(r.Context(), requestIDKey{}, id)))
		return next(c)
	}
}

func goodRequestID(id string) bool {
	const allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_."
	return id != "" && len(id) <= 64 && strings.Trim(id, allowed) == ""
}

// observe measures each request and writes the access log.
func (s *Server) observe(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		began := time.Now()
		if err := next(c); err != nil {
			c.Error(err) // now, so that the status is known here
		}
		took := time.Since(began)
		s.requests.observe(c.Path(), c.Request().Method, c.Response().Status, took)
		s.log.LogAttrs(c.Request().Context(), slog.LevelDebug, "request",
			slog.String("id", requestIDOf(c.Request().Context())),
			slog.String("method", c.Request().Method), slog.String("path", c.Request().URL.Path),
			slog.Int("status", c.Response().Status), slog.Int64("bytes", c.Response().Size),
			slog.Duration("took", took), slog.String("from", c.Request().RemoteAddr),
			slog.String("token", callerOf(c.Request().Context()).token))
		return nil
	}
}

// recoverPanic turns a panic into a 500, and into a broken connection when the
// answer had begun already.
func (s *Server) recoverPanic(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) (err error) {
		defer func() {
			p := recover()
			if p == nil {
				return
			}
			if p == http.ErrAbortHandler {
				panic(p)
			}
			s.log.Error("a request panicked", "id", requestIDOf(c.Request().Context()),
				"method", c.Request().Method, "path", c.Request().URL.Path, "panic", p, "stack", string(debug.Stack()))
			if c.Response().Committed {
				panic(http.ErrAbortHandler)
			}
			err = internalError(c.Request().Context())
		}()
		return next(c)
	}
}

// plainQuery refuses a query that cannot be read, or that gives something twice:
// else a part of it would be as if it were not there, such as a filter.
func plainQuery(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		values, err := url.ParseQuery(c.Request().URL.RawQuery)
		if err != nil {
			return invalid("query", nil, shorten(err.Error())+": write ; as %3B, and % as %25")
		}
		for _, name := range slices.Sorted(maps.Keys(values)) {
			if n := len(values[name]); n > 1 {
				return invalid("query."+shorten(name), nil, fmt.Sprintf("is given %d times: give it once", n))
			}
		}
		return next(c)
	}
}

// limitBody reads the body of a normal request before its handler runs: all of
// it, within a size and the time that [Server.guard] set, or the client hears
// why not. An import reads its own body.
func limitBody(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		if coding := r.Header.Get(echo.HeaderContentEncoding); coding != "" && !strings.EqualFold(coding, "identity") {
			return huma.Error415UnsupportedMediaType(fmt.Sprintf("Content-Encoding %s is not possible: send the body as it is", shorten(coding)))
		}
		if r.Body == nil || r.Body == http.NoBody || c.Path() == importPath || c.Path() == dashboard.ImportPath {
			return next(c)
		}
		body, err := io.ReadAll(http.MaxBytesReader(c.Response().Writer, r.Body, maxBody))
		if err != nil {
			return bodyProblem(err, maxBody)
		}
		if !utf8.Valid(body) { // JSON decoding would change it silently
			return huma.Error400BadRequest("the request body is not valid UTF-8")
		}
		if err := http.NewResponseController(c.Response()).SetReadDeadline(time.Time{}); err != nil {
			return fmt.Errorf("lift the time limit of a body: %w", err)
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		return next(c)
	}
}

// bodyProblem is the answer to a body that could not be read.
func bodyProblem(err error, limit int64) huma.StatusError {
	var tooLarge *http.MaxBytesError
	var netErr net.Error
	switch {
	case errors.As(err, &tooLarge):
		return huma.NewError(http.StatusRequestEntityTooLarge, fmt.Sprintf("the request body is larger than %d bytes", limit))
	case errors.As(err, &netErr) && netErr.Timeout():
		return huma.NewError(http.StatusRequestTimeout, "the request body did not arrive in time")
	}
	return huma.NewError(http.StatusBadRequest, "the request body could not be read to its end")
}
