package client

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

const bulkTimeout = 2 * time.Minute // the API itself gives up after one

// Selection says which assets to check: exactly one of the fields is set. Tag
// and All leave out disabled assets.
type Selection struct {
	Assets []string `json:"assets,omitempty"`
	Tag    string   `json:"tag,omitempty"`
	All    bool     `json:"all,omitempty"`
}

// Batch is how far the jobs of a call are.
type Batch struct {
	ID      string    `json:"id"`
	State   string    `json:"state"` // running, done or cancelled
	Created time.Time `json:"created"`
	Counts  Counts    `json:"counts"`
}

// Counts are jobs by state.
type Counts struct {
	Queued    int `json:"queued"`
	Leased    int `json:"leased"`
	Done      int `json:"done"`
	Failed    int `json:"failed"`
	Cancelled int `json:"cancelled"`
}

// Ended is how many jobs have ended, in whichever way.
func (n Counts) Ended() int { return n.Done + n.Failed + n.Cancelled }

// All is how many jobs there are.
func (n Counts) All() int { return n.Queued + n.Leased + n.Ended() }

// Run has assets checked now. It gives the id of the batch and the number of
// its jobs, and waits for none of them.
func (c *Client) Run(ctx context.Context, s Selection) (batch string, jobs int, err error) {
	var answer struct {
		Batch string
		Jobs  int
	}
	err = c.send(ctx, http.MethodPost, "/v1/jobs", s, &answer, bulkTimeout)
	return answer.Batch, answer.Jobs, err
}

// Batch reads a batch.
func (c *Client) Batch(ctx context.Context, id string) (Batch, error) {
	var b Batch
	err := c.Call(ctx, http.MethodGet, "/v1/batches/"+url.PathEscape(id), nil, &b)
	return b, err
}

// BatchPage is a page of batches, the newest first. Next is the cursor of the
// next page, empty after the last.
type BatchPage struct {
	Batches []Batch `json:"batches"`
	Next    string  `json:"next"`
}

// BatchPage reads one page of the batches that are remembered.
func (c *Client) BatchPage(ctx context.Context, limit int, cursor string) (page BatchPage, err error) {
	err = c.Call(ctx, http.MethodGet, paged("/v1/batches", url.Values{}, strconv.Itoa(limit), cursor), nil, &page)
	return page, err
}

// CancelBatch cancels the jobs of a batch that wait.
func (c *Client) CancelBatch(ctx context.Context, id string) (b Batch, err error) {
	err = c.send(ctx, http.MethodPost, "/v1/batches/"+url.PathEscape(id)+"/cancel", nil, &b, bulkTimeout)
	return b, err
}
