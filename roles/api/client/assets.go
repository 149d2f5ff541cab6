package client

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"webmon/plugins"
)

const assetsPath = "/v1/assets"

// Asset is an asset as the API gives it. Durations are text, such as "30s".
type Asset struct {
	ID       string   `json:"id"`
	URL      string   `json:"url"`
	Name     string   `json:"name"`
	Tags     []string `json:"tags"`
	Interval string   `json:"interval"` // "0s": only on demand
	Timeout  string   `json:"timeout"`
	Enabled  bool     `json:"enabled"`

	Request   json.RawMessage            `json:"request"`
	Plugins   map[string]json.RawMessage `json:"plugins"`
	Retention json.RawMessage            `json:"retention"`
	Alerts    json.RawMessage            `json:"alerts"`

	Assertions []plugins.Assertion `json:"assertions"`

	Created      time.Time       `json:"created"`
	Updated      time.Time       `json:"updated"`
	Revision     int64           `json:"revision"`
	Verdict      plugins.Verdict `json:"verdict"`
	VerdictSince time.Time       `json:"verdict_since"` // zero before the first check
	Checked      time.Time       `json:"checked"`       // zero before the first check
	NextCheck    time.Time       `json:"next_check"`    // zero when the schedule does not run it
	Skipped      int64           `json:"skipped"`
	Failed       int64           `json:"failed"`
	Recent       []Check         `json:"recent"`   // the oldest first; of lists that ask for them
	Incident     string          `json:"incident"` // id of the open one; empty for none

	// JSON is all that the API said of the asset. It is what is written when
	// the asset is written as JSON again.
	JSON json.RawMessage `json:"-"`
}

// Check is a check in short.
type Check struct {
	At      time.Time       `json:"at"`
	Verdict plugins.Verdict `json:"verdict"`
	Seconds *float64        `json:"seconds"` // nil when it was not measured
}

// ReadOnly are the properties of an asset that nobody writes.
var ReadOnly = []string{
	"id", "created", "updated", "revision", "verdict", "verdict_since", "checked", "next_check", "skipped", "failed", "incident", "recent",
}

// UnmarshalJSON implements json.Unmarshaler.
func (a *Asset) UnmarshalJSON(text []byte) error {
	type plain Asset
	a.JSON = bytes.Clone(text)
	return json.Unmarshal(text, (*plain)(a))
}

// MarshalJSON implements json.Marshaler.
func (a Asset) MarshalJSON() ([]byte, error) { return a.JSON, nil }

// Label is what people know the asset by: its name, or its URL without one.
func (a *Asset) Label() string {
	if a.Name != "" {
		return a.Name
	}
	return a.URL
}

// Filter selects assets. What is set must all hold.
type Filter struct {
	Tag     string
	Verdict plugins.Verdict
	Text    string // part of the URL or the name, in any case
	Secrets bool   // as they are, not masked; needs a token with the scope admin
}

func (f Filter) query() url.Values {
	query := url.Values{}
	if f.Secrets {
		query.Set("secrets", "true")
	}
	for name, value := range map[string]string{"tag": f.Tag, "verdict": string(f.Verdict), "q": f.Text} {
		if value != "" {
			query.Set(name, value)
		}
	}
	return query
}

// Assets lists assets in the order of their creation. It asks for page after
// page, and ends with the first error.
func (c *Client) Assets(ctx context.Context, f Filter) iter.Seq2[Asset, error] {
	return pages(func(limit, cursor string) (list []Asset, next string, err error) {
		var answer struct {
			Assets []Asset
			Next   string
		}
		err = c.Call(ctx, http.MethodGet, paged(assetsPath, f.query(), limit, cursor), nil, &answer)
		return answer.Assets, answer.Next, err
	})
}

// AssetPage is a page of a list of assets. Next is the cursor of the next page,
// empty after the last.
type AssetPage struct {
	Assets []Asset `json:"assets"`
	Next   string  `json:"next"`
}

// AssetPage reads one page of the list of [Client.Assets], with the last checks
// of each asset when recent is not 0. With a filter a page may be short and
// still have a next one.
func (c *Client) AssetPage(ctx context.Context, f Filter, limit, recent int, cursor string) (AssetPage, error) {
	query := f.query()
	if recent > 0 {
		query.Set("recent", strconv.Itoa(recent))
	}
	var page AssetPage
	err := c.Call(ctx, http.MethodGet, paged(assetsPath, query, strconv.Itoa(limit), cursor), nil, &page)
	return page, err
}

// pageSize is how many things are asked for at once: the most that is possible.
const pageSize = "1000"

func paged(path string, query url.Values, limit, cursor string) string {
	query.Set("limit", limit)
	if cursor != "" {
		query.Set("cursor", cursor)
	}
	return path + "?" + query.Encode()
}

// pages goes through all pages of a list. The first one is small, so that who
// wants only a few things does not wait for many.
func pages[T any](read func(limit, cursor string) ([]T, string, error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for limit, cursor := "100", ""; ; limit = pageSize {
			list, next, err := read(limit, cursor)
			if err != nil {
				var none T
				yield(none, err)
				return
			}
			for _, one := range list {
				if !yield(one, nil) {
					return
				}
			}
			if next == "" {
				return
			}
			cursor = next
		}
	}
}

// Asset reads an asset.
func (c *Client) Asset(ctx context.Context, id string) (Asset, error) {
	var a Asset
	err := c.Call(ctx, http.MethodGet, assetPath(id), nil, &a)
	return a, err
}

// CreateAsset makes an asset of what is written as JSON.
func (c *Client) CreateAsset(ctx context.Context, definition any) (Asset, error) {
	var a Asset
	err := c.Call(ctx, http.MethodPost, assetsPath, definition, &a)
	return a, err
}

// PatchAsset changes the asset by a merge patch (RFC 7396) if it still has the
// revision; 0 is any. Otherwise the error is a *[Problem] with status 412.
func (c *Client) PatchAsset(ctx context.Context, id string, revision int64, patch json.RawMessage) (Asset, error) {
	var a Asset
	err := c.exchange(ctx, call{
		method: http.MethodPatch, path: assetPath(id), ifMatch: etag(revision), limit: callTimeout,
		body: bytes.NewReader(patch), kind: "application/merge-patch+json",
	}, &a)
	return a, err
}

// ReplaceAsset replaces the asset by what is written as JSON. revision is as in
// [Client.PatchAsset].
func (c *Client) ReplaceAsset(ctx context.Context, id string, revision int64, definition any) (Asset, error) {
	text, err := json.Marshal(definition)
	if err != nil {
		return Asset{}, fmt.Errorf("asset %s: %w", id, err)
	}
	var a Asset
	err = c.exchange(ctx, call{
		method: http.MethodPut, path: assetPath(id), ifMatch: etag(revision), limit: callTimeout,
		body: bytes.NewReader(text), kind: kindJSON,
	}, &a)
	return a, err
}

// DeleteAsset deletes the asset and all that is known of it. revision is as in
// [Client.PatchAsset].
func (c *Client) DeleteAsset(ctx context.Context, id string, revision int64) error {
	return c.exchange(ctx, call{method: http.MethodDelete, path: assetPath(id), ifMatch: etag(revision), limit: callTimeout}, nil)
}

func assetPath(id string) string { return assetsPath + "/" + url.PathEscape(id) }

func etag(revision int64) string {
	if revision == 0 {
		return ""
	}
	return strconv.Quote(strconv.FormatInt(revision, 10))
}
