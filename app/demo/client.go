package demo

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"webmon/plugins"
)

// client speaks to the HTTP API as anybody would.
type client struct{ base string }

// callTimeout bounds one request.
const callTimeout = 30 * time.Second

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
func (c *client) add(ctx context.Context, assets []asset) error {
	var answer struct {
		Refused []struct{ URL, Error string }
	}
	if err := c.call(ctx, http.MethodPost, "/v1/assets/import", assets, &answer); err != nil {
		return err
	}
	if len(answer.Refused) > 0 {
		first := answer.Refused[0]
		return fmt.Errorf("%s cannot be watched: %s", first.URL, first.Error)
	}
	return nil
}

// assets lists the assets that have the tag; the demo has far less than a page.
func (c *client) assets(ctx context.Context, tag string) ([]asset, error) {
	var answer struct{ Assets []asset }
	err := c.call(ctx, http.MethodGet, "/v1/assets?limit=1000&tag="+url.QueryEscape(tag), nil, &answer)
	return answer.Assets, err
}

func (c *client) remove(ctx context.Context, id string) error {
	return c.call(ctx, http.MethodDelete, "/v1/assets/"+id, nil, nil)
}

// check has every asset with the tag checked now, and gives the batch's id.
func (c *client) check(ctx context.Context, tag string) (batch string, err error) {
	var answer struct{ Batch string }
	err = c.call(ctx, http.MethodPost, "/v1/jobs", map[string]string{"tag": tag}, &answer)
	return answer.Batch, err
}

// ended tells whether all jobs of a batch have ended.
func (c *client) ended(ctx context.Context, batch string) (bool, error) {
	var answer struct{ State string }
	err := c.call(ctx, http.MethodGet, "/v1/batches/"+batch, nil, &answer)
	return answer.State == "done", err
}

// results lists an asset's latest results, newest first.
func (c *client) results(ctx context.Context, id string) ([]result, error) {
	var answer struct{ Results []result }
	err := c.call(ctx, http.MethodGet, "/v1/assets/"+id+"/results?limit=20", nil, &answer)
	return answer.Results, err
}

// call sends in, if any, as JSON and reads the answer into out, if any.
func (c *client) call(ctx context.Context, method, path string, in, out any) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	var body io.Reader
	if in != nil {
		text, err := json.Marshal(in)
		if err != nil {
			return fmt.Errorf("%s %s: %w", method, path, err)
		}
		body = bytes.NewReader(text)
	}
	request, err := http.NewRequestWithContext(ctx, method, c.base+path, body)
	if err != nil {
		return err
	}
	if in != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode >= 300 {
		text, _ := io.ReadAll(io.LimitReader(answer.Body, 500))
		return fmt.Errorf("%s %s: %s: %s", method, path, answer.Status, strings.TrimSpace(string(text)))
	}
	if out == nil {
		return nil
	}
	if err := json.NewDecoder(answer.Body).Decode(out); err != nil {
		return fmt.Errorf("%s %s: the answer: %w", method, path, err)
	}
	return nil
}
