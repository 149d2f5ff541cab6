package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"webmon/store"
	"webmon/store/token"
)

const (
	tokensPath  = "/v1/tokens"
	maxLifetime = 10 * 366 * 24 * time.Hour
)

func (s *Server) tokenRoutes(api huma.API) {
	admins := map[string]any{needsScope: token.Admin}
	register(s, api, huma.Operation{
		OperationID: "create-token", Method: http.MethodPost, Path: tokensPath, DefaultStatus: http.StatusCreated,
		Tags: []string{groupAccess}, Summary: "Make a token", Metadata: admins,
		Description: "The token itself is in this answer and nowhere else: only a hash of it is stored.",
		Errors:      []int{http.StatusBadRequest, http.StatusConflict, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType},
	}, storeBudget, s.createToken)
	register(s, api, huma.Operation{
		OperationID: "list-tokens", Method: http.MethodGet, Path: tokensPath,
		Tags: []string{groupAccess}, Summary: "List the tokens, without their secrets", Metadata: admins,
		Description: "The secrets are stored nowhere, so no call shows them again.",
	}, storeBudget, s.listTokens)
	register(s, api, huma.Operation{
		OperationID: "revoke-token", Method: http.MethodDelete, Path: tokensPath + "/{id}", DefaultStatus: http.StatusNoContent,
		Tags: []string{groupAccess}, Summary: "Revoke a token", Metadata: admins,
		Description: "It ends here at once, and within two seconds at other APIs of the same Redis.",
		Errors:      []int{http.StatusNotFound},
	}, storeBudget, s.revokeToken)
}

type newTokenInput struct {
	Body struct {
		Name    string      `json:"name" minLength:"1" maxLength:"64" example:"grafana" doc:"What it is for; decisions that are made with it bear this name."`
		Scope   token.Scope `json:"scope" enum:"read,write,admin" example:"read" doc:"read: look; write: also change assets, run checks and decide; admin: also tokens, snapshots and secrets."`
		Expires string      `json:"expires,omitempty" example:"90d" doc:"For how long it is good, such as 12h or 90d; for ever when missing."`
	}
}

type tokenView struct {
	ID      string      `json:"id" example:"dc1h6a9ksdu90v2mjd10" doc:"The token's id, which logs name."`
	Name    string      `json:"name" example:"grafana" doc:"What it is for."`
	Scope   token.Scope `json:"scope" enum:"read,write,admin" example:"read" doc:"What it allows."`
	Created time.Time   `json:"created" doc:"When it was made."`
	Expires time.Time   `json:"expires,omitzero" doc:"When it ends; missing when it does not."`
	Used    time.Time   `json:"used,omitzero" doc:"When it was last used, to the minute; missing when it never was."`
}

type newTokenView struct {
	tokenView
	Token string `json:"token" example:"webmon_dc1h6a9ksdu90v2mjd10_…" doc:"The token itself. It is shown this once."`
}

type newTokenOutput struct {
	Body newTokenView
}

type tokensOutput struct {
	Body struct {
		Tokens []tokenView `json:"tokens" nullable:"false" doc:"The tokens, the oldest first."`
	}
}

type tokenID struct {
	ID string `path:"id" example:"dc1h6a9ksdu90v2mjd10" doc:"The token's id."`
}

func viewToken(t *store.Token) tokenView {
	return tokenView{ID: t.ID, Name: t.Name, Scope: t.Scope, Created: t.Created, Expires: t.Expires, Used: t.Used}
}

func (s *Server) createToken(ctx context.Context, in *newTokenInput) (*newTokenOutput, error) {
	if err := store.CheckTokenName(in.Body.Name); err != nil {
		return nil, invalid("body.name", shorten(in.Body.Name), err.Error())
	}
	var lifetime store.Duration
	if in.Body.Expires != "" {
		err := lifetime.UnmarshalText([]byte(in.Body.Expires))
		if d := time.Duration(lifetime); err != nil || d < time.Second || d > maxLifetime {
			return nil, invalid("body.expires", shorten(in.Body.Expires), fmt.Sprintf("write a duration from 1s to %s, such as 12h or 90d", store.Duration(maxLifetime)))
		}
	}
	made, kept, err := s.store.CreateToken(ctx, in.Body.Name, in.Body.Scope, time.Duration(lifetime))
	if errors.Is(err, store.ErrTooManyTokens) {
		return nil, huma.Error409Conflict(err.Error())
	}
	if err != nil {
		return nil, err
	}
	s.tokensChanged(ctx, "a token was made", &kept)
	return &newTokenOutput{Body: newTokenView{viewToken(&kept), made.Reveal()}}, nil
}

func (s *Server) listTokens(ctx context.Context, _ *noInput) (*tokensOutput, error) {
	found, err := s.store.Tokens(ctx)
	if err != nil {
		return nil, err
	}
	out := &tokensOutput{}
	out.Body.Tokens = make([]tokenView, len(found))
	for i := range found {
		out.Body.Tokens[i] = viewToken(&found[i])
	}
	return out, nil
}

func (s *Server) revokeToken(ctx context.Context, in *tokenID) (*struct{}, error) {
	if err := s.store.RevokeToken(ctx, in.ID); err != nil {
		return nil, noSuch(err, "token", in.ID)
	}
	s.tokensChanged(ctx, "a token was revoked", &store.Token{ID: in.ID})
	return nil, nil
}

// tokensChanged makes a change of the tokens felt here at once, and has it saved.
func (s *Server) tokensChanged(ctx context.Context, what string, t *store.Token) {
	s.gate.tokens.changed()
	s.log.Info(what, "token", t.ID, "name", t.Name, "scope", string(t.Scope), "by", callerOf(ctx).token, "request", requestIDOf(ctx))
	s.opts.Snapshot()
}
