package demo

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"

	"webmon/app/client"
	"webmon/plugins"
)

// caller speaks to the HTTP API as anybody would.
type caller struct {
	api  *client.Client
	base string // the API's URL
}

// asset is an asset as the demo writes and reads it.
type asset struct {
	ID       string                     `json:"id,omitempty"`
	URL      string                     `json:"url"`
	Name     string                     `json:"name"`
	Tags     []string                   `json:"tags"`
	Interval string                     `json:"interval"`
	Timeout  string                     `json:"timeout"`
	Plugins  map[string]json.RawMessage `json:"plugins,omitempty"`
}

// result is a result as the demo reads it.
type result struct {
	Job     string          `json:"job"`
	Verdict plugins.Verdict `json:"verdict"`
	Reports []report        `json:"reports"`
}

// report is a plugin's report as the demo reads it.
type report struct {
	Plugin   string             `json:"plugin"`
	Metrics  map[string]float64 `json:"metrics"`
	Findings []plugins.Finding  `json:"findings"`
}

// add imports the assets, all or none of them by the demo's own standards: a
// refused one is an error.
func (c *caller) add(ctx context.Context, assets []asset) error {
	var answer struct {
		Refused []struct{ URL, Error string }
	}
	if err := c.api.Call(ctx, http.MethodPost, "/v1/assets/import", assets, &answer); err != nil {
		return err
	}
	if len(answer.Refused) > 0 {
		first := answer.Refused[0]
		return fmt.Errorf("%s cannot be watched: %s", first.URL, first.Error)
	}
	return nil
}

// assets lists the assets that have the tag; the demo has far less than a page.
func (c *caller) assets(ctx context.Context, tag string) ([]asset, error) {
	var answer struct{ Assets []asset }
	err := c.api.Call(ctx, http.MethodGet, "/v1/assets?limit=1000&tag="+url.QueryEscape(tag), nil, &answer)
	return answer.Assets, err
}

func (c *caller) remove(ctx context.Context, id string) error {
	return c.api.Call(ctx, http.MethodDelete, "/v1/assets/"+id, nil, nil)
}

// check has every asset with the tag checked now, and gives the batch's id.
func (c *caller) check(ctx context.Context, tag string) (batch string, err error) {
	var answer struct{ Batch string }
	err = c.api.Call(ctx, http.MethodPost, "/v1/jobs", map[string]string{"tag": tag}, &answer)
	return answer.Batch, err
}

// ended tells whether all jobs of a batch have ended.
func (c *caller) ended(ctx context.Context, batch string) (bool, error) {
	var answer struct{ State string }
	err := c.api.Call(ctx, http.MethodGet, "/v1/batches/"+batch, nil, &answer)
	return answer.State == "done", err
}

// results lists an asset's latest results, newest first.
func (c *caller) results(ctx context.Context, id string) ([]result, error) {
	var answer struct{ Results []result }
	err := c.api.Call(ctx, http.MethodGet, "/v1/assets/"+id+"/results?limit=20", nil, &answer)
	return answer.Results, err
}
