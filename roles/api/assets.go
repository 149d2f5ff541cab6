package api

import (
	"context"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"webmon/plugins"
	"webmon/store"
)

const assetsPath = "/v1/assets"

// AssetID is the path parameter of all that is about one asset. It is exported,
// like the other parts of inputs, since huma looks into exported types only.
type AssetID struct {
	ID string `path:"id" example:"dc1h53hksdu90v2mjc50" doc:"The asset's id."`
}

type assetOutput struct {
	ETag string `header:"ETag" doc:"The asset's revision, in quotes."`
	Body asset
}

func (s *Server) assetRoutes(api huma.API) {
	register(s, api, huma.Operation{
		OperationID: "create-asset", Method: http.MethodPost, Path: assetsPath, DefaultStatus: http.StatusCreated,
		Tags: []string{groupAssets}, Summary: "Watch a URL",
		Description: "Only url is needed. Two assets may have the same URL. The answer has the asset with all its defaults, its path in Location and its revision as ETag.",
		RequestBody: bodyExample(map[string]any{"url": "https://example.com/", "name": "Example", "tags": []string{"shop"}, "interval": "60s"}),
		Errors:      []int{http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType},
	}, storeBudget, s.createAsset)
	register(s, api, huma.Operation{
		OperationID: "list-assets", Method: http.MethodGet, Path: assetsPath,
		Tags: []string{groupAssets}, Summary: "List assets",
		Description: "In the order of their creation. With a rare q a page may be short, even empty, and still have a next, because a call looks at a bounded number of assets.",
	}, storeBudget, s.listAssets)
	register(s, api, huma.Operation{
		OperationID: "get-asset", Method: http.MethodGet, Path: assetsPath + "/{id}",
		Tags: []string{groupAssets}, Summary: "Read an asset",
		Description: "The ETag stands for what people write: the verdict and the times of checks change without it. " +
			"Passwords, tokens, bodies, the values of most headers and of secret parameters of the URL are shown as ***.",
		Errors: []int{http.StatusNotFound},
	}, storeBudget, s.readAsset)
	register(s, api, huma.Operation{
		OperationID: "replace-asset", Method: http.MethodPut, Path: assetsPath + "/{id}",
		Tags: []string{groupAssets}, Summary: "Replace an asset",
		Description: "Whatever is left out goes back to its default. Read-only properties are ignored, so that an asset that was read can be edited and sent back: *** keeps the secret that is stored, as long as the host stays the same.",
		RequestBody: bodyExample(map[string]any{"url": "https://example.com/", "name": "Example", "tags": []string{"shop"}, "interval": "60s"}),
		Errors:      []int{http.StatusBadRequest, http.StatusNotFound, http.StatusPreconditionFailed, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType},
	}, storeBudget, s.replaceAsset)
	register(s, api, huma.Operation{
		OperationID: "delete-asset", Method: http.MethodDelete, Path: assetsPath + "/{id}", DefaultStatus: http.StatusNoContent,
		Tags: []string{groupAssets}, Summary: "Delete an asset and all that is known of it",
		Description: "Its results, its statistics, what the plugins remember and what was decided go with it, and checks of it that wait fail. With If-Match only the version that was read is deleted.",
		Errors:      []int{http.StatusNotFound, http.StatusPreconditionFailed},
	}, storeBudget, s.deleteAsset)
}

type createInput struct {
	Body asset
}

type createOutput struct {
	Location string `header:"Location" doc:"The new asset's path."`
	ETag     string `header:"ETag" doc:"The asset's revision, in quotes."`
	Body     asset
}

func (s *Server) createAsset(ctx context.Context, in *createInput) (*createOutput, error) {
	a, refusals := in.Body.check(s.opts.Plugins, nil)
	if len(refusals) > 0 {
		return nil, refused(refusals...)
	}
	if err := s.store.CreateAsset(ctx, a); err != nil {
		return nil, err
	}
	s.opts.Snapshot()
	return &createOutput{Location: assetsPath + "/" + a.ID, ETag: etag(a.Revision), Body: masked(viewAsset(a))}, nil
}

// AssetFilter selects assets, for lists and for exports.
type AssetFilter struct {
	Tag     string `query:"tag" maxLength:"64" example:"shop" doc:"Only assets with this tag."`
	Verdict string `query:"verdict" enum:"unknown,up,degraded,changed,inconclusive,down" doc:"Only assets with this verdict."`
	Text    string `query:"q" maxLength:"200" example:"example" doc:"Only assets with this text in their URL or name; case does not matter."`
}

func (f *AssetFilter) query(limit int, cursor string) store.AssetQuery {
	return store.AssetQuery{Limit: limit, Cursor: cursor, Tag: f.Tag, Verdict: plugins.Verdict(f.Verdict), Text: f.Text}
}

// matches tells whether the text that was asked for is in what is shown of an
// asset: else the filter would tell masked secrets, letter by letter.
func (f *AssetFilter) matches(view *asset) bool {
	text := strings.ToLower(f.Text)
	return strings.Contains(strings.ToLower(view.URL), text) || strings.Contains(strings.ToLower(view.Name), text)
}

// Page is the part of a list that is asked for.
type Page struct {
	Limit  int    `query:"limit" minimum:"1" maximum:"1000" default:"100" doc:"At most this many."`
	Cursor string `query:"cursor" maxLength:"512" example:"ZGMxaDUzaGtzZHU5MHYybWpjNTA" doc:"The \"next\" of the page before."`
}

type listAssetsInput struct {
	Page
	AssetFilter
	Secrets
	Recent int `query:"recent" minimum:"0" maximum:"50" example:"24" doc:"Tell the last so many checks of each asset in short."`
}

type assetList struct {
	Assets []asset `json:"assets" nullable:"false" doc:"The assets of this page."`
	Next   string  `json:"next,omitempty" example:"ZGMxaDUzaGtzZHU5MHYybWpjNTA" doc:"The cursor of the next page; missing on the last one."`
}

type listAssetsOutput struct {
	Body assetList
}

func (s *Server) listAssets(ctx context.Context, in *listAssetsInput) (*listAssetsOutput, error) {
	if err := in.allowed(ctx); err != nil {
		return nil, err
	}
	found, err := s.store.Assets(ctx, in.query(in.Limit, in.Cursor))
	if err != nil {
		return nil, err
	}
	out := &listAssetsOutput{Body: assetList{Assets: make([]asset, 0, len(found.Assets)), Next: found.Next}}
	for i := range found.Assets {
		if view := in.view(viewAsset(&found.Assets[i])); in.matches(&view) {
			out.Body.Assets = append(out.Body.Assets, view)
		}
	}
	if in.Recent > 0 {
		err = s.addRecent(ctx, out.Body.Assets, in.Recent)
	}
	return out, err
}

// fetchTime is the metric that says how long a fetch took.
const fetchTime = "timing.total_seconds"

// addRecent tells the last n checks of each asset.
func (s *Server) addRecent(ctx context.Context, assets []asset, n int) error {
	ids := make([]string, len(assets))
	for i := range assets {
		ids[i] = assets[i].ID
	}
	found, err := s.store.Recent(ctx, ids, n, fetchTime)
	if err != nil {
		return err
	}
	for i := range assets {
		for _, c := range found[i] {
			view := check{At: c.At, Verdict: c.Verdict}
			if c.Measured {
				view.Seconds = &c.Value
			}
			assets[i].Recent = append(assets[i].Recent, view)
		}
	}
	return nil
}

type readAssetInput struct {
	AssetID
	Secrets
}

func (s *Server) readAsset(ctx context.Context, in *readAssetInput) (*assetOutput, error) {
	if err := in.allowed(ctx); err != nil {
		return nil, err
	}
	a, err := s.store.Asset(ctx, in.ID)
	if err != nil {
		return nil, noSuch(err, "asset", in.ID)
	}
	return &assetOutput{ETag: etag(a.Revision), Body: in.view(viewAsset(&a))}, nil
}

type replaceInput struct {
	AssetID
	IfMatch
	Body asset
}

func (s *Server) replaceAsset(ctx context.Context, in *replaceInput) (*assetOutput, error) {
	revision, err := in.revision()
	if err != nil {
		return nil, err
	}
	if in.Body.holdsMask() {
		return s.rewrite(ctx, in.ID, revision, func(current *store.Asset) (*store.Asset, []error) {
			body := in.Body.clone() // another try begins with the masks again
			return body.check(s.opts.Plugins, current)
		})
	}
	a, refusals := in.Body.check(s.opts.Plugins, nil)
	if len(refusals) > 0 {
		return nil, refused(refusals...)
	}
	a.ID = in.ID
	if err := s.store.ReplaceAsset(ctx, a, revision); err != nil {
		return nil, noSuch(err, "asset", in.ID)
	}
	s.opts.Snapshot()
	return s.replaced(ctx, a)
}

// replaced answers a change with the asset as it is now. Its status comes from
// the store, which alone knows when the next check will be.
func (s *Server) replaced(ctx context.Context, a *store.Asset) (*assetOutput, error) {
	now, err := s.store.Asset(ctx, a.ID)
	if err != nil {
		return nil, noSuch(err, "asset", a.ID)
	}
	a.Status = now.Status
	return &assetOutput{ETag: etag(a.Revision), Body: masked(viewAsset(a))}, nil
}

type deleteInput struct {
	AssetID
	IfMatch
}

func (s *Server) deleteAsset(ctx context.Context, in *deleteInput) (*struct{}, error) {
	revision, err := in.revision()
	if err != nil {
		return nil, err
	}
	if err := s.store.DeleteAsset(ctx, in.ID, revision); err != nil {
		return nil, noSuch(err, "asset", in.ID)
	}
	s.opts.Snapshot()
	return nil, nil
}
