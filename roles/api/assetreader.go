package api

import (
	"encoding/json"
	"reflect"

	"github.com/danielgtaylor/huma/v2"

	"webmon/plugins"
	"webmon/store"
)

// assetReader turns JSON into assets, with the checks that a typed handler
// makes. It serves the ways in that are not typed: imports and patches.
type assetReader struct {
	registry huma.Registry
	schema   *huma.Schema
	plugins  *plugins.Registry
}

func newAssetReader(registry huma.Registry, registered *plugins.Registry) *assetReader {
	return &assetReader{
		registry: registry,
		schema:   registry.Schema(reflect.TypeFor[asset](), true, ""),
		plugins:  registered,
	}
}

// read returns the asset, or everything that is wrong with it. data is valid
// JSON; stored is what it is to replace, nil for a new asset.
func (r *assetReader) read(data []byte, stored *store.Asset) (*store.Asset, []error) {
	var loose any
	if err := json.Unmarshal(data, &loose); err != nil {
		return nil, []error{&huma.ErrorDetail{Location: "body", Message: err.Error()}}
	}
	var result huma.ValidateResult
	path := huma.NewPathBuffer(make([]byte, 0, 64), 0)
	path.Push("body")
	huma.Validate(r.registry, r.schema, path, huma.ModeWriteToServer, loose, &result)
	if len(result.Errors) > 0 {
		return nil, result.Errors
	}
	var typed asset
	if err := json.Unmarshal(data, &typed); err != nil {
		return nil, []error{&huma.ErrorDetail{Location: "body", Message: err.Error()}}
	}
	checked, refusals := typed.check(r.plugins, stored)
	if len(refusals) > 0 {
		return nil, refusals
	}
	return checked, nil
}
