package client

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"webmon/plugins"
)

// Request is what somebody decides. The zero value is about everything that
// alarms.
type Request struct {
	plugins.Target
	By   string `json:"by,omitempty"`
	Note string `json:"note,omitempty"`
}

// Decision is what was decided of an asset.
type Decision struct {
	At     time.Time `json:"at"`
	By     string    `json:"by"`
	Action string    `json:"action"` // accept, never or reset
	plugins.Target
	Found    []plugins.Target `json:"found,omitempty"`    // what the target stood for
	Restored []string         `json:"restored,omitempty"` // plugins that remember what they did before the alarm
	Note     string           `json:"note,omitempty"`
}

// Decided is the answer to a decision.
type Decided struct {
	Decision Decision `json:"decision"`
	Job      string   `json:"job"`   // of the check that it takes effect with
	Batch    string   `json:"batch"` // of that job
}

// Decide decides of an asset: action is accept, never or reset.
func (c *Client) Decide(ctx context.Context, asset, action string, r Request) (Decided, error) {
	var decided Decided
	err := c.Call(ctx, http.MethodPost, "/v1/assets/"+url.PathEscape(asset)+"/"+action, r, &decided)
	return decided, err
}

// Decisions lists what was decided of an asset, the newest first.
func (c *Client) Decisions(ctx context.Context, asset string) ([]Decision, error) {
	var answer struct {
		Decisions []Decision `json:"decisions"`
	}
	err := c.Call(ctx, http.MethodGet, "/v1/assets/"+url.PathEscape(asset)+"/decisions", nil, &answer)
	return answer.Decisions, err
}
