package api

import (
	"context"
	"log/slog"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
	"github.com/labstack/echo/v4"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"webmon/plugins"
	"webmon/store"
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
		&fleetCollector{store: s.store, log: s.log},
	)
	e.GET(metricsPath, echo.WrapHandler(promhttp.HandlerFor(registry, promhttp.HandlerOpts{
		ErrorHandling: promhttp.ContinueOnError,
		ErrorLog:      slog.NewLogLogger(s.log.Handler(), slog.LevelWarn),
	})))
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

// fleetCollector asks the store at every scrape.
type fleetCollector struct {
	store *store.Store
	log   *slog.Logger
}

func newDesc(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc(name, help, labels, nil)
}

// Describe sends nothing: which counters the members have is known only when
// they are read.
func (f *fleetCollector) Describe(chan<- *prometheus.Desc) {}

// Collect reads the whole webmon's state. With Redis away only that is told.
func (f *fleetCollector) Collect(out chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), scrapeBudget)
	defer cancel()
	up := 1.0
	for _, collect := range []func(context.Context, chan<- prometheus.Metric) error{f.summary, f.jobs, f.snapshot, f.memory, f.members} {
		if err := collect(ctx, out); err != nil {
			f.log.Debug("a scrape could not read everything", "err", err)
			up = 0
			break
		}
	}
	out <- gauge(newDesc("webmon_redis_up", "Whether Redis answers."), up)
}

func gauge(desc *prometheus.Desc, value float64, labels ...string) prometheus.Metric {
	return prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, value, labels...)
}

func (f *fleetCollector) summary(ctx context.Context, out chan<- prometheus.Metric) error {
	found, err := f.store.Summary(ctx)
	if err != nil {
		return err
	}
	assets := newDesc("webmon_assets", "Assets by verdict.", "verdict")
	for _, v := range plugins.Verdicts {
		out <- gauge(assets, float64(found.Verdicts[v]), string(v))
	}
	incidents := newDesc("webmon_incidents", "Open incidents by severity.", "severity")
	for severity, n := range found.Incidents {
		out <- gauge(incidents, float64(n), string(severity))
	}
	out <- prometheus.MustNewConstMetric(newDesc("webmon_checks_total", "Checks that ended since the beginning."),
		prometheus.CounterValue, float64(found.Checks))
	out <- prometheus.MustNewConstMetric(newDesc("webmon_checks_skipped_total", "Scheduled checks left out: one before was still pending, or webmon was away."),
		prometheus.CounterValue, float64(found.Skipped))
	out <- gauge(newDesc("webmon_checks_per_minute", "Checks that ended in a minute of late."), found.ChecksPerMinute)
	return nil
}

func (f *fleetCollector) jobs(ctx context.Context, out chan<- prometheus.Metric) error {
	depths, err := f.store.QueueDepths(ctx)
	if err != nil {
		return err
	}
	jobs := newDesc("webmon_jobs", "Jobs by state.", "state")
	for _, state := range store.JobStates {
		if n, ok := depths[state]; ok {
			out <- gauge(jobs, float64(n), string(state))
		}
	}
	return nil
}

func (f *fleetCollector) snapshot(ctx context.Context, out chan<- prometheus.Metric) error {
	found, err := f.store.Snapshots(ctx)
	if err != nil {
		return err
	}
	out <- gauge(newDesc("webmon_snapshot_running", "Whether a snapshot of Redis is under way."), number(found.Running))
	out <- gauge(newDesc("webmon_snapshot_allowed", "Whether Redis lets webmon take snapshots."), number(found.Allowed))
	if !found.Ended.IsZero() {
		out <- gauge(newDesc("webmon_snapshot_last_success", "Whether the last snapshot held."), number(found.Held))
		out <- gauge(newDesc("webmon_snapshot_last_end_timestamp_seconds", "When the last snapshot ended."),
			float64(found.Ended.UnixMilli())/1000)
	}
	return nil
}

func (f *fleetCollector) memory(ctx context.Context, out chan<- prometheus.Metric) error {
	found, err := f.store.RedisMemory(ctx)
	if err != nil {
		return err
	}
	out <- gauge(newDesc("webmon_redis_memory_used_bytes", "Memory that Redis uses."), float64(found.Used))
	out <- gauge(newDesc("webmon_redis_memory_limit_bytes", "Memory that Redis may use; 0: no limit."), float64(found.Limit))
	out <- gauge(newDesc("webmon_redis_evicts", "Whether Redis may drop what is stored when it is full: its maxmemory-policy is not noeviction."), number(found.Evicts()))
	return nil
}

func number(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

var counterName = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

// members tells what each live process counts. A name in _total is a counter,
// any other a gauge.
func (f *fleetCollector) members(ctx context.Context, out chan<- prometheus.Metric) error {
	found, err := f.store.Members(ctx)
	if err != nil {
		return err
	}
	started := newDesc("webmon_member_start_timestamp_seconds", "When a live process started.", "role", "name")
	for _, m := range found {
		if !utf8.ValidString(m.Role) || !utf8.ValidString(m.Name) {
			continue
		}
		out <- gauge(started, float64(m.Since.UnixMilli())/1000, m.Role, m.Name)
		for name, value := range m.Counters {
			if !counterName.MatchString(name) {
				continue // another version's, perhaps: one bad name must not spoil the scrape
			}
			kind := prometheus.GaugeValue
			if strings.HasSuffix(name, "_total") {
				kind = prometheus.CounterValue
			}
			desc := newDesc("webmon_member_"+name, "What a live process reports as "+name+".", "role", "name")
			out <- prometheus.MustNewConstMetric(desc, kind, value, m.Role, m.Name)
		}
	}
	return nil
}
