package api

import (
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/labstack/echo/v4"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

const (
	metricsPath  = "/metrics"
	scrapeBudget = 3 * time.Second
)

// requestMetrics measures the API itself.
type requestMetrics struct{ seconds *prometheus.HistogramVec }

func newRequestMetrics() *requestMetrics {
	return &requestMetrics{prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name:    "webmon_http_request_duration_seconds",
		Help:    "How long requests to the API took.",
		Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 60},
	}, []string{"route", "method", "code"})}
}

func (m *requestMetrics) observe(route, method string, status int, took time.Duration) {
	// Requests for nothing that exists must not make series without end.
	if route == "" {
		route = "none"
	}
	switch method {
	case http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete:
	default:
		method = "other"
	}
	m.seconds.WithLabelValues(route, method, strconv.Itoa(status/100)+"xx").Observe(took.Seconds())
}

func (s *Server) metricsRoute(e *echo.Echo) {
	registry := prometheus.NewRegistry()
	registry.MustRegister(
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		s.requests.seconds,
		buildInfo(s.opts.Version),
		&fleetCollector{store: s.store, log: s.log},
	)
	e.GET(metricsPath, echo.WrapHandler(promhttp.HandlerFor(registry, promhttp.HandlerOpts{
		ErrorHandling: promhttp.ContinueOnError,
		ErrorLog:      slog.NewLogLogger(s.log.Handler(), slog.LevelWarn),
	})))
}

func buildInfo(version string) prometheus.Collector {
	info := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "webmon_build_info", Help: "Always 1; the label says which webmon this is.", ConstLabels: prometheus.Labels{"version": version},
	})
	info.Set(1)
	return info
}

func describeMetrics(doc *huma.OpenAPI) {
	op := plainOperation("get-metrics", metricsPath, "Metrics for Prometheus",
		"In Prometheus' text format: the fleet, the jobs, Redis, the snapshots, this process, and what every live process of this webmon counts. "+
			"With Redis away webmon_redis_up is 0 and most are missing.",
		http.StatusUnauthorized, http.StatusForbidden, http.StatusTooManyRequests, http.StatusServiceUnavailable)
	op.Responses["200"] = &huma.Response{Description: "The metrics.", Content: map[string]*huma.MediaType{
		"text/plain": {Schema: &huma.Schema{Type: huma.TypeString}, Example: "# TYPE webmon_redis_up gauge\nwebmon_redis_up 1\n"},
	}}
	doc.AddOperation(op)
}
