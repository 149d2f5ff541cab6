package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"webmon/plugins"
	"webmon/store"
)

func (s *Server) resultRoutes(api huma.API) {
	register(s, api, huma.Operation{
		OperationID: "list-results", Method: http.MethodGet, Path: assetsPath + "/{id}/results",
		Tags: []string{groupStatistics}, Summary: "List the results of an asset, newest first",
		Description: "Each with its verdict and with what every plugin measured and found. Results that have passed the retention are not listed.",
		Errors:      []int{http.StatusNotFound},
	}, storeBudget, s.listResults)
}

type result struct {
	Job     string          `json:"job" example:"dc1h53hksdu90v2mjc50.7" doc:"The job that made it."`
	At      time.Time       `json:"at" doc:"When the fetch began, to the millisecond."`
	Verdict plugins.Verdict `json:"verdict" enum:"unknown,up,degraded,changed,inconclusive,down" example:"up" doc:"The most serious that any finding says; up when none says anything."`
	Changed bool            `json:"changed,omitempty" doc:"A plugin says that the page is not what it remembered."`
	Reports []report        `json:"reports" nullable:"false" doc:"What each plugin says."`
}

type report struct {
	Plugin   string             `json:"plugin" example:"htmlstats" doc:"The plugin's name."`
	Metrics  map[string]float64 `json:"metrics" example:"{\"tag_div_count\":42}" doc:"What it measured, by name."`
	Facts    map[string]string  `json:"facts" example:"{\"title\":\"Example\"}" doc:"Short texts worth showing."`
	Findings []Finding          `json:"findings" nullable:"false" doc:"What a person should know."`
	Changed  bool               `json:"changed,omitempty" doc:"The page is not what this plugin remembered."`
	Error    string             `json:"error,omitempty" example:"took longer than 1s" doc:"Why the plugin could not do its work."`
}

// Finding is a finding as clients see it. It is exported only because other
// answers are made of it and more.
type Finding struct {
	Severity plugins.Severity `json:"severity" enum:"info,warning,critical" example:"warning" doc:"How loudly it speaks."`
	Code     string           `json:"code" example:"count_unusual" doc:"What kind of finding it is; never changes its meaning."`
	Message  string           `json:"message" example:"42 div elements, usual are 12.5 ± 1.5." doc:"One plain sentence."`
	Metric   string           `json:"metric,omitempty" example:"tag_div_count" doc:"The metric it is about."`
	Observed value            `json:"observed,omitzero" example:"42" doc:"What was seen."`
	Expected value            `json:"expected,omitzero" example:"12.5" doc:"What should have been seen; the mean for statistics."`
	StdDev   float64          `json:"stddev,omitempty" example:"1.5" doc:"The standard deviation used, for statistics."`
	ZScore   float64          `json:"zscore,omitempty" example:"19.7" doc:"(observed − expected) / stddev, for statistics."`
	Verdict  plugins.Verdict  `json:"verdict,omitempty" enum:"unknown,up,degraded,changed,inconclusive,down" doc:"What it makes of the asset; missing when nothing."`
	Evidence []string         `json:"evidence,omitempty" example:"[\"cdn.example.net\"]" doc:"What it is about, one by one: new hosts, a title, lost text."`
	Points   float64          `json:"points,omitempty" example:"4.5" doc:"What it adds to the score of its plugin."`
}

// value is a number or a text; the schema says so.
type value struct{ plugins.Value }

// Schema describes a value to huma.
func (value) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{AnyOf: []*huma.Schema{{Type: huma.TypeNumber}, {Type: huma.TypeString}}}
}

type listResultsInput struct {
	AssetID
	Page
	From time.Time `query:"from" doc:"Only results at this time or later."`
	To   time.Time `query:"to" doc:"Only results before this time."`
}

type listResultsOutput struct {
	Body struct {
		Results []result `json:"results" nullable:"false" doc:"The results of this page, newest first."`
		Next    string   `json:"next,omitempty" example:"ZGMxaDUzaGtzZHU5MHYybWpjNTA" doc:"The cursor of the next page; missing on the last one."`
	}
}

func (s *Server) listResults(ctx context.Context, in *listResultsInput) (*listResultsOutput, error) {
	if !in.From.IsZero() && !in.To.IsZero() && in.To.Before(in.From) {
		return nil, invalid("query.to", in.To.Format(time.RFC3339), "is before from")
	}
	found, err := s.store.Results(ctx, store.ResultQuery{
		Asset: in.ID, From: in.From, To: in.To, Limit: in.Limit, Cursor: in.Cursor,
	})
	if err != nil {
		return nil, noSuch(err, "asset", in.ID)
	}
	a, err := s.store.Asset(ctx, in.ID)
	if err != nil {
		return nil, noSuch(err, "asset", in.ID)
	}
	secrets := a.Hider()
	out := &listResultsOutput{}
	out.Body.Results = make([]result, len(found.Results))
	for i := range found.Results {
		out.Body.Results[i] = viewResult(&found.Results[i])
		out.Body.Results[i].hide(secrets)
	}
	out.Body.Next = found.Next
	return out, nil
}

func viewResult(r *store.Result) result {
	view := result{Job: r.Job, At: r.At, Verdict: r.Verdict, Changed: r.Changed, Reports: make([]report, len(r.Reports))}
	for i := range r.Reports {
		view.Reports[i] = viewReport(&r.Reports[i])
	}
	return view
}

func viewReport(r *plugins.Report) report {
	view := report{
		Plugin: r.Plugin, Metrics: make(map[string]float64, len(r.Metrics)), Facts: r.Facts,
		Findings: make([]Finding, len(r.Findings)), Changed: r.Changed, Error: r.Error,
	}
	for _, m := range r.Metrics {
		view.Metrics[m.Name] = m.Value
	}
	if view.Facts == nil {
		view.Facts = map[string]string{}
	}
	for i := range r.Findings {
		view.Findings[i] = viewFinding(&r.Findings[i])
	}
	return view
}

func viewFinding(f *plugins.Finding) Finding {
	return Finding{
		Severity: f.Severity, Code: f.Code, Message: f.Message, Metric: f.Metric,
		Observed: value{f.Observed}, Expected: value{f.Expected}, StdDev: f.StdDev, ZScore: f.ZScore, Verdict: f.Verdict,
		Evidence: f.Evidence, Points: f.Points,
	}
}
