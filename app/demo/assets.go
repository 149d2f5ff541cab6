package demo

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"

	"webmon/roles/api/client"
)

// asset is an asset as the demo writes it.
type asset struct {
	URL      string                     `json:"url"`
	Name     string                     `json:"name"`
	Tags     []string                   `json:"tags"`
	Interval string                     `json:"interval"`
	Timeout  string                     `json:"timeout"`
	Plugins  map[string]json.RawMessage `json:"plugins,omitempty"`
}

// add imports the assets, all or none of them by the demo's own standards: a
// refused one is an error.
func add(ctx context.Context, api *client.Client, assets []asset) error {
	text, err := json.Marshal(assets)
	if err != nil {
		return err
	}
	answer, err := api.Import(ctx, "application/json", bytes.NewReader(text))
	if err != nil {
		return err
	}
	if len(answer.Refused) > 0 {
		first := answer.Refused[0]
		return fmt.Errorf("%s cannot be watched: %s", first.URL, first.Error)
	}
	return nil
}

// watched lists the assets of demonstrations.
func watched(ctx context.Context, api *client.Client) (list []client.Asset, err error) {
	for a, err := range api.Assets(ctx, client.Filter{Tag: tag}) {
		if err != nil {
			return nil, err
		}
		list = append(list, a)
	}
	return list, nil
}
