package api

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/labstack/echo/v4"
	"golang.org/x/net/netutil"

	"webmon/plugins"
	"webmon/roles/api/dashboard"
	"webmon/store"
	"webmon/store/token"
)

// Options says what a server works with. Store, Plugins, Push and Snapshot are
// required.
type Options struct {
	// Listen is host:port; port 0 lets the kernel choose.
	Listen string
	Store  *store.Store
	// Plugins are the plugins that the executors run.
	Plugins *plugins.Registry
	// Push sends job ids to the dispatcher and returns at once. Ids may get
	// lost: the jobs are in Redis, and redelivery pushes them again.
	Push func(jobIDs []string)
	// Snapshot asks for a snapshot of Redis and returns at once.
	Snapshot func()
	// Version is shown in the OpenAPI document.
	Version string
	Logger  *slog.Logger
	// RateLimit is how many requests a second a token may make, or an address
	// without one; 0 for no limit.
	RateLimit int
	// Insecure lets everybody in as long as there is no token, wherever the
	// server listens. Without it a server that others can reach needs a token.
	Insecure bool
	// TLSCert and TLSKey are PEM files. With them the server speaks https only.
	// They are read again when they change.
	TLSCert, TLSKey string
	// Public says what everybody may see on the status page; without tags there is
	// none.
	Public dashboard.Public
	// ShutdownTimeout bounds how long requests under way may take after the
	// end of Run's context. Zero means 10 s.
	ShutdownTimeout time.Duration
}

// Server serves the API. Make one with [New].
type Server struct {
	opts     Options
	store    *store.Store
	log      *slog.Logger
	listener net.Listener
	http     *http.Server
	assets   *assetReader
	requests *requestMetrics
	gate     *gate
	events   *eventHub
	scopes   map[string]token.Scope // by method and path of echo, where it is another than the method's
	tls      bool
}

// humaSettings are huma's settings of the whole process. Property names are taken
// as they are written: otherwise a second "URL" would silently win over the first
// "url". Lists are never null.
var humaSettings = sync.OnceFunc(func() { huma.ValidateStrictCasing, huma.DefaultArrayNullable = true, false })

const (
	headerTimeout = 5 * time.Second  // for the request line and the headers
	bodyTimeout   = 10 * time.Second // for the body of a normal request
	idleTimeout   = 2 * time.Minute  // between two requests of a connection
	writeTimeout  = 2 * time.Minute  // from the headers to the end of a normal answer
	maxHeader     = 64 << 10
	maxBody       = 1 << 20 // of a normal request; an import has its own limit
	// maxConnections are open at once; who comes later waits until one ends.
	maxConnections = 4096
)

// New checks the options and binds the address, so that an address in use is
// known before anything runs. Run must follow, to serve and to free the
// address in the end.
func New(opts Options) (*Server, error) {
	humaSettings()
	switch {
	case opts.Store == nil:
		return nil, errors.New("api: Store is missing")
	case opts.Plugins == nil:
		return nil, errors.New("api: Plugins is missing")
	case opts.Push == nil:
		return nil, errors.New("api: Push is missing")
	case opts.Snapshot == nil:
		return nil, errors.New("api: Snapshot is missing")
	case opts.ShutdownTimeout < 0:
		return nil, errors.New("api: ShutdownTimeout is negative")
	}
	if opts.Logger == nil {
		opts.Logger = slog.New(slog.DiscardHandler)
	}
	if opts.ShutdownTimeout == 0 {
		opts.ShutdownTimeout = 10 * time.Second
	}
	s := newServer(opts)
	settings, err := s.tlsSettings()
	if err != nil {
		return nil, fmt.Errorf("api: %w", err)
	}
	handler, err := s.handler()
	if err != nil {
		return nil, fmt.Errorf("api: %w", err)
	}
	s.http = &http.Server{
		Handler:           handler,
		TLSConfig:         settings,
		ReadHeaderTimeout: headerTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeader,
		ErrorLog:          slog.NewLogLogger(s.log.Handler(), slog.LevelDebug),
	}
	// Last, so that no error leaves the address bound.
	bound, err := net.Listen("tcp", opts.Listen)
	if err != nil {
		return nil, fmt.Errorf("api: cannot listen on %q: %w", opts.Listen, err)
	}
	s.gate = newGate(&opts, bound.Addr())
	if err := s.gate.check(bound.Addr()); err != nil {
		bound.Close()
		return nil, fmt.Errorf("api: %w", err)
	}
	s.listener = netutil.LimitListener(bound, maxConnections)
	return s, nil
}

func newServer(opts Options) *Server {
	return &Server{
		opts: opts, store: opts.Store, log: opts.Logger, requests: newRequestMetrics(), scopes: map[string]token.Scope{},
		events: newEventHub(opts.Store, opts.Logger),
	}
}

// Addr is the address that the server is bound to, with the real port.
func (s *Server) Addr() string { return s.listener.Addr().String() }

// URL is where the server can be found.
func (s *Server) URL() string {
	if s.tls {
		return "https://" + s.Addr()
	}
	return "http://" + s.Addr()
}

func (s *Server) serve() error {
	if s.tls {
		return s.http.ServeTLS(s.listener, "", "")
	}
	return s.http.Serve(s.listener)
}

// Run serves until ctx ends, then lets the requests under way finish within
// the shutdown timeout. It returns nil after a stop that was asked for. Call
// it once.
func (s *Server) Run(ctx context.Context) error {
	defer s.events.stop()
	served := make(chan error, 1)
	go func() { served <- s.serve() }()
	select {
	case err := <-served:
		return fmt.Errorf("api: %w", err)
	case <-ctx.Done():
	}
	s.events.stop() // streams have no end of their own to wait for
	bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.opts.ShutdownTimeout)
	defer cancel()
	if err := s.http.Shutdown(bounded); err != nil {
		s.log.Warn("requests were cut off at the stop", "after", s.opts.ShutdownTimeout)
		if err := s.http.Close(); err != nil {
			return fmt.Errorf("api: %w", err)
		}
	}
	<-served
	return nil
}

// handler is the whole HTTP side: middleware, routes and the answers of the
// router itself.
func (s *Server) handler() (http.Handler, error) {
	e := echo.New()
	e.HTTPErrorHandler = s.answerError
	e.Use(requestID, s.observe, s.recoverPanic, s.access, plainQuery, limitBody)
	document, err := s.describe(e, "")
	if err != nil {
		return nil, err
	}
	if err := documentRoutes(e, document); err != nil {
		return nil, err
	}
	s.healthRoutes(e)
	s.metricsRoute(e)
	crossOrigin := http.NewCrossOriginProtection()
	crossOrigin.SetDenyHandler(http.HandlerFunc(denyCrossOrigin))
	all, err := s.pages(e)
	if err != nil {
		return nil, err
	}
	return s.guard(headAsGet(crossOrigin.Handler(all))), nil
}

// headAsGet answers HEAD like GET; net/http leaves the body out, since the
// request that it knows is still the HEAD. The stream of events has no end.
func headAsGet(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodHead && r.URL.Path != eventsPath {
			get := *r
			get.Method = http.MethodGet
			r = &get
		}
		next.ServeHTTP(w, r)
	})
}
