package api

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"webmon/plugins"
	"webmon/store"
)

// maxWindow is longer than any result is kept.
const maxWindow = 10 * 366 * 24 * time.Hour

func (s *Server) statsRoutes(api huma.API) {
	register(s, api, huma.Operation{
		OperationID: "get-stats", Method: http.MethodGet, Path: assetsPath + "/{id}/stats",
		Tags: []string{groupStatistics}, Summary: "Statistics of an asset over a window of time",
		Description: "Availability and downtime, and of each metric the mean, the deviation, quantiles, the newest value and what the plugin holds as normal. All of it is made from the stored results when it is asked for, so a window reaches no further back than they do.",
		Errors:      []int{http.StatusNotFound},
	}, storeBudget, s.readStats)
}

type statsInput struct {
	AssetID
	Window string `query:"window" default:"24h" example:"24h" doc:"How far back from now, such as 1h or 7d."`
	Metric string `query:"metric" maxLength:"200" example:"timing." doc:"Only metrics whose name begins so."`
}

type stats struct {
	From         time.Time              `json:"from" doc:"Where the window begins."`
	To           time.Time              `json:"to" doc:"Where the window ends."`
	Checks       int                    `json:"checks" example:"1440" doc:"How many checks are in the window."`
	Metrics      map[string]metricStats `json:"metrics" doc:"By plugin and metric, such as \"htmlstats.tag_div_count\"."`
	Availability *float64               `json:"availability" example:"99.93" doc:"Percent of the checks in which the asset was there; null when no check could tell."`
	Downtime     store.Duration         `json:"downtime" example:"60s" doc:"How long the asset was down."`
}

type metricStats struct {
	N      int      `json:"n" example:"1440" doc:"How many values there are; fewer than checks when not every check measured it, as with the count of an element before one was ever there."`
	Mean   float64  `json:"mean" example:"0.21" doc:"The mean."`
	StdDev *float64 `json:"stddev" example:"0.04" doc:"The sample standard deviation; null for fewer than two values."`
	Min    float64  `json:"min" example:"0.17" doc:"The smallest value."`
	Max    float64  `json:"max" example:"0.9" doc:"The greatest value."`
	Median float64  `json:"median" example:"0.2" doc:"The median."`
	P95    float64  `json:"p95" example:"0.3" doc:"The 95th percentile."`
	P99    float64  `json:"p99" example:"0.5" doc:"The 99th percentile."`
	Last   float64  `json:"last" example:"0.2" doc:"The newest value."`
	ZScore *float64 `json:"zscore" example:"-0.25" doc:"How many standard deviations the newest value is above the mean; null when that is not defined."`

	Baseline *baseline `json:"baseline" doc:"What the plugin holds as normal now, which the next check is judged by; null when it judges the metric by something else, or knows too little."`
}

// baseline is what a plugin holds as normal for a metric, which is not what the
// window comes to: it leaves out what was unusual.
type baseline struct {
	_ struct{} `nullable:"true"`

	Expected float64 `json:"expected" example:"0.2" doc:"What a finding would give as expected."`
	StdDev   float64 `json:"stddev" example:"0.05" doc:"The standard deviation that the plugin goes by, after any floor."`
	Low      float64 `json:"low" example:"0" doc:"The smallest value that is usual."`
	High     float64 `json:"high" example:"0.4" doc:"The greatest value that is usual."`
	N        int     `json:"n" example:"24" doc:"How many values it was learned from."`
}

type statsOutput struct {
	Body stats
}

func (s *Server) readStats(ctx context.Context, in *statsInput) (*statsOutput, error) {
	window, err := readWindow("query.window", in.Window)
	if err != nil {
		return nil, err
	}
	found, err := s.store.Stats(ctx, in.ID, window)
	if err != nil {
		return nil, noSuch(err, "asset", in.ID)
	}
	baselines, err := s.baselines(ctx, in.ID)
	if err != nil {
		return nil, noSuch(err, "asset", in.ID)
	}
	out := &statsOutput{Body: stats{
		From: found.From, To: found.To, Checks: found.Checks, Metrics: map[string]metricStats{},
		Availability: found.Availability, Downtime: store.Duration(found.Downtime),
	}}
	for name, m := range found.Metrics {
		if !strings.HasPrefix(name, in.Metric) {
			continue
		}
		view := metricStats{
			N: m.N, Mean: m.Mean, StdDev: m.StdDev, Min: m.Min, Max: m.Max,
			Median: m.Median, P95: m.P95, P99: m.P99, Last: m.Last, ZScore: m.ZScore,
		}
		if b, ok := baselines[name]; ok {
			view.Baseline = &baseline{Expected: b.Expected, StdDev: b.StdDev, Low: b.Low, High: b.High, N: b.N}
		}
		out.Body.Metrics[name] = view
	}
	return out, nil
}

// baselines is what the plugins hold as normal for an asset, by metric.
func (s *Server) baselines(ctx context.Context, id string) (map[string]plugins.Baseline, error) {
	asset, err := s.store.Asset(ctx, id)
	if err != nil {
		return nil, err
	}
	memory, err := s.store.Memory(ctx, id)
	if err != nil {
		return nil, err
	}
	// The options were good for whoever stored them; see the executor.
	suite, _ := s.opts.Plugins.Salvage(asset.Plugins, nil)
	return suite.Baselines(memory), nil
}

// readWindow reads how far back a request looks.
func readWindow(location, text string) (time.Duration, error) {
	var window store.Duration
	if err := window.UnmarshalText([]byte(text)); err != nil || time.Duration(window) < time.Second || time.Duration(window) > maxWindow {
		return 0, invalid(location, shorten(text), fmt.Sprintf("write a duration from 1s to %s, such as 24h or 7d", store.Duration(maxWindow)))
	}
	return time.Duration(window), nil
}
