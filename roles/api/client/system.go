package client

import (
	"context"
	"net/http"
	"time"

	"webmon/store/token"
)

// Caller is who a client's calls are made by.
type Caller struct {
	Token string      `json:"token"` // the id; empty without one
	Name  string      `json:"name"`
	Scope token.Scope `json:"scope"` // what is allowed
}

// Whoami tells who the calls are made by.
func (c *Client) Whoami(ctx context.Context) (who Caller, err error) {
	err = c.Call(ctx, http.MethodGet, "/v1/whoami", nil, &who)
	return who, err
}

// Member is a live process of webmon.
type Member struct {
	Role     string             `json:"role"` // api, dispatcher or executor
	Name     string             `json:"name"`
	Since    time.Time          `json:"since"`
	Seen     time.Time          `json:"seen"`
	Counters map[string]float64 `json:"counters"`
}

// Members lists the live processes.
func (c *Client) Members(ctx context.Context) ([]Member, error) {
	var answer struct {
		Members []Member `json:"members"`
	}
	err := c.Call(ctx, http.MethodGet, "/v1/members", nil, &answer)
	return answer.Members, err
}

// Snapshots tells of the last snapshot of Redis. Times are zero when there was
// none.
type Snapshots struct {
	Running bool      `json:"running"`
	Began   time.Time `json:"began"`
	Ended   time.Time `json:"ended"`
	Held    bool      `json:"held"`
	Error   string    `json:"error"`
	Allowed bool      `json:"allowed"`
	Begun   int64     `json:"begun"`
}

// Snapshots reads of the last snapshot.
func (c *Client) Snapshots(ctx context.Context) (s Snapshots, err error) {
	err = c.Call(ctx, http.MethodGet, "/v1/snapshots", nil, &s)
	return s, err
}

// TakeSnapshot asks for a snapshot and does not wait for it.
func (c *Client) TakeSnapshot(ctx context.Context) error {
	return c.Call(ctx, http.MethodPost, "/v1/snapshots", nil, nil)
}

// Plugin is what a plugin measures and which options it takes.
type Plugin struct {
	Name    string         `json:"name"`
	Doc     string         `json:"doc"`
	Metrics []PluginMetric `json:"metrics"`
	Facts   []PluginFact   `json:"facts"`
	Options []PluginOption `json:"options"`
}

// PluginMetric is a metric that a plugin can report.
type PluginMetric struct {
	Name string `json:"name"` // a part in angle brackets stands for many
	Unit string `json:"unit"`
	Doc  string `json:"doc"`

	Assertions []string `json:"assertions"` // what assertions can call it
}

// PluginFact is a fact that a plugin can report.
type PluginFact struct {
	Name       string   `json:"name"`
	Doc        string   `json:"doc"`
	Assertions []string `json:"assertions"` // what assertions can call it
}

// PluginOption is an option that a plugin takes.
type PluginOption struct {
	Name    string `json:"name"`
	Type    string `json:"type"`
	Default string `json:"default"`
	Doc     string `json:"doc"`
}

// Plugins lists the plugins.
func (c *Client) Plugins(ctx context.Context) ([]Plugin, error) {
	var answer struct {
		Plugins []Plugin `json:"plugins"`
	}
	err := c.Call(ctx, http.MethodGet, "/v1/plugins", nil, &answer)
	return answer.Plugins, err
}
