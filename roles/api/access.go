package api

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"math"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/labstack/echo/v4"

	"webmon/store"
	"webmon/store/token"
)

const (
	// Requests with a wrong token, by address: a person who mistypes one does
	// not meet this.
	failuresPerSecond = 0.2
	failuresAtOnce    = 20
	// burstSeconds: whoever was quiet may make the requests of so many seconds
	// at once.
	burstSeconds = 5
)

// caller is who makes a request.
type caller struct {
	token string // id of the token; empty without one
	name  string // of the token
	scope token.Scope
}

type callerKey struct{}

func callerOf(ctx context.Context) caller {
	c, _ := ctx.Value(callerKey{}).(caller)
	return c
}

// gate lets requests in, or says why not.
type gate struct {
	tokens *tokenCache
	// always: a token is needed even when there is none.
	always bool
	// open is what a request may do as long as there is no token.
	open token.Scope
	// names: without a token any name in the Host header will do.
	names bool
	// requests, by token or by address; nil for no limit.
	requests *buckets
	failures *buckets
}

// newGate makes the gate of a server that is bound to an address.
func newGate(opts *Options, bound net.Addr) *gate {
	g := &gate{
		tokens: newTokenCache(opts.Store, opts.Logger),
		open:   token.Admin, names: opts.Insecure,
		failures: newBuckets(failuresPerSecond, failuresAtOnce),
	}
	if opts.RateLimit > 0 {
		g.requests = newBuckets(float64(opts.RateLimit), opts.RateLimit*burstSeconds)
	}
	if !onLoopback(bound) {
		g.always = !opts.Insecure
		g.open = token.Write // strangers need not see secrets, or lock others out with a token
	}
	return g
}

func onLoopback(bound net.Addr) bool {
	tcp, ok := bound.(*net.TCPAddr)
	return ok && tcp.IP.IsLoopback()
}

// check refuses to begin where nobody could get in, and others could try. When
// Redis cannot be asked the gate stays shut for those without a token.
func (g *gate) check(bound net.Addr) error {
	if !g.always {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), tokensBudget)
	defer cancel()
	known, err := g.tokens.all(ctx)
	switch {
	case err != nil && !errors.Is(err, store.ErrUnavailable):
		return err
	case err == nil && len(known) == 0:
		return fmt.Errorf("others can reach %s, and there is no token yet: make one with \"webmon token create --name NAME --scope admin\", "+
			"or listen on 127.0.0.1, or say --insecure to let everybody in", bound)
	}
	return nil
}

// needsNoToken tells of a path, as echo has it, whether it is for everybody: it
// tells nothing of what is watched.
func needsNoToken(path string) bool {
	return path == healthPath || path == readyPath || path == viewerPath || strings.HasPrefix(path, viewerPath+"/")
}

// access finds out who calls, and whether they may. It comes before anything
// of the request's body is read.
func (s *Server) access(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		free := needsNoToken(c.Path())
		from := addressKey(r.RemoteAddr)
		if own, ok := r.Context().Value(callerKey{}).(caller); ok { // of the status page; see asReader
			if need := s.scopeOf(r.Method, c.Path()); !own.scope.Includes(need) {
				return lacksScope(own, need)
			}
			return next(c)
		}
		who, err := s.gate.admit(r)
		if s.gate.requests != nil {
			key := from
			if who.token != "" {
				key = "token " + who.token
			}
			if wait := s.gate.requests.take(key); wait > 0 {
				return tooMany("too many requests", wait)
			}
		}
		var bad *badToken
		if errors.As(err, &bad) && !free {
			wait := s.gate.failures.take(from)
			if wait > 0 {
				return tooMany("too many requests with a wrong token", wait)
			}
			s.log.Warn("a request with a wrong token", "id", requestIDOf(r.Context()), "from", r.RemoteAddr, "token", bad.id, "reason", bad.reason)
		}
		if err != nil && !free {
			return err
		}
		if need := s.scopeOf(r.Method, c.Path()); !free && !who.scope.Includes(need) {
			return lacksScope(who, need)
		}
		ctx := context.WithValue(r.Context(), callerKey{}, who)
		c.SetRequest(r.WithContext(ctx))
		if who.token != "" {
			s.gate.tokens.used(ctx, who.token)
		}
		return next(c)
	}
}

// admit tells who makes a request. A refusal is a problem document already.
func (g *gate) admit(r *http.Request) (caller, error) {
	known, err := g.tokens.all(r.Context())
	if err != nil {
		return caller{}, err
	}
	if len(known) == 0 && !g.always {
		if !g.names && !plainHost(r.Host) {
			// Else a web page could have its own name lead here, and read.
			return caller{}, huma.Error403Forbidden("as long as there is no token, webmon answers to localhost and to IP addresses only, not to " + shorten(strconv.Quote(r.Host)))
		}
		return caller{scope: g.open}, nil
	}
	given := r.Header.Values("Authorization")
	if len(given) == 0 {
		detail := "a token is needed: send it as Authorization: Bearer webmon_…"
		if len(known) == 0 {
			detail = "a token is needed, and there is none any more: make one with webmon token create"
		}
		return caller{}, unauthorized(detail, "")
	}
	if len(given) > 1 {
		return caller{}, newBadToken("", "there are several Authorization headers")
	}
	scheme, text, _ := strings.Cut(given[0], " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return caller{}, newBadToken("", "the Authorization header is no Bearer token")
	}
	read, err := token.Parse(strings.TrimSpace(text))
	if err != nil {
		return caller{}, newBadToken("", err.Error())
	}
	// An id that does not exist is compared all the same, with nothing.
	kept, found := known[read.ID]
	hash := read.Hash()
	same := subtle.ConstantTimeCompare(hash[:], kept.Hash[:]) == 1
	if !found || !same || kept.Expired(time.Now()) {
		return caller{}, newBadToken(read.ID, "this token is not known, or it is revoked or expired")
	}
	return caller{token: kept.ID, name: kept.Name, scope: kept.Scope}, nil
}

// plainHost tells whether a Host header is an IP address or localhost: a name
// can be made to lead anywhere.
func plainHost(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.Trim(host, "[]")
	_, err := netip.ParseAddr(host)
	return err == nil || strings.EqualFold(host, "localhost")
}

// badToken is a token that is none of ours.
type badToken struct {
	id      string // as far as it could be read
	reason  string
	problem error
}

func newBadToken(id, reason string) error {
	return &badToken{id, reason, unauthorized(reason, `, error="invalid_token"`)}
}

func (e *badToken) Error() string { return e.reason }
func (e *badToken) Unwrap() error { return e.problem }

func unauthorized(detail, more string) error {
	return huma.ErrorWithHeaders(huma.Error401Unauthorized(detail), http.Header{"WWW-Authenticate": {`Bearer realm="webmon"` + more}})
}

// lacksScope says what the caller's token would have to allow.
func lacksScope(who caller, need token.Scope) error {
	detail := fmt.Sprintf("this needs a token with the scope %s; this one has %s", need, who.scope)
	if who.token == "" {
		detail = fmt.Sprintf("this needs a token with the scope %s: make one with webmon token create", need)
	}
	return huma.ErrorWithHeaders(huma.Error403Forbidden(detail),
		http.Header{"WWW-Authenticate": {fmt.Sprintf(`Bearer realm="webmon", error="insufficient_scope", scope="%s"`, need)}})
}

func tooMany(detail string, wait time.Duration) error {
	seconds := strconv.Itoa(int(math.Ceil(wait.Seconds())))
	return huma.ErrorWithHeaders(huma.Error429TooManyRequests(detail+": try again in "+seconds+" s"), http.Header{"Retry-After": {seconds}})
}
