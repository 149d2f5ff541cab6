package api

import (
	"encoding/json"
	"time"

	"webmon/plugins"
	"webmon/store"
)

// asset is an asset as clients see it. The read-only part is missing from what
// they send, or ignored, so that what was read can be edited and sent back.
type asset struct {
	URL        string                     `json:"url" example:"https://example.com/" doc:"What is watched: an http or https URL. It is brought into a normal form: host in lower case and punycode, no default port, no fragment."`
	Name       string                     `json:"name" required:"false" example:"Example" doc:"A name for people, at most 200 characters."`
	Tags       []string                   `json:"tags" required:"false" nullable:"false" example:"[\"shop\",\"prod\"]" doc:"At most 32 labels of 1 to 64 printable characters, without white space, commas and semicolons. Kept sorted, without duplicates."`
	Interval   *string                    `json:"interval,omitempty" default:"60s" example:"60s" doc:"The time from one check to the next, 1s to 8784h; 0s means only on demand."`
	Timeout    *string                    `json:"timeout,omitempty" default:"10s" example:"10s" doc:"The time that a whole fetch may take, redirects and body included: 10ms to 5m. It may be longer than the interval: a check is skipped while the one before runs."`
	Enabled    *bool                      `json:"enabled,omitempty" default:"true" example:"true" doc:"Whether the schedule runs it."`
	Request    request                    `json:"request" required:"false" doc:"How the asset is asked for."`
	Plugins    map[string]json.RawMessage `json:"plugins" required:"false" example:"{\"htmlstats\":{\"k\":5}}" doc:"Options by plugin name; see GET /v1/plugins."`
	Assertions []assertion                `json:"assertions" required:"false" nullable:"false" doc:"At most 32 conditions that must hold at each check."`
	Retention  retention                  `json:"retention" required:"false" doc:"How long results are kept."`
	Alerts     alerts                     `json:"alerts" required:"false" doc:"When checks make an incident. What is missing has its default."`

	ID           string          `json:"id,omitempty" readOnly:"true" required:"true" example:"dc1h53hksdu90v2mjc50" doc:"The asset's id."`
	Created      time.Time       `json:"created,omitzero" readOnly:"true" required:"true" doc:"When it was created."`
	Updated      time.Time       `json:"updated,omitzero" readOnly:"true" required:"true" doc:"When it was last changed by a person."`
	Revision     int64           `json:"revision,omitempty" readOnly:"true" required:"true" example:"1" doc:"Counts its versions from 1. As the ETag it makes changes conditional."`
	Verdict      plugins.Verdict `json:"verdict,omitempty" readOnly:"true" required:"true" enum:"unknown,up,degraded,changed,inconclusive,down" example:"up" doc:"What the last check says."`
	VerdictSince time.Time       `json:"verdict_since,omitzero" readOnly:"true" doc:"When the verdict became this one. Missing before the first check."`
	Checked      time.Time       `json:"checked,omitzero" readOnly:"true" doc:"When the last check began. Missing before the first check."`
	NextCheck    time.Time       `json:"next_check,omitzero" readOnly:"true" doc:"When the schedule runs it next. Missing when it does not."`
	Skipped      *int64          `json:"skipped,omitempty" readOnly:"true" required:"true" example:"0" doc:"How many scheduled checks were left out: the one before was still pending, or webmon was away."`
	Failed       *int64          `json:"failed,omitempty" readOnly:"true" required:"true" example:"0" doc:"How many of its jobs were given up, which says nothing of the page; GET /v1/jobs?state=failed says why."`
	Incident     string          `json:"incident,omitempty" readOnly:"true" example:"dc1h53hksdu90v2mjc50!1f" doc:"The id of its open incident. Missing when there is none."`
	Recent       []check         `json:"recent,omitempty" readOnly:"true" nullable:"false" doc:"The last checks in short, the oldest first; only in lists that ask for them."`
}

// check is a check in short.
type check struct {
	At      time.Time       `json:"at" doc:"When the fetch began."`
	Verdict plugins.Verdict `json:"verdict" enum:"unknown,up,degraded,changed,inconclusive,down" example:"up" doc:"What it says of the asset."`
	Seconds *float64        `json:"seconds,omitempty" example:"0.21" doc:"How long the fetch took; missing when it was not measured."`
}

// request is how an asset is asked for.
type request struct {
	Method       string            `json:"method,omitempty" example:"GET" doc:"The HTTP method; empty means GET."`
	Headers      map[string]string `json:"headers,omitempty" example:"{\"Accept-Language\":\"en\"}" doc:"At most 64 request headers."`
	Body         string            `json:"body,omitempty" example:"q=webmon" doc:"The request body, at most 64 KiB."`
	BasicAuth    *basicAuth        `json:"basic_auth,omitempty" doc:"HTTP basic authentication. Not together with bearer_token."`
	BearerToken  string            `json:"bearer_token,omitempty" example:"***" doc:"A bearer token. Not together with basic_auth."`
	MaxRedirects *int              `json:"max_redirects,omitempty" minimum:"0" maximum:"50" example:"10" doc:"How many redirects are followed, 10 when missing; 0 reports the redirect itself."`
	InsecureTLS  bool              `json:"insecure_tls,omitempty" doc:"Accept any certificate."`
	UserAgent    string            `json:"user_agent,omitempty" example:"Mozilla/5.0 (compatible; webmon)" doc:"The User-Agent header; empty means webmon's own."`
}

// assertion is a condition on what was measured.
type assertion struct {
	Expr     string           `json:"expr" minLength:"1" example:"status == 200 && timing.ttfb < 0.3" doc:"What must hold, at most 1,000 bytes. Names are status, url, final_url, error, redirects, body, body_bytes, verdict, header[\"NAME\"], and what plugins measure: see GET /v1/plugins."`
	Message  string           `json:"message,omitempty" example:"The shop is slow." doc:"What to say when it does not, at most 300 bytes; the expression and what was seen when missing."`
	Severity plugins.Severity `json:"severity,omitempty" enum:"info,warning,critical" example:"critical" default:"critical" doc:"How loudly to say it."`
	Verdict  plugins.Verdict  `json:"verdict,omitempty" enum:"degraded,changed,down" example:"down" doc:"What it makes of the asset; down when missing, and nothing with the severity info, which takes none."`
}

type basicAuth struct {
	Username string `json:"username" example:"ada" doc:"The user's name, without a colon."`
	Password string `json:"password" example:"***" doc:"The password."`
}

type retention struct {
	Count int    `json:"count,omitempty" minimum:"0" maximum:"1000000" example:"10000" doc:"At most this many results; 0 means the default, 10000."`
	Age   string `json:"age,omitempty" example:"720h" doc:"No results older than this; empty means the default, 720h."`
}

type alerts struct {
	Bad     int               `json:"bad,omitempty" minimum:"0" maximum:"20" example:"2" doc:"An incident opens after so many bad checks; 0 means the default, 2."`
	Of      int               `json:"of,omitempty" minimum:"0" maximum:"20" example:"3" doc:"Of the latest so many; 0 means the default, 3, or as many as bad."`
	Good    int               `json:"good,omitempty" minimum:"0" maximum:"20" example:"2" doc:"It closes after so many good checks in a row; 0 means the default, 2. When it comes back soon, more are needed each time."`
	On      []plugins.Verdict `json:"on,omitempty" enum:"degraded,changed,inconclusive,down" example:"[\"changed\",\"down\"]" doc:"Which verdicts are bad; all of the four when missing."`
	Confirm *bool             `json:"confirm,omitempty" example:"true" doc:"Whether the first bad check asks for another one at once, by another executor if there is one; yes when missing."`
	Mute    bool              `json:"mute,omitempty" doc:"Incidents open and close, but nobody is told."`
	Remind  string            `json:"remind,omitempty" example:"4h" doc:"Tell again every so often while an incident is open and nobody has acknowledged it, 1m to 8784h; empty means never."`
}

// writablePart is the part of a that people write.
func writablePart(a *store.Asset) asset {
	interval, timeout, enabled := a.Interval.String(), a.Timeout.String(), a.Enabled
	view := asset{
		URL: a.URL, Name: a.Name, Tags: a.Tags,
		Interval: &interval, Timeout: &timeout, Enabled: &enabled,
		Request: request{
			Method: a.Request.Method, Headers: a.Request.Headers, Body: a.Request.Body,
			BasicAuth: (*basicAuth)(a.Request.BasicAuth), BearerToken: a.Request.BearerToken,
			MaxRedirects: a.Request.MaxRedirects, InsecureTLS: a.Request.InsecureTLS, UserAgent: a.Request.UserAgent,
		},
		Plugins:    a.Plugins,
		Assertions: viewAssertions(a.Assertions),
		Retention:  retention{Count: a.Retention.Count},
	}
	if a.Retention.Age != 0 {
		view.Retention.Age = a.Retention.Age.String()
	}
	view.Alerts = alerts{Bad: a.Alerts.Bad, Of: a.Alerts.Of, Good: a.Alerts.Good, On: a.Alerts.On, Confirm: a.Alerts.Confirm, Mute: a.Alerts.Mute}
	if a.Alerts.Remind != 0 {
		view.Alerts.Remind = a.Alerts.Remind.String()
	}
	if view.Tags == nil {
		view.Tags = []string{}
	}
	if view.Plugins == nil {
		view.Plugins = map[string]json.RawMessage{}
	}
	return view
}

// viewAsset is all of a.
func viewAsset(a *store.Asset) asset {
	view := writablePart(a)
	view.ID, view.Created, view.Updated, view.Revision = a.ID, a.Created, a.Updated, a.Revision
	view.Verdict, view.VerdictSince = a.Status.Verdict, a.Status.Since
	if view.Verdict == "" {
		view.Verdict = plugins.Unknown
	}
	view.Checked, view.NextCheck = a.Status.Checked, a.Status.Next
	view.Skipped, view.Failed, view.Incident = &a.Status.Skipped, &a.Status.Failed, a.Status.Incident
	return view
}
