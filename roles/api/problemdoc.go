package api

import (
	"net/http"
	"strconv"

	"github.com/danielgtaylor/huma/v2"
)

// sharedProblem is how the document describes the refusals of one status.
type sharedProblem struct {
	name        string
	description string
	headers     []string
	examples    map[string]huma.ErrorModel // by what happened
}

// problems are the refusals that operations give, by status.
var problems = map[string]sharedProblem{
	"400": {"BadRequest", "The request is malformed.", nil, map[string]huma.ErrorModel{
		"not_json": {Detail: "the request body is not JSON"},
		"not_utf8": {Detail: "the request body is not valid UTF-8"},
	}},
	"401": {"Unauthorized", "A token is needed, or the one given is none.", []string{"WWW-Authenticate"}, map[string]huma.ErrorModel{
		"no_token":    {Detail: "a token is needed: send it as Authorization: Bearer webmon_…"},
		"wrong_token": {Detail: "this token is not known, or it is revoked or expired"},
	}},
	"403": {"Forbidden", "The token's scope does not suffice, or a page of another origin asks.", []string{"WWW-Authenticate"}, map[string]huma.ErrorModel{
		"scope":        {Detail: "this needs a token with the scope write; this one has read"},
		"other_origin": {Detail: "a page of another origin may not change anything here"},
	}},
	"404": {"NotFound", "There is no such thing.", nil, map[string]huma.ErrorModel{
		"no_asset": {Detail: `there is no asset with the id "dc1h53hksdu90v2mjc50"`},
		"no_batch": {Detail: `there is no batch with the id "dc1h1n1ksdufe5peoa60"`},
	}},
	"409": {"Conflict", "It cannot be done as things are now; the detail says what to do.", nil, map[string]huma.ErrorModel{
		"nothing_to_accept": {Detail: "the newest result has no alarm that this could accept (that an asset is down, or an assertion fails, never is one): " +
			"to accept a thing in advance, give plugin, code and evidence; to learn a plugin anew, reset it"},
		"busy": {Detail: "others change this asset all the time: try again"},
	}},
	"412": {"PreconditionFailed", "The asset does not have the ETag of If-Match (any more).", nil, map[string]huma.ErrorModel{
		"changed": {Detail: "the asset was changed in the meantime: read it again and use its new ETag"},
	}},
	"413": {"ContentTooLarge", "The request body is too large.", nil, map[string]huma.ErrorModel{
		"body": {Detail: "the request body is larger than 1048576 bytes"},
		"rows": {Detail: "the file has more than 100000 rows: split it"},
	}},
	"415": {"UnsupportedMediaType", "The Content-Type is missing or is not possible here.", nil, map[string]huma.ErrorModel{
		"not_json": {Detail: "send JSON, with Content-Type: application/json (curl does both with --json)", Errors: []*huma.ErrorDetail{
			{Message: "unknown content type: text/plain", Location: "body"},
		}},
	}},
	"422": {"UnprocessableContent", "Values are wrong; each of the errors says where.", nil, map[string]huma.ErrorModel{
		"wrong_values": {Detail: validationFailed, Errors: []*huma.ErrorDetail{
			{Message: "must be from 10ms to 5m", Location: "body.timeout", Value: "1h"},
			{Message: `the scheme "htp" cannot be watched: use http or https`, Location: "body.url", Value: "htp://x"},
		}},
		"unknown_parameter": {Detail: validationFailed, Errors: []*huma.ErrorDetail{
			{Message: "unknown query parameter", Location: "query.verdicts", Value: ""},
		}},
		"unreadable_query": {Detail: validationFailed, Errors: []*huma.ErrorDetail{
			{Message: "invalid semicolon separator in query: write ; as %3B, and % as %25", Location: "query"},
		}},
		"bad_cursor": {Detail: validationFailed, Errors: []*huma.ErrorDetail{
			{Message: "this cursor is not valid: begin again without one", Location: "query.cursor"},
		}},
	}},
	"429": {"TooManyRequests", "The token, or the address without one, makes more requests than the server's rate-limit allows.", []string{"Retry-After"}, map[string]huma.ErrorModel{
		"too_many": {Detail: "too many requests: try again in 1 s"},
	}},
	"500": {"InternalServerError", "webmon failed; its log says why.", nil, map[string]huma.ErrorModel{
		"failed": {Detail: "webmon failed; its log says more of request dc1h53pksdu90v2mjc6g"},
	}},
	"503": {"ServiceUnavailable", "Redis is away, full or cannot save.", []string{"Retry-After"}, map[string]huma.ErrorModel{
		"away":    {Detail: "Redis does not answer: try again soon"},
		"full":    {Detail: "Redis has reached its memory limit and takes nothing new: raise its maxmemory, or delete assets"},
		"unsaved": {Detail: "Redis could not save its data and takes nothing new until it can: its log says why, a full disk is the usual reason"},
	}},
}

// problemHeaders are the headers of refusals.
var problemHeaders = map[string]*huma.Param{
	"Retry-After": {Description: "How many seconds to wait before the next try.",
		Schema: &huma.Schema{Type: huma.TypeInteger, Examples: []any{2}}},
	"WWW-Authenticate": {Description: "That a Bearer token is needed, and with which scope.",
		Schema: &huma.Schema{Type: huma.TypeString, Examples: []any{`Bearer realm="webmon", error="insufficient_scope", scope="write"`}}},
}

// problemResponses are the shared responses of the document, by name.
func problemResponses() map[string]*huma.Response {
	responses := make(map[string]*huma.Response, len(problems))
	for code, p := range problems {
		status, _ := strconv.Atoi(code) // the keys above are numbers
		media := &huma.MediaType{Schema: &huma.Schema{Ref: "#/components/schemas/Problem"}, Examples: map[string]*huma.Example{}}
		for what, model := range p.examples {
			model.Status, model.Title = status, http.StatusText(status)
			summary := model.Detail
			if len(model.Errors) > 0 {
				summary = model.Errors[0].Message
			}
			media.Examples[what] = &huma.Example{Summary: summary, Value: model}
		}
		response := &huma.Response{Description: p.description, Content: map[string]*huma.MediaType{problemType: media}}
		for _, name := range p.headers {
			if response.Headers == nil {
				response.Headers = map[string]*huma.Param{}
			}
			response.Headers[name] = problemHeaders[name]
		}
		responses[p.name] = response
	}
	return responses
}

// describeProblem says of problem documents what webmon's are like; huma's
// words are about any.
func describeProblem(registry huma.Registry) {
	describe := func(s *huma.Schema, name, description string, example any) {
		s.Properties[name].Description, s.Properties[name].Examples = description, []any{example}
	}
	problem := registry.Map()["Problem"]
	problem.Description = "A refusal, as in RFC 9457. Its type is about:blank and left out: the status says of what kind it is."
	problem.Required = []string{"title", "status"}
	delete(problem.Properties, "type")     // never sent
	delete(problem.Properties, "instance") // never sent: X-Request-Id names the request
	describe(problem, "title", "The status in words.", http.StatusText(http.StatusUnprocessableEntity))
	describe(problem, "status", "The HTTP status.", http.StatusUnprocessableEntity)
	describe(problem, "detail", "What is wrong, and what to do: one plain sentence.", validationFailed)
	problem.Properties["errors"].Description = "What is wrong, value by value; missing when it is not about values."
	detail := registry.Map()["ProblemDetail"]
	detail.Description = "What is wrong with one value of a request."
	describe(detail, "message", "What is wrong with it.", "must be from 10ms to 5m")
	describe(detail, "location", "Where it is: begins with body, query, path or header.", "body.timeout")
	describe(detail, "value", "The value, if it is short and no secret.", "1h")
}
