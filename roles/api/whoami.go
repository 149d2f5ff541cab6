package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"webmon/store/token"
)

func (s *Server) whoamiRoute(api huma.API) {
	register(s, api, huma.Operation{
		OperationID: "who-am-i", Method: http.MethodGet, Path: "/v1/whoami",
		Tags: []string{groupAccess}, Summary: "Who this request is made by, and what it may do",
		Description: "The token that the request brings; without any token in this webmon, what is open to everybody.",
	}, storeBudget, s.whoami)
}

type whoami struct {
	Token string      `json:"token,omitempty" example:"c9k3o7s2p4l0" doc:"The id of the token; missing without one."`
	Name  string      `json:"name,omitempty" example:"grafana" doc:"The name of the token."`
	Scope token.Scope `json:"scope" enum:"read,write,admin" example:"read" doc:"What is allowed."`
}

type whoamiOutput struct {
	Body whoami
}

func (s *Server) whoami(ctx context.Context, _ *noInput) (*whoamiOutput, error) {
	who := callerOf(ctx)
	return &whoamiOutput{Body: whoami{Token: who.token, Name: who.name, Scope: who.scope}}, nil
}
