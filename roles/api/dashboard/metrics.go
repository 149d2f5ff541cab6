package dashboard

import (
	"maps"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"webmon/roles/api/client"
)

// metricsPage is the page of all metrics of an asset.
type metricsPage struct {
	client.Asset
	Stats  client.Stats
	Groups []metricGroup
	Choice choice
}

// metricGroup is the metrics of a plugin.
type metricGroup struct {
	Plugin string
	Rows   []metricRow
}

type metricRow struct {
	Name, URL string
	client.MetricStats
	Outside bool // the newest value is not usual
	Sigma   *float64
}

func showMetrics(v *visit) error {
	ctx, id := v.r.Context(), v.r.PathValue("id")
	a, err := v.api.Asset(ctx, id)
	if err != nil {
		return err
	}
	p := metricsPage{Asset: a, Choice: chosen(v.r.URL.Query(), nil)}
	if p.Stats, err = v.api.Stats(ctx, id, p.Choice.Window, ""); err != nil {
		return err
	}
	for _, full := range slices.Sorted(maps.Keys(p.Stats.Metrics)) {
		plugin, name, _ := strings.Cut(full, ".")
		if n := len(p.Groups); n == 0 || p.Groups[n-1].Plugin != plugin {
			p.Groups = append(p.Groups, metricGroup{Plugin: plugin})
		}
		group := &p.Groups[len(p.Groups)-1]
		group.Rows = append(group.Rows, metricRowOf(chartsURL(id, full, p.Choice), name, p.Stats.Metrics[full]))
	}
	return v.show(http.StatusOK, "metrics", "Metrics of "+a.Label(), &p)
}

// chartsURL is the address of a metric's chart on the page of its asset, which
// finds a window by itself unless the visitor chose one.
func chartsURL(id, metric string, c choice) string {
	q := url.Values{"metric": {metric}}
	if c.Asked {
		q.Set("window", c.Window)
	}
	return assetURL(id) + "?" + q.Encode() + "#charts"
}

func metricRowOf(address, name string, s client.MetricStats) metricRow {
	r := metricRow{Name: name, MetricStats: s, URL: address}
	if b := s.Baseline; b != nil {
		r.Outside = s.Last < b.Low || s.Last > b.High
		if b.StdDev > 0 {
			z := (s.Last - b.Expected) / b.StdDev
			if math.Abs(z) < 1000 {
				r.Sigma = &z
			}
		}
	}
	return r
}
