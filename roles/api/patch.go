package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"slices"

	"github.com/danielgtaylor/huma/v2"
	jsonpatch "github.com/evanphx/json-patch/v5"

	"webmon/store"
)

const (
	mergePatch = "application/merge-patch+json"
	// patchTries bounds how often a change is made again because somebody else
	// changed the asset between reading and writing.
	patchTries = 10
)

type patchInput struct {
	AssetID
	IfMatch
	ContentType string `header:"Content-Type" hidden:"true"`
	RawBody     []byte `contentType:"application/merge-patch+json"`
}

func (s *Server) patchRoute(api huma.API) {
	const path = assetsPath + "/{id}"
	register(s, api, huma.Operation{
		OperationID: "patch-asset", Method: http.MethodPatch, Path: path,
		Tags: []string{groupAssets}, Summary: "Change parts of an asset",
		Description: "A merge patch as in RFC 7396: what is given changes, null sets back to the default.",
		Errors:      []int{http.StatusBadRequest, http.StatusNotFound, http.StatusConflict, http.StatusPreconditionFailed, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType},
	}, storeBudget, s.patchAsset)
	body := api.OpenAPI().Paths[path].Patch.RequestBody
	patch := &huma.Schema{Type: huma.TypeObject, Description: "Any of the properties of Asset, or null for the default."}
	body.Content = map[string]*huma.MediaType{
		mergePatch:         {Schema: patch, Example: map[string]any{"interval": "5m", "tags": nil}},
		"application/json": {Schema: patch, Example: map[string]any{"enabled": false}},
	}
}

func (s *Server) patchAsset(ctx context.Context, in *patchInput) (*assetOutput, error) {
	if err := checkPatchType(in.ContentType); err != nil {
		return nil, err
	}
	if !json.Valid(in.RawBody) {
		return nil, huma.Error400BadRequest("the request body is not JSON")
	}
	wanted, err := in.revision()
	if err != nil {
		return nil, err
	}
	return s.rewrite(ctx, in.ID, wanted, func(current *store.Asset) (*store.Asset, []error) {
		return s.merge(current, in.RawBody)
	})
}

// rewrite replaces an asset by what change makes of it. wanted is the revision
// that it must have, 0 for any.
func (s *Server) rewrite(ctx context.Context, id string, wanted int64, change func(current *store.Asset) (*store.Asset, []error)) (*assetOutput, error) {
	for range patchTries {
		current, err := s.store.Asset(ctx, id)
		if err != nil {
			return nil, noSuch(err, "asset", id)
		}
		if wanted != 0 && wanted != current.Revision {
			return nil, store.ErrRevision
		}
		changed, refusals := change(&current)
		if len(refusals) > 0 {
			return nil, refused(refusals...)
		}
		changed.ID = id
		err = s.store.ReplaceAsset(ctx, changed, current.Revision)
		if errors.Is(err, store.ErrRevision) && wanted == 0 {
			continue
		}
		if err != nil {
			return nil, noSuch(err, "asset", id)
		}
		s.opts.Snapshot()
		return s.replaced(ctx, changed)
	}
	return nil, huma.Error409Conflict("others change this asset all the time: try again")
}

// merge is a with the patch applied, checked like an asset that was sent whole.
// The patch meets what answers show, so that secrets that it leaves alone are
// told from those that it gives. A patch that gives neither options nor assertions
// leaves them as they are, also those that another version stored and this one would
// refuse: whoever wants to pause an asset must not have to mend it before.
func (s *Server) merge(a *store.Asset, patch []byte) (*store.Asset, []error) {
	part := writablePart(a)
	left := !gives(patch, "plugins", "assertions")
	if left {
		part.Plugins, part.Assertions = map[string]json.RawMessage{}, []assertion{}
	}
	before, err := json.Marshal(masked(part))
	if err != nil {
		return nil, []error{fmt.Errorf("write asset %s as JSON: %w", a.ID, err)}
	}
	after, err := jsonpatch.MergePatch(before, patch)
	if err != nil {
		return nil, []error{&huma.ErrorDetail{Location: "body", Message: "is not a merge patch"}}
	}
	changed, refusals := s.assets.read(after, a)
	if left && changed != nil {
		changed.Plugins, changed.Assertions = a.Plugins, a.Assertions
	}
	return changed, refusals
}

// gives tells whether a patch has one of the properties.
func gives(patch []byte, properties ...string) bool {
	var given map[string]json.RawMessage
	if err := json.Unmarshal(patch, &given); err != nil {
		return true // the merge says what is wrong
	}
	return slices.ContainsFunc(properties, func(name string) bool { return given[name] != nil })
}

func checkPatchType(header string) error {
	if header == "" {
		return nil
	}
	kind, _, err := mime.ParseMediaType(header)
	if err != nil || kind != mergePatch && kind != "application/json" {
		return huma.Error415UnsupportedMediaType(fmt.Sprintf("%s is not possible here: send %s", shorten(header), mergePatch))
	}
	return nil
}
