package dashboard

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"webmon/plugins"
	"webmon/roles/api/client"
)

// chart is a picture of a metric over time, that the API draws.
type chart struct {
	Metric      string
	Light, Dark string // addresses
}

// choice is what a page shows, as far as the visitor can choose.
type choice struct {
	Window  string // of time, as the API writes it
	Asked   bool   // the visitor chose it
	Life    bool   // it is all of a young asset's life
	Windows []option
	Metric  string   // shown first; empty for none
	Metrics []string // that can be chosen
}

type option struct {
	Value, Text string
	Chosen      bool
}

const usualWindow = "24h"

var chartWindows = []option{{Value: "1h", Text: "1 hour"}, {Value: usualWindow, Text: "24 hours"}, {Value: "7d", Text: "7 days"}, {Value: "30d", Text: "30 days"}}

// chosen reads what a page is to show. What cannot be chosen is as nothing.
func chosen(query url.Values, newest *client.Result) choice {
	c := choice{Window: usualWindow, Windows: slices.Clone(chartWindows)}
	for i := range c.Windows {
		if c.Windows[i].Value == query.Get("window") {
			c.Window, c.Asked = c.Windows[i].Value, true
		}
	}
	for i := range c.Windows {
		c.Windows[i].Chosen = c.Windows[i].Value == c.Window
	}
	if newest == nil {
		return c
	}
	for i := range newest.Reports {
		for name := range maps.Keys(newest.Reports[i].Metrics) {
			c.Metrics = append(c.Metrics, newest.Reports[i].Plugin+"."+name)
		}
	}
	slices.Sort(c.Metrics)
	if slices.Contains(c.Metrics, query.Get("metric")) {
		c.Metric = query.Get("metric")
	}
	return c
}

// fit offers to show all the life of an asset that is not a day old, and does so
// unless the visitor chose: most of a longer window would be empty.
func (c *choice) fit(age time.Duration) {
	if age >= 24*time.Hour {
		return
	}
	c.Life = !c.Asked
	if c.Life {
		c.Window = strconv.Itoa(1+int(max(age, 0)/time.Minute)) + "m"
		for i := range c.Windows {
			c.Windows[i].Chosen = false
		}
	}
	c.Windows = slices.Insert(c.Windows, 0, option{Text: "since it was made", Chosen: c.Life})
}

// telling are the metrics that say most of any page.
var telling = []string{"timing.total_seconds", "htmlstats.page_bytes", "htmlstats.text_bytes", "htmlstats.tags_count", "htmlstats.links_count", "content.words_count"}

const shownCharts = 4

// chartsOf chooses which metrics to draw: the one that the visitor asked for,
// then those that findings are about, then the most telling ones.
func chartsOf(id string, newest *client.Result, findings []finding, c choice) []chart {
	if newest == nil {
		return nil
	}
	var names []string
	add := func(name string) {
		if slices.Contains(c.Metrics, name) && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	add(c.Metric)
	for i := range findings {
		// What is as it should be in a table is no curve.
		if f := &findings[i]; f.Metric != "" && (f.StdDev > 0 || f.Verdict == plugins.Degraded) {
			add(f.Plugin + "." + f.Metric)
		}
	}
	for _, name := range telling {
		add(name)
	}
	list := make([]chart, 0, shownCharts)
	// What follows the # is for the script: it tells that there is a new picture.
	version := "#" + strconv.FormatInt(newest.At.UnixMilli(), 36)
	for _, name := range names[:min(len(names), shownCharts)] {
		list = append(list, chart{name, chartURL(id, name, c.Window, "light") + version, chartURL(id, name, c.Window, "dark") + version})
	}
	return list
}

func chartURL(id, metric, window, theme string) string {
	q := url.Values{"metric": {metric}, "window": {window}, "theme": {theme}, "width": {strconv.Itoa(chartWidth)}, "height": {strconv.Itoa(chartHeight)}}
	return assetURL(id) + "/chart.svg?" + q.Encode()
}

const (
	chartWidth  = 600
	chartHeight = 240
)

// passOn lets the API answer in its own name what belongs to a page: pictures
// and events. Only GETs are passed on, so that no page elsewhere can have
// anything done with a visitor's cookie; and browsers let no page elsewhere read
// them.
func (d *Dashboard) passOn(w http.ResponseWriter, r *http.Request) {
	inner := *r
	inner.URL = &url.URL{Path: "/v1" + r.URL.Path, RawPath: rawBelow("/v1", r.URL), RawQuery: r.URL.RawQuery}
	inner.Header = r.Header.Clone()
	inner.Header.Del("Cookie")
	if session := sessionOf(r); session != "" {
		inner.Header.Set("Authorization", "Bearer "+session)
	}
	inner.Body, inner.Pattern = http.NoBody, ""
	d.api.ServeHTTP(w, &inner)
}

func rawBelow(prefix string, u *url.URL) string {
	if u.RawPath == "" {
		return ""
	}
	return prefix + u.RawPath
}
