package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"webmon/plugins"
	"webmon/store"
)

const (
	// decideTries bounds how often a decision is made again because a check of
	// the asset was stored between reading and writing.
	decideTries = 10
	// nobody is who decides when the request does not say.
	nobody = "api"
)

func (s *Server) decisionRoutes(api huma.API) {
	operation := func(action, summary, description string) huma.Operation {
		return huma.Operation{
			OperationID: action + "-asset", Method: http.MethodPost, Path: assetsPath + "/{id}/" + action, DefaultStatus: http.StatusAccepted,
			Tags: []string{groupAssets}, Summary: summary, Description: description + " The asset is checked at once.",
			RequestBody: bodyExample(map[string]any{"note": "Deployed today."}),
			Errors:      []int{http.StatusBadRequest, http.StatusNotFound, http.StatusConflict, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType},
		}
	}
	register(s, api, operation(store.Accept, "Accept what was found",
		"What the plugins alarm about in the newest result is normal from now on: all of it, or what the body names. Whatever else was learned stays. "+
			"With plugin, code and evidence a thing can be accepted before it is found."), storeBudget,
		func(ctx context.Context, in *decideInput) (*decidedOutput, error) {
			return s.decide(ctx, in, store.Accept)
		})
	register(s, api, operation(store.Never, "Never learn what was found",
		"What the plugins alarm about in the newest result, or else in the one that began the last alarm, must never become normal, however long it stays. "+
			"If it was learned or accepted since, the plugins remember again what they did before the alarm."), storeBudget,
		func(ctx context.Context, in *decideInput) (*decidedOutput, error) {
			return s.decide(ctx, in, store.Never)
		})
	register(s, api, operation(store.Reset, "Learn an asset anew",
		"All plugins, or one, forget what they remember, so that the page as it is at the next check is the new normal. Results and statistics stay."), storeBudget,
		s.resetAsset)
	register(s, api, huma.Operation{
		OperationID: "list-decisions", Method: http.MethodGet, Path: assetsPath + "/{id}/decisions",
		Tags: []string{groupAssets}, Summary: "List what was decided of an asset, newest first",
		Description: "The last 100 decisions: who made each and when, what it was about, and what came of it.",
		Errors:      []int{http.StatusNotFound},
	}, storeBudget, s.listDecisions)
}

// Target says what a decision is about.
type Target struct {
	Plugin   string `json:"plugin,omitempty" maxLength:"64" example:"htmlstats" doc:"The plugin that found it; all when missing."`
	Code     string `json:"code,omitempty" maxLength:"100" example:"new_script_host" doc:"The code of its finding; all when missing."`
	Evidence string `json:"evidence,omitempty" maxLength:"200" example:"example.net" doc:"One of the finding's evidence, or its metric when it has none; all when missing."`
}

// Author says who decides, and why. It is exported, like Target, since huma
// looks into exported types only.
type Author struct {
	By   string `json:"by,omitempty" maxLength:"200" example:"ada" doc:"Who decides; \"api\" when missing. With a token it is the token's name, whatever is given."`
	Note string `json:"note,omitempty" maxLength:"1000" example:"Deployed today." doc:"Why."`
}

type decideInput struct {
	AssetID
	Body *decideBody
}

type decideBody struct {
	Target
	Author
}

type resetInput struct {
	AssetID
	Body *resetBody
}

type resetBody struct {
	Plugin string `json:"plugin,omitempty" maxLength:"64" example:"htmlstats" doc:"The plugin that is to forget; all when missing."`
	Author
}

type decision struct {
	At     time.Time `json:"at" doc:"When it was made."`
	By     string    `json:"by" example:"ada" doc:"Who made it."`
	Action string    `json:"action" enum:"accept,never,reset" example:"accept" doc:"What was decided."`
	Target
	Found    []Target `json:"found,omitempty" doc:"What that stood for, one by one."`
	Restored []string `json:"restored,omitempty" example:"[\"htmlstats\"]" doc:"Plugins that remember what they did before the alarm."`
	Note     string   `json:"note,omitempty" example:"Deployed today." doc:"Why."`
}

func viewDecision(d *store.Decision) decision {
	view := decision{At: d.At, By: d.By, Action: d.Action, Target: Target(d.Target), Restored: d.Restored, Note: d.Note}
	for _, found := range d.Found {
		view.Found = append(view.Found, Target(found))
	}
	return view
}

type decidedOutput struct {
	Location string `header:"Location" doc:"The path of the batch of the check."`
	Body     struct {
		Decision decision `json:"decision" doc:"The decision as it is kept."`
		Job      string   `json:"job" example:"dc1h53hksdu90v2mjc50.1f" doc:"The job of the check that it takes effect with."`
		Batch    string   `json:"batch" example:"dc1h1n1ksdufe5peoa60" doc:"The batch of that job."`
	}
}

type decisionsOutput struct {
	Body struct {
		Decisions []decision `json:"decisions" nullable:"false" doc:"What was decided, newest first."`
	}
}

func (s *Server) listDecisions(ctx context.Context, in *AssetID) (*decisionsOutput, error) {
	found, err := s.store.Decisions(ctx, in.ID)
	if err != nil {
		return nil, noSuch(err, "asset", in.ID)
	}
	out := &decisionsOutput{}
	out.Body.Decisions = make([]decision, len(found))
	for i := range found {
		out.Body.Decisions[i] = viewDecision(&found[i])
	}
	return out, nil
}

func (s *Server) decide(ctx context.Context, in *decideInput, action string) (*decidedOutput, error) {
	var body decideBody
	if in.Body != nil {
		body = *in.Body
	}
	if len(body.Evidence) > plugins.MaxTargetText { // the schema counts characters
		return nil, invalid("body.evidence", shorten(body.Evidence), fmt.Sprintf("is longer than %d bytes", plugins.MaxTargetText))
	}
	return s.settle(ctx, in.ID, store.Decision{Action: action, Target: plugins.Target(body.Target), By: body.By, Note: body.Note})
}

func (s *Server) resetAsset(ctx context.Context, in *resetInput) (*decidedOutput, error) {
	var body resetBody
	if in.Body != nil {
		body = *in.Body
	}
	return s.settle(ctx, in.ID, store.Decision{Action: store.Reset, Target: plugins.Target{Plugin: body.Plugin}, By: body.By, Note: body.Note})
}

// settle makes a decision, and has the asset checked.
func (s *Server) settle(ctx context.Context, id string, d store.Decision) (*decidedOutput, error) {
	author := Author{By: d.By, Note: d.Note}.of(ctx)
	d.By, d.Note = author.By, author.Note
	if err := s.record(ctx, id, &d); err != nil {
		return nil, noSuch(err, "asset", id)
	}
	s.log.Info("a decision of an asset", "asset", id, "action", d.Action, "by", d.By, "plugin", d.Plugin, "code", d.Code,
		"evidence", d.Evidence, "found", len(d.Found), "request", requestIDOf(ctx))
	s.opts.Snapshot()
	out := &decidedOutput{}
	batch, _, err := s.store.Enqueue(ctx, store.Selection{Assets: []string{id}}, func(jobs []string) {
		out.Body.Job = strings.Join(jobs, "")
		s.opts.Push(jobs)
	})
	if err != nil {
		return nil, noSuch(err, "asset", id)
	}
	out.Location, out.Body.Batch, out.Body.Decision = batchesPath+"/"+batch, batch, viewDecision(&d)
	return out, nil
}

// record works a decision into what the plugins remember, and stores both.
func (s *Server) record(ctx context.Context, id string, d *store.Decision) error {
	for range decideTries {
		r, err := s.store.Remembered(ctx, id)
		if err != nil {
			return err
		}
		// The options were good for whoever stored them; see the executor.
		suite, _ := s.opts.Plugins.Salvage(r.Asset.Plugins, nil)
		if d.Plugin == plugins.AssertionsName {
			return invalid("body.plugin", d.Plugin, "assertions learn nothing, so nothing of them can be accepted, refused or forgotten: change the asset's assertions")
		}
		if d.Plugin != "" && !slices.Contains(suite.Plugins(), d.Plugin) {
			return invalid("body.plugin", shorten(d.Plugin), "there is no such plugin; the plugins are "+strings.Join(suite.Plugins(), ", "))
		}
		memory, err := s.remember(ctx, suite, &r, d)
		if err != nil {
			return err
		}
		if err = s.store.Decide(ctx, &r, memory, d); !errors.Is(err, store.ErrMemoryChanged) {
			return err
		}
	}
	return huma.Error409Conflict("this asset is checked all the time: try again")
}

// remember gives what the plugins are to remember after a decision, and fills in
// what it stands for.
func (s *Server) remember(ctx context.Context, suite *plugins.Suite, r *store.Remembered, d *store.Decision) ([]byte, error) {
	if d.Action == store.Reset {
		return suite.Reset(r.Memory, d.Plugin), nil
	}
	newest, err := s.reports(ctx, store.ResultQuery{Asset: r.Asset.ID, Limit: 1})
	if err != nil {
		return nil, err
	}
	if d.Action == store.Accept {
		d.Found = plugins.Find(newest, d.Target)
		return accept(suite, r.Memory, d)
	}
	return s.refuse(ctx, suite, r, d, newest)
}

// refuse gives what the plugins are to remember so that they never learn what
// alarms in the newest result. What other plugins said when the alarm began was
// learned or accepted since, or is gone: it is refused as well, and what they
// remembered before comes back.
func (s *Server) refuse(ctx context.Context, suite *plugins.Suite, r *store.Remembered, d *store.Decision, newest []plugins.Report) ([]byte, error) {
	here, gone := plugins.Gist(newest, d.Target), []plugins.Target(nil)
	if !r.Alarmed.IsZero() {
		first, err := s.reports(ctx, store.ResultQuery{Asset: r.Asset.ID, From: r.Alarmed, To: r.Alarmed.Add(time.Millisecond), Limit: 1})
		if err != nil {
			return nil, err
		}
		gone = slices.DeleteFunc(plugins.Gist(first, d.Target), func(t plugins.Target) bool {
			return slices.ContainsFunc(here, func(still plugins.Target) bool { return still.Plugin == t.Plugin })
		})
	}
	if len(here)+len(gone) == 0 {
		if !d.Exact() {
			return nil, huma.Error409Conflict("neither the newest result nor the one that began the last alarm has an alarm that this could mean: " +
				"to refuse a thing in advance, give plugin, code and evidence")
		}
		here = []plugins.Target{d.Target}
	}
	d.Found = slices.Concat(here, gone)
	memory, _, err := suite.Never(r.Memory, nil, here)
	if err == nil {
		memory, d.Restored, err = suite.Never(memory, r.Before, gone)
	}
	if errors.Is(err, plugins.ErrTooManyRefused) {
		return nil, huma.Error409Conflict(err.Error() + ": accept some of it, or reset a plugin, first")
	}
	return memory, err
}

func accept(suite *plugins.Suite, memory []byte, d *store.Decision) ([]byte, error) {
	const none = "the newest result has no alarm that this could accept (that an asset is down, or an assertion fails, never is one): "
	if d.Found != nil {
		return suite.Accept(memory, d.Target, d.Found)
	}
	switch {
	case !d.Exact():
		return nil, huma.Error409Conflict(none + "to accept a thing in advance, give plugin, code and evidence; to learn a plugin anew, reset it")
	case !suite.AcceptsInAdvance(d.Plugin):
		return nil, huma.Error409Conflict(none + fmt.Sprintf("and %s cannot accept in advance; to learn it anew, reset it", d.Plugin))
	}
	d.Found = []plugins.Target{d.Target}
	after, err := suite.Accept(memory, d.Target, d.Found)
	if err == nil && string(after) == string(memory) {
		return nil, huma.Error409Conflict(none + fmt.Sprintf("and %s has nothing to accept in advance: it has learned nothing yet, it accepts this already, or it has no such finding", d.Plugin))
	}
	return after, err
}

// reports gives what the plugins said in the newest result that a query selects.
func (s *Server) reports(ctx context.Context, q store.ResultQuery) ([]plugins.Report, error) {
	page, err := s.store.Results(ctx, q)
	if err != nil || len(page.Results) == 0 {
		return nil, err
	}
	return page.Results[0].Reports, nil
}
