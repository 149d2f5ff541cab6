package demo

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"webmon/app/client"
	"webmon/plugins"
)

// caller speaks to the HTTP API as anybody would.
type caller struct {
	api  *client.Client
	base string // the API's URL
}

// asset is an asset as the demo writes it.
type asset struct {
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
	text, err := json.Marshal(assets)
	if err != nil {
		return err
	}
	answer, err := c.api.Import(ctx, "application/json", bytes.NewReader(text))
	if err != nil {
		return err
	}
	if len(answer.Refused) > 0 {
		first := answer.Refused[0]
		return fmt.Errorf("%s cannot be watched: %s", first.URL, first.Error)
	}
	return nil
}

// assets lists the assets that have the tag.
func (c *caller) assets(ctx context.Context, tag string) ([]client.Asset, error) {
	var list []client.Asset
	for a, err := range c.api.Assets(ctx, client.Filter{Tag: tag}) {
		if err != nil {
			return nil, err
		}
		list = append(list, a)
	}
	return list, nil
}

// ended tells whether all jobs of a batch have ended.
func (c *caller) ended(ctx context.Context, batch string) (bool, error) {
	b, err := c.api.Batch(ctx, batch)
	return b.State == "done", err
}

// results lists an asset's latest results, newest first.
func (c *caller) results(ctx context.Context, id string) ([]result, error) {
	var answer struct{ Results []result }
	err := c.api.Call(ctx, http.MethodGet, "/v1/assets/"+id+"/results?limit=20", nil, &answer)
	return answer.Results, err
}
