package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
	"github.com/labstack/echo/v4"

	"webmon/store"
)

const (
	retryAfter       = "2"                 // seconds; Redis is back soon or not at all
	validationFailed = "validation failed" // huma's own word, too
	problemType      = "application/problem+json"
)

// problem turns an error of a handler into the answer to it. Only errors made
// for the client reach the client; the rest is logged and becomes a plain 500.
func (s *Server) problem(ctx context.Context, err error) error {
	var status huma.StatusError
	var unknown *store.UnknownAssetsError
	switch {
	case errors.As(err, &status):
		return err
	case errors.Is(err, store.ErrUnavailable), errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return unavailable(err)
	case errors.Is(err, store.ErrNotFound):
		return huma.Error404NotFound("there is no such thing")
	case errors.Is(err, store.ErrRevision):
		return huma.Error412PreconditionFailed("the asset was changed in the meantime: read it again and use its new ETag")
	case errors.Is(err, store.ErrCursor):
		return invalid("query.cursor", nil, "this cursor is not valid: begin again without one")
	case errors.As(err, &unknown):
		return unknownAssets(unknown.IDs)
	}
	s.log.Error("a request failed", "id", requestIDOf(ctx), "err", err)
	return internalError(ctx)
}

// unavailable says that Redis is away, or why it takes no writes.
func unavailable(err error) error {
	detail := "Redis does not answer: try again soon"
	switch {
	case errors.Is(err, store.ErrFull):
		detail = "Redis has reached its memory limit and takes nothing new: raise its maxmemory, or delete assets"
	case errors.Is(err, store.ErrUnsaved):
		detail = "Redis could not save its data and takes nothing new until it can: its log says why, a full disk is the usual reason"
	}
	return huma.ErrorWithHeaders(huma.Error503ServiceUnavailable(detail), http.Header{"Retry-After": {retryAfter}})
}

func internalError(ctx context.Context) huma.StatusError {
	return huma.Error500InternalServerError(fmt.Sprintf("webmon failed; its log says more of request %s", requestIDOf(ctx)))
}

// invalid is a 422 about one value.
func invalid(location string, value any, message string) error {
	return refused(&huma.ErrorDetail{Location: location, Message: message, Value: value})
}

// refused is a 422 about several values.
func refused(details ...error) error {
	return huma.Error422UnprocessableEntity(validationFailed, details...)
}

// noSuch says what was not found, when that is the error.
func noSuch(err error, kind, id string) error {
	if errors.Is(err, store.ErrNotFound) {
		return huma.Error404NotFound(fmt.Sprintf("there is no %s with the id %q", kind, shorten(id)))
	}
	return err
}

func unknownAssets(ids []string) error {
	const most = 100 // enough to see what went wrong
	var details []error
	for _, id := range ids[:min(len(ids), most)] {
		details = append(details, &huma.ErrorDetail{Location: "body.assets", Message: "there is no asset with this id", Value: id})
	}
	return huma.Error422UnprocessableEntity(fmt.Sprintf("%d of the assets do not exist; no job was made", len(ids)), details...)
}

// answerError answers what goes wrong outside the typed handlers: the router's
// own refusals, and panics.
func (s *Server) answerError(err error, c echo.Context) {
	if c.Response().Committed {
		return
	}
	r := c.Request()
	var routed *echo.HTTPError
	if errors.As(err, &routed) {
		switch routed.Code {
		case http.StatusNotFound:
			err = huma.Error404NotFound(fmt.Sprintf("there is nothing at %s: see /openapi.json", shorten(r.URL.Path)))
		case http.StatusMethodNotAllowed:
			err = huma.Error405MethodNotAllowed(fmt.Sprintf("%s is not possible here; possible is %s",
				shorten(r.Method), c.Response().Header().Get(echo.HeaderAllow)))
		default:
			err = huma.NewError(routed.Code, http.StatusText(routed.Code))
		}
	}
	err = s.problem(r.Context(), err)
	writeProblem(c.Response(), err)
}

// denyCrossOrigin refuses a change that some other web page's script asks for.
func denyCrossOrigin(w http.ResponseWriter, _ *http.Request) {
	writeProblem(w, huma.Error403Forbidden("a page of another origin may not change anything here"))
}

// writeProblem writes an error that [Server.problem] made.
func writeProblem(w http.ResponseWriter, err error) {
	var headers huma.HeadersError
	if errors.As(err, &headers) {
		for name, values := range headers.GetHeaders() {
			w.Header()[name] = values
		}
	}
	status := http.StatusInternalServerError
	var problem huma.StatusError
	if errors.As(err, &problem) {
		status = problem.GetStatus()
	}
	w.Header().Set(echo.HeaderContentType, problemType)
	w.WriteHeader(status)
	// An error here means that the client is gone.
	_ = json.NewEncoder(w).Encode(problem)
}

// tidyProblem is a huma transformer. It puts the errors of huma's own
// validation into the form that all others have. It runs once an answer.
func tidyProblem(_ huma.Context, _ string, v any) (any, error) {
	problem, ok := v.(*huma.ErrorModel)
	if !ok {
		return v, nil
	}
	if problem.Status == http.StatusUnsupportedMediaType && problem.Detail == validationFailed {
		problem.Detail = "send JSON, with Content-Type: application/json (curl does both with --json)"
	}
	for _, detail := range problem.Errors {
		tidyDetail(detail)
	}
	return problem, nil
}

func tidyDetail(detail *huma.ErrorDetail) {
	// A missing property is reported at its parent: name the property itself.
	if rest, ok := strings.CutPrefix(detail.Message, "expected required property "); ok {
		if name, ok := strings.CutSuffix(rest, " to be present"); ok {
			detail.Location += "." + name
			detail.Value = nil
		}
	}
	if strings.HasPrefix(detail.Message, "invalid date/time") { // huma names Go's layout
		detail.Message = "write a time as in RFC 3339, such as 2026-11-22T15:04:05Z"
	}
	detail.Message = shorten(detail.Message) // some repeat what was sent
	// Whole objects and bodies are no help, and may hold secrets.
	switch value := detail.Value.(type) {
	case string:
		detail.Value = shorten(value)
		if detail.Location == "body" || strings.HasSuffix(detail.Location, ".password") || strings.HasSuffix(detail.Location, ".bearer_token") {
			detail.Value = nil
		}
	case bool, float64, int, int64, nil:
	default:
		detail.Value = nil
	}
}

// shorten cuts a text that is repeated to the client.
func shorten(s string) string {
	const most = 300
	if len(s) <= most {
		return s
	}
	cut := most
	for cut > 0 && !utf8.RuneStart(s[cut]) {
		cut--
	}
	return s[:cut] + "…"
}
