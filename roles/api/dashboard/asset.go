package dashboard

import (
	"net/http"
	"net/url"
	"slices"
	"time"

	"webmon/plugins"
	"webmon/roles/api/client"
)

// assetPage is the page of an asset.
type assetPage struct {
	client.Asset
	Why       string // the verdict in a sentence
	Newest    *client.Result
	Findings  []finding
	Quiet     []finding // those that make nothing of the asset
	Began     *client.Result
	Changes   []change
	Structure []delta
	Windows   []window
	Phases    phases
	Charts    []chart
	Choice    choice
	Results   []resultRow
	Decisions []client.Decision
	Definition
}

// Acceptable tells whether something was found that can become normal.
func (p *assetPage) Acceptable() bool {
	return slices.ContainsFunc(p.Findings, func(f finding) bool { return f.Decides })
}

const weighty = 6 // findings that are shown at once

// Weighty is the findings that are shown at once, and Lighter all others.
func (p *assetPage) Weighty() []finding { return p.Findings[:min(len(p.Findings), weighty)] }
func (p *assetPage) Lighter() []finding { return p.Findings[min(len(p.Findings), weighty):] }

// Short is the first of the results.
func (p *assetPage) Short() []resultRow { return p.Results[:min(len(p.Results), 10)] }

// Plugged lists the plugins that looked at the asset.
func (p *assetPage) Plugged() (names []string) {
	if p.Newest != nil {
		for _, r := range p.Newest.Reports {
			names = append(names, r.Plugin)
		}
	}
	return names
}

// Badge is the path of the asset's badge in the API.
func (p *assetPage) Badge() string { return "/v1/assets/" + url.PathEscape(p.ID) + "/badge.svg" }

const resultsShown = 30

func showAsset(v *visit) error {
	ctx, id := v.r.Context(), v.r.PathValue("id")
	a, err := v.api.Asset(ctx, id)
	if err != nil {
		return err
	}
	p := assetPage{Asset: a, Definition: definitionOf(&a)}
	results, err := v.api.ResultPage(ctx, id, time.Time{}, time.Time{}, resultsShown, "")
	if err != nil {
		return err
	}
	if len(results.Results) > 0 {
		p.Newest = &results.Results[0]
	}
	if err := p.story(v, results.Results); err != nil {
		return err
	}
	if p.Windows, err = v.windows(id); err != nil {
		return err
	}
	if p.Decisions, err = v.api.Decisions(ctx, id); err != nil {
		return err
	}
	p.Why = why(&a, p.Newest, p.Findings, v.now)
	p.Phases = phasesOf(results.Results)
	p.Choice = chosen(v.r.URL.Query(), p.Newest)
	p.Choice.fit(v.now.Sub(a.Created))
	p.Charts = chartsOf(id, p.Newest, p.Findings, p.Choice)
	p.Results = resultRows(results.Results)
	return v.show(http.StatusOK, "asset", a.Label(), &p)
}

// story finds out what the asset's state is about: what is found now, and what
// changed since the last check that was good.
func (p *assetPage) story(v *visit, newest []client.Result) error {
	if p.Newest == nil {
		return nil
	}
	p.Findings, p.Quiet = findingsOf(p.Newest)
	if p.Verdict == plugins.Up || p.Verdict == plugins.Unknown || p.VerdictSince.IsZero() {
		p.Changes = changesIn(newest, time.Time{}, 1)
		return nil
	}
	// The check that began this state may be long ago, and the one before it is
	// the last that was good.
	began, err := v.resultAt(p.ID, p.VerdictSince)
	if err != nil {
		return err
	}
	before, err := v.api.ResultPage(v.r.Context(), p.ID, time.Time{}, p.VerdictSince, 1, "")
	if err != nil {
		return err
	}
	p.Began = began
	if began != nil && began.Job != p.Newest.Job {
		newest = append(newest, *began)
	}
	p.Changes = changesIn(newest, p.VerdictSince, 3)
	if len(before.Results) > 0 {
		p.Structure = structure(&before.Results[0], p.Newest)
	}
	return nil
}

// resultAt reads the result of a check; nil when it is not kept any more.
func (v *visit) resultAt(id string, at time.Time) (*client.Result, error) {
	page, err := v.api.ResultPage(v.r.Context(), id, at, at.Add(time.Millisecond), 1, "")
	if err != nil || len(page.Results) == 0 {
		return nil, err
	}
	return &page.Results[0], nil
}

// assetURL is the address of an asset's page.
func assetURL(id string) string { return "/assets/" + url.PathEscape(id) }
