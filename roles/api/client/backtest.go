package client

import (
	"context"
	"encoding/json"
	"net/http"

	"webmon/plugins"
)

// Backtest is what to try on stored results: Asset or Tag is set.
type Backtest struct {
	Asset   string                     `json:"asset,omitempty"`
	Tag     string                     `json:"tag,omitempty"`
	Window  string                     `json:"window,omitempty"` // such as 24h or 7d
	Plugins map[string]json.RawMessage `json:"plugins,omitempty"`

	Assertions []plugins.Assertion `json:"assertions,omitempty"` // none: those that each asset has
}

// Backtest asks what plugin options would have alarmed on, and gives the answer
// as JSON.
func (c *Client) Backtest(ctx context.Context, b Backtest) (json.RawMessage, error) {
	var answer json.RawMessage
	err := c.send(ctx, http.MethodPost, "/v1/backtest", b, &answer, bulkTimeout)
	return answer, err
}
