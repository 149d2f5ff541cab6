package availability

import (
	"strings"

	"webmon/plugins"
)

// The most bytes that are kept of an error's text and of an address.
const (
	maxCause   = 500
	maxAddress = 2000
)

// failure returns the class of a failed fetch and the error's text.
func failure(page *plugins.Page) (class plugins.ErrorClass, cause string) {
	class, cause = page.ErrClass, "no status was received"
	if class == "" {
		class = plugins.ErrOther
	}
	if page.Err != nil {
		cause = page.Err.Error()
	}
	return class, strings.TrimRight(clip(cause, maxCause), ". ")
}

// clip cuts what is longer than most bytes and makes it valid UTF-8.
func clip(text string, most int) string {
	if len(text) > most {
		text = text[:most] + "…"
	}
	return strings.ToValidUTF8(text, "\uFFFD")
}

// explain says in plain words what an error class means.
func explain(class plugins.ErrorClass) string {
	switch class {
	case plugins.ErrDNS:
		return "The name does not resolve"
	case plugins.ErrRefused:
		return "The connection was refused"
	case plugins.ErrReset:
		return "The connection was closed early"
	case plugins.ErrUnreachable:
		return "There is no route to the host"
	case plugins.ErrTimeout:
		return "No complete answer came in time"
	case plugins.ErrTLS:
		return "No secure connection could be made"
	case plugins.ErrRedirects:
		return "There are too many redirects"
	case plugins.ErrProtocol:
		return "The answer is not valid HTTP"
	case plugins.ErrDecode:
		return "The answer's compression is damaged"
	case plugins.ErrForbidden:
		return "webmon does not connect to this address"
	case plugins.ErrRequest:
		return "The request could not be made"
	}
	return "The check failed"
}
