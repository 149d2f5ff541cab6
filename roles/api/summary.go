package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"webmon/plugins"
	"webmon/store"
	"webmon/store/secret"
)

func (s *Server) summaryRoutes(api huma.API) {
	register(s, api, huma.Operation{
		OperationID: "get-summary", Method: http.MethodGet, Path: "/v1/summary",
		Tags: []string{groupStatistics}, Summary: "The whole fleet at a glance",
		Description: "Counted while checks end, so that it costs the same whatever the number of assets.",
	}, storeBudget, s.readSummary)
}

type summary struct {
	Assets          int            `json:"assets" example:"12" doc:"How many assets there are."`
	Verdicts        verdictCounts  `json:"verdicts" doc:"How many assets have each verdict."`
	Incidents       incidentCounts `json:"incidents" doc:"How many incidents are open."`
	Checks          int64          `json:"checks" example:"34560" doc:"How many checks ended since the beginning."`
	Skipped         int64          `json:"skipped" example:"0" doc:"How many scheduled checks were left out: one before was still pending, or webmon was away."`
	ChecksPerMinute float64        `json:"checks_per_minute" example:"12" doc:"How many checks ended in a minute of late."`
	Slowest         []slowAsset    `json:"slowest" nullable:"false" doc:"The assets whose last check took longest."`
	MostChanged     []changedAsset `json:"most_changed" nullable:"false" doc:"The assets that changed most often."`
	ChangesSince    time.Time      `json:"changes_since,omitzero" doc:"Since when the changes are counted."`
}

type verdictCounts struct {
	Unknown      int `json:"unknown" example:"0" doc:"Assets that were never checked."`
	Up           int `json:"up" example:"9" doc:"Assets that answer as expected."`
	Degraded     int `json:"degraded" example:"1" doc:"Assets that work, but not as well as they should."`
	Changed      int `json:"changed" example:"1" doc:"Assets whose page is not what it used to be."`
	Inconclusive int `json:"inconclusive" example:"0" doc:"Assets that answer with something that is not their page."`
	Down         int `json:"down" example:"1" doc:"Assets that do not answer, or with an error."`
}

type incidentCounts struct {
	Warning  int `json:"warning" example:"0" doc:"Pages that are degraded, or answer with something else."`
	Critical int `json:"critical" example:"1" doc:"Pages that are down or changed, or of which something critical was found."`
}

type slowAsset struct {
	ID      string  `json:"id" example:"dc1h53hksdu90v2mjc50" doc:"The asset's id."`
	URL     string  `json:"url" example:"https://example.com/" doc:"The asset's URL."`
	Name    string  `json:"name" example:"Example" doc:"The asset's name."`
	Seconds float64 `json:"seconds" example:"2.4" doc:"How long its last check took."`
}

type changedAsset struct {
	ID      string `json:"id" example:"dc1h53hksdu90v2mjc50" doc:"The asset's id."`
	URL     string `json:"url" example:"https://example.com/" doc:"The asset's URL."`
	Name    string `json:"name" example:"Example" doc:"The asset's name."`
	Changes int    `json:"changes" example:"3" doc:"How many checks found it changed."`
}

type summaryOutput struct {
	Body summary
}

func (s *Server) readSummary(ctx context.Context, _ *noInput) (*summaryOutput, error) {
	found, err := s.store.Summary(ctx)
	if err != nil {
		return nil, err
	}
	return &summaryOutput{Body: viewSummary(&found)}, nil
}

func viewSummary(f *store.Summary) summary {
	view := summary{
		Assets: f.Assets, Checks: f.Checks, Skipped: f.Skipped, ChecksPerMinute: f.ChecksPerMinute, ChangesSince: f.ChangesSince,
		Verdicts: verdictCounts{
			Unknown: f.Verdicts[plugins.Unknown], Up: f.Verdicts[plugins.Up], Degraded: f.Verdicts[plugins.Degraded],
			Changed: f.Verdicts[plugins.Changed], Inconclusive: f.Verdicts[plugins.Inconclusive], Down: f.Verdicts[plugins.Down],
		},
		Incidents:   incidentCounts{Warning: f.Incidents[plugins.Warning], Critical: f.Incidents[plugins.Critical]},
		Slowest:     make([]slowAsset, len(f.Slowest)),
		MostChanged: make([]changedAsset, len(f.MostChanged)),
	}
	for i, a := range f.Slowest {
		a.URL = secret.MaskURL(a.URL)
		view.Slowest[i] = slowAsset(a)
	}
	for i, a := range f.MostChanged {
		a.URL = secret.MaskURL(a.URL)
		view.MostChanged[i] = changedAsset(a)
	}
	return view
}
