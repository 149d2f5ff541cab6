package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"webmon/plugins"
	"webmon/store"
	"webmon/store/token"
)

// The limits of one backtest.
const (
	maxBacktestAssets = 200
	maxBacktestAlerts = 500 // listed; all are counted
)

func (s *Server) backtestRoutes(api huma.API) {
	register(s, api, huma.Operation{
		OperationID: "backtest", Method: http.MethodPost, Path: "/v1/backtest",
		Tags: []string{groupStatistics}, Summary: "What would these plugin options have alarmed on?",
		Metadata: map[string]any{needsScope: token.Read}, // it changes nothing
		Description: "Judges the stored results of an asset, or of the assets with a tag, again, with other plugin options. Nothing is fetched and nothing is changed. " +
			"A check alarms when a finding, a warning or worse, calls it changed, inconclusive or down; an alert opens when the check of the asset before it did not alarm. " +
			"All results that are kept teach the plugins; those of the window are counted. " +
			"Pages are not stored, so not every plugin can judge again: the findings of the others stand. " +
			"availability, tlscert and the limits of timing and extract are exact. Numbers are judged by baselines made anew from the stored numbers: exact from an asset's first check on. " +
			"htmlstats takes reasons that are no numbers from the stored findings: exact until its options alarm at other checks than what was stored did, that first difference included; from there on an estimate. " +
			"thirdparty and defacement leave out what is allowed now, as far as the stored findings name it. " +
			"Assertions are judged by the stored numbers and facts; those about the body, header fields or addresses, which are not stored, find what they found.",
		RequestBody: bodyExample(map[string]any{"tag": "shop", "window": "30d", "plugins": map[string]any{"htmlstats": map[string]any{"profile": "strict"}}}),
		Errors:      []int{http.StatusNotFound, http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType},
	}, bulkBudget, s.backtest)
}

type backtestInput struct {
	Body struct {
		Asset   string                     `json:"asset,omitempty" example:"dc1h53hksdu90v2mjc50" doc:"The id of an asset."`
		Tag     string                     `json:"tag,omitempty" example:"shop" doc:"Every asset with this tag, at most 200."`
		Window  string                     `json:"window,omitempty" default:"30d" example:"30d" doc:"How far back from now, such as 24h or 7d."`
		Plugins map[string]json.RawMessage `json:"plugins,omitempty" example:"{\"htmlstats\":{\"profile\":\"strict\"}}" doc:"The options to try, by plugin name, as an asset would have them: what is left out has its default."`

		Assertions []assertion `json:"assertions,omitempty" doc:"The assertions to try; when missing those that each asset has, and with an empty list none."`
	}
}

type backtestCounts struct {
	Alarmed int `json:"alarmed" example:"12" doc:"Checks that alarm."`
	Opened  int `json:"opened" example:"3" doc:"Alerts that open: checks that alarm after one that did not."`
}

type backtestFinding struct {
	Plugin string `json:"plugin" example:"htmlstats" doc:"The plugin that found it."`
	Finding
}

type backtestAlert struct {
	Asset        string            `json:"asset" example:"dc1h53hksdu90v2mjc50" doc:"The asset's id."`
	URL          string            `json:"url" example:"https://example.com/" doc:"The asset's URL."`
	At           time.Time         `json:"at" doc:"When the fetch of the check began."`
	Verdict      plugins.Verdict   `json:"verdict" enum:"unknown,up,degraded,changed,inconclusive,down" example:"changed" doc:"The most serious that the findings say."`
	OpenedBefore bool              `json:"opened_before" doc:"Whether the check alarmed with the options it was stored with, too."`
	Findings     []backtestFinding `json:"findings" nullable:"false" doc:"The findings that alarm."`
}

type backtestReport struct {
	From      time.Time       `json:"from" doc:"Where the window begins."`
	To        time.Time       `json:"to" doc:"Where the window ends."`
	Assets    int             `json:"assets" example:"1" doc:"How many assets were judged."`
	More      bool            `json:"more,omitempty" doc:"There are more assets with the tag; they were left out."`
	Checks    int             `json:"checks" example:"43200" doc:"How many checks are in the window."`
	Stored    backtestCounts  `json:"stored" doc:"What was found at the time."`
	Tried     backtestCounts  `json:"tried" doc:"What would have been found with the options to try."`
	Alerts    []backtestAlert `json:"alerts" nullable:"false" doc:"The alerts that would have opened, at most 500: asset by asset, the oldest first."`
	Estimated []string        `json:"estimated" nullable:"false" example:"[\"htmlstats\"]" doc:"The plugins whose answer is an estimate: on the page itself some check might have been judged otherwise."`
	Kept      []string        `json:"kept" nullable:"false" example:"[\"content\",\"seo\"]" doc:"The plugins that cannot judge again; their stored findings stand."`
}

type backtestOutput struct {
	Body backtestReport
}

func (s *Server) backtest(ctx context.Context, in *backtestInput) (*backtestOutput, error) {
	window, err := readWindow("body.window", in.Body.Window)
	if err != nil {
		return nil, err
	}
	if (in.Body.Asset == "") == (in.Body.Tag == "") {
		return nil, invalid("body", nil, "give exactly one of asset and tag")
	}
	var r refusals
	options := r.plugins(in.Body.Plugins, s.opts.Plugins)
	asserts := r.assertions(in.Body.Assertions, s.opts.Plugins, nil)
	if len(r) > 0 {
		return nil, refused(r...)
	}
	if in.Body.Assertions != nil && asserts == nil {
		asserts = []plugins.Assertion{}
	}
	suite, err := s.opts.Plugins.Suite(options)
	if err != nil {
		return nil, err
	}
	now := time.Now().UTC()
	b := backtest{options: options, asserts: asserts, can: suite.Rejudgers(), report: backtestReport{
		From: now.Add(-window), To: now, Alerts: []backtestAlert{}, Estimated: []string{}, Kept: []string{},
	}}
	ids := []string{in.Body.Asset}
	if in.Body.Tag != "" {
		if ids, b.report.More, err = s.tagged(ctx, in.Body.Tag); err != nil {
			return nil, err
		}
	}
	for _, id := range ids {
		err := s.backtestAsset(ctx, &b, id)
		switch {
		case errors.Is(err, store.ErrNotFound) && in.Body.Tag != "": // deleted meanwhile
		case ctx.Err() != nil:
			return nil, invalid("body", nil, fmt.Sprintf("judging took longer than %s and was given up after %d of %d assets: ask for fewer", bulkBudget, b.report.Assets, len(ids)))
		case err != nil:
			return nil, noSuch(err, "asset", id)
		}
	}
	slices.Sort(b.report.Estimated)
	slices.Sort(b.report.Kept)
	return &backtestOutput{Body: b.report}, nil
}

// tagged lists the assets with a tag, and tells whether there are more.
func (s *Server) tagged(ctx context.Context, tag string) (ids []string, more bool, err error) {
	page, err := s.store.Assets(ctx, store.AssetQuery{Tag: tag, Limit: maxBacktestAssets})
	for _, asset := range page.Assets {
		ids = append(ids, asset.ID)
	}
	return ids, page.Next != "", err
}

// backtestAsset judges the results of one asset again.
func (s *Server) backtestAsset(ctx context.Context, b *backtest, id string) error {
	history, err := s.store.History(ctx, id)
	if err != nil {
		return err
	}
	// The options were good for whoever stored them; see the executor.
	was, _ := s.opts.Plugins.Salvage(history.Asset.Plugins, nil)
	for name, raw := range b.options {
		if !slices.Contains(b.can, name) && string(raw) != string(history.Asset.Plugins[name]) {
			return invalid("body.plugins."+name, nil, "its options cannot be tried on stored results, because the pages are not stored; possible is "+strings.Join(b.can, ", "))
		}
	}
	asserts := b.asserts
	if asserts == nil {
		asserts = history.Asset.Assertions
	}
	suite, _ := s.opts.Plugins.Salvage(b.options, asserts) // the options were checked
	rejudgement, err := suite.Rejudge(was, history.Whole)
	if err != nil {
		return invalid("body.plugins", nil, fmt.Sprintf("asset %s: %v", id, err))
	}
	b.report.Assets++
	b.begin(&history.Asset)
	return history.Each(func(r *store.Result) error {
		b.judge(r, rejudgement.Judge(r.At, r.Reports))
		return ctx.Err()
	})
}
