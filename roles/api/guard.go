package api

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"
)

// guard is around everything else. It has each answer tell browsers to make
// nothing of it but data, and bounds how long a body may take from its first
// byte on, also that of a request that is refused before anybody reads it.
func (s *Server) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		// Answers change with every check: a cache, or a browser that asks
		// with If-None-Match of its own accord, would show old verdicts.
		h.Set(echo.HeaderCacheControl, "no-store")
		h.Set(echo.HeaderXContentTypeOptions, "nosniff")
		h.Set(echo.HeaderContentSecurityPolicy, "default-src 'none'; frame-ancestors 'none'")
		h.Set(echo.HeaderReferrerPolicy, "no-referrer")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		if s.tls {
			h.Set(echo.HeaderStrictTransportSecurity, "max-age=31536000")
		}
		if r.Body != nil && r.Body != http.NoBody {
			// An error is one of the connection: whoever reads the body meets it.
			_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(bodyTimeout))
		}
		next.ServeHTTP(w, r)
	})
}
