package client

import (
	"bytes"
	"context"
	"encoding/json"
	"iter"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"webmon/plugins"
)

// Result is the result of a check as the API gives it.
type Result struct {
	Job     string          `json:"job"`
	At      time.Time       `json:"at"`
	Verdict plugins.Verdict `json:"verdict"`
	Changed bool            `json:"changed"`
	Reports []Report        `json:"reports"`

	JSON json.RawMessage `json:"-"` // as in [Asset]
}

// Report is what a plugin says of a page.
type Report struct {
	Plugin   string             `json:"plugin"`
	Metrics  map[string]float64 `json:"metrics"`
	Facts    map[string]string  `json:"facts"`
	Findings []plugins.Finding  `json:"findings"`
	Error    string             `json:"error"` // why the plugin could not do its work
}

// Findings lists what all plugins told, the most telling first.
func (r *Result) Findings() (all []plugins.Told) {
	for i := range r.Reports {
		for _, f := range r.Reports[i].Findings {
			all = append(all, plugins.Told{Plugin: r.Reports[i].Plugin, Finding: f})
		}
	}
	slices.SortStableFunc(all, func(a, b plugins.Told) int { return a.Compare(&b) })
	return all
}

// UnmarshalJSON implements json.Unmarshaler.
func (r *Result) UnmarshalJSON(text []byte) error {
	type plain Result
	r.JSON = bytes.Clone(text)
	return json.Unmarshal(text, (*plain)(r))
}

// MarshalJSON implements json.Marshaler.
func (r Result) MarshalJSON() ([]byte, error) { return r.JSON, nil }

// Results lists the results of an asset from a time on until before another,
// newest first; the zero time is no bound. Pages are as in [Client.Assets].
func (c *Client) Results(ctx context.Context, asset string, from, to time.Time) iter.Seq2[Result, error] {
	return pages(func(limit, cursor string) (list []Result, next string, err error) {
		page, err := c.resultPage(ctx, asset, from, to, limit, cursor)
		return page.Results, page.Next, err
	})
}

// ResultPage is a page of a list of results. Next is the cursor of the next
// page, empty after the last.
type ResultPage struct {
	Results []Result `json:"results"`
	Next    string   `json:"next"`
}

// ResultPage reads one page of the list of [Client.Results].
func (c *Client) ResultPage(ctx context.Context, asset string, from, to time.Time, limit int, cursor string) (ResultPage, error) {
	return c.resultPage(ctx, asset, from, to, strconv.Itoa(limit), cursor)
}

func (c *Client) resultPage(ctx context.Context, asset string, from, to time.Time, limit, cursor string) (page ResultPage, err error) {
	query := url.Values{}
	for name, at := range map[string]time.Time{"from": from, "to": to} {
		if !at.IsZero() {
			query.Set(name, at.UTC().Format(time.RFC3339Nano))
		}
	}
	err = c.Call(ctx, http.MethodGet, paged(assetPath(asset)+"/results", query, limit, cursor), nil, &page)
	return page, err
}

// Newest reads the newest result of an asset. ok is false when there is none.
func (c *Client) Newest(ctx context.Context, asset string) (r Result, ok bool, err error) {
	var answer struct{ Results []Result }
	if err := c.Call(ctx, http.MethodGet, assetPath(asset)+"/results?limit=1", nil, &answer); err != nil || len(answer.Results) == 0 {
		return Result{}, false, err
	}
	return answer.Results[0], true, nil
}

// Stats are the statistics of an asset over a window of time.
type Stats struct {
	From         time.Time              `json:"from"`
	To           time.Time              `json:"to"`
	Checks       int                    `json:"checks"`
	Metrics      map[string]MetricStats `json:"metrics"`
	Availability *float64               `json:"availability"` // percent; nil when no check could tell
	Downtime     string                 `json:"downtime"`

	JSON json.RawMessage `json:"-"` // as in [Asset]
}

// MetricStats are the statistics of a metric. What is nil is not defined.
type MetricStats struct {
	N      int      `json:"n"`
	Mean   float64  `json:"mean"`
	StdDev *float64 `json:"stddev"`
	Min    float64  `json:"min"`
	Max    float64  `json:"max"`
	Median float64  `json:"median"`
	P95    float64  `json:"p95"`
	P99    float64  `json:"p99"`
	Last   float64  `json:"last"`
	ZScore *float64 `json:"zscore"`

	Baseline *Baseline `json:"baseline"` // nil when the plugin holds nothing as normal
}

// Baseline is what a plugin holds as normal for a metric.
type Baseline struct {
	Expected float64 `json:"expected"`
	StdDev   float64 `json:"stddev"`
	Low      float64 `json:"low"`
	High     float64 `json:"high"`
}

// UnmarshalJSON implements json.Unmarshaler.
func (s *Stats) UnmarshalJSON(text []byte) error {
	type plain Stats
	s.JSON = bytes.Clone(text)
	return json.Unmarshal(text, (*plain)(s))
}

// MarshalJSON implements json.Marshaler.
func (s Stats) MarshalJSON() ([]byte, error) { return s.JSON, nil }

// Stats reads the statistics of an asset: window is how far back from now, such
// as 24h or 7d, and metric the beginning of the names of the metrics.
func (c *Client) Stats(ctx context.Context, asset, window, metric string) (Stats, error) {
	query := url.Values{}
	for name, value := range map[string]string{"window": window, "metric": metric} {
		if value != "" {
			query.Set(name, value)
		}
	}
	var s Stats
	err := c.Call(ctx, http.MethodGet, assetPath(asset)+"/stats?"+query.Encode(), nil, &s)
	return s, err
}

// Timeline is how an asset fared over a window of time.
type Timeline struct {
	Checks       int      `json:"checks"`
	Availability *float64 `json:"availability"` // percent; nil when no check could tell
	Downtime     string   `json:"downtime"`
	Spans        []Span   `json:"spans"` // of one length, the oldest first
}

// Span is a part of a timeline.
type Span struct {
	From         time.Time       `json:"from"`
	Checks       int             `json:"checks"`
	Down         int             `json:"down"`
	Availability *float64        `json:"availability"`
	Worst        plugins.Verdict `json:"worst"` // unknown without checks
}

// Timeline reads how the asset fared, in so many spans.
func (c *Client) Timeline(ctx context.Context, asset, window string, spans int) (Timeline, error) {
	query := url.Values{"window": {window}, "spans": {strconv.Itoa(spans)}}
	var t Timeline
	err := c.Call(ctx, http.MethodGet, assetPath(asset)+"/timeline?"+query.Encode(), nil, &t)
	return t, err
}

// Summary is the whole fleet at a glance.
type Summary struct {
	Assets          int                     `json:"assets"`
	Verdicts        map[plugins.Verdict]int `json:"verdicts"`
	Incidents       OpenIncidents           `json:"incidents"`
	Checks          int64                   `json:"checks"`
	Skipped         int64                   `json:"skipped"`
	ChecksPerMinute float64                 `json:"checks_per_minute"`
	Slowest         []struct {
		ID      string  `json:"id"`
		URL     string  `json:"url"`
		Name    string  `json:"name"`
		Seconds float64 `json:"seconds"`
	} `json:"slowest"`
	MostChanged []struct {
		ID      string `json:"id"`
		URL     string `json:"url"`
		Name    string `json:"name"`
		Changes int    `json:"changes"`
	} `json:"most_changed"`

	JSON json.RawMessage `json:"-"` // as in [Asset]
}

// OpenIncidents is how many incidents are open.
type OpenIncidents struct {
	Warning  int `json:"warning"`
	Critical int `json:"critical"`
}

// UnmarshalJSON implements json.Unmarshaler.
func (s *Summary) UnmarshalJSON(text []byte) error {
	type plain Summary
	s.JSON = bytes.Clone(text)
	return json.Unmarshal(text, (*plain)(s))
}

// MarshalJSON implements json.Marshaler.
func (s Summary) MarshalJSON() ([]byte, error) { return s.JSON, nil }

// Summary reads the summary of all assets.
func (c *Client) Summary(ctx context.Context) (Summary, error) {
	var s Summary
	err := c.Call(ctx, http.MethodGet, "/v1/summary", nil, &s)
	return s, err
}
