package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/labstack/echo/v4"

	"webmon/roles/api/viewer"
)

const (
	documentPath = "/openapi.json"
	viewerPath   = "/docs"
)

// The groups of operations.
const (
	groupAssets     = "assets"
	groupIncidents  = "incidents"
	groupExecution  = "execution"
	groupStatistics = "statistics"
	groupAccess     = "access"
	groupHealth     = "health"
)

// Document is the OpenAPI document of the API, as JSON. version is webmon's.
// address is the URL of a server; empty stands for wherever the document was
// read from.
func Document(version, address string) ([]byte, error) {
	humaSettings()
	s := newServer(Options{Version: version})
	return s.describe(echo.New(), address)
}

const about = `webmon watches URLs: each check fetches a page once, lets every plugin look at that one page, and keeps what they say.

**Tokens.** As soon as there is a token, every request needs one: ` + "`Authorization: Bearer webmon_…`" + `. A token has one of three scopes, each with all of the one before:
` + "`read`" + ` looks; ` + "`write`" + ` also changes assets, runs checks and decides; ` + "`admin`" + ` also makes tokens, asks for snapshots and sees secrets. ` +
	"`webmon token create --name ada --scope admin`" + ` makes the first.

**Errors.** Every refusal is a problem document (RFC 9457) that names what is wrong and where. Unknown properties and query parameters are refused. After a 429 or a 503, wait as Retry-After says.

**Lists** have at most ` + "`limit`" + ` entries, and ` + "`next`" + ` when there is more: give it as ` + "`cursor`" + `.

**Secrets** of assets are ` + "`***`" + ` in answers. Sent back, ` + "`***`" + ` keeps what is stored.

**Times** are RFC 3339 in UTC. **Durations** are numbers with a unit: ` + "`30s`, `1h30m`, `7d`" + `.

**Request ids.** Each answer has an X-Request-Id, that of the request if it brought one; logs name it.`

// newConfig is what huma needs to know of the whole API.
func newConfig(version, address string) huma.Config {
	config := huma.DefaultConfig("webmon", version)
	config.Info.Description = about
	config.Info.License = &huma.License{Name: "MIT License", Identifier: "MIT"}
	config.Servers = []*huma.Server{{URL: "/", Description: "Where this document comes from."}}
	if address != "" {
		config.Servers = []*huma.Server{{URL: strings.TrimRight(address, "/"), Description: "A running webmon."}}
	}
	config.Tags = []*huma.Tag{
		{Name: groupAssets, Description: "What is watched, and what people decided of it."},
		{Name: groupStatistics, Description: "What the checks say: results, statistics, the whole fleet, and the plugins that measure."},
		{Name: groupIncidents, Description: "When an asset is bad, and not only once; and the stream of what happens."},
		{Name: groupExecution, Description: "Running checks: jobs, batches, the processes at work, and snapshots of what they store."},
		{Name: groupAccess, Description: "Tokens: who may use this API."},
		{Name: groupHealth, Description: "For supervisors and Prometheus; and this document."},
	}
	config.Components.SecuritySchemes = map[string]*huma.SecurityScheme{securityScheme: {
		Type: "http", Scheme: "bearer", BearerFormat: "webmon_<id>_<secret>",
		Description: "A token of webmon token create, with the scope read, write or admin, of which each includes those before it. " +
			"None is needed as long as there is none and the server listens on loopback.",
	}}
	config.Components.Schemas = huma.NewMapRegistry("#/components/schemas/", schemaName)
	config.OpenAPIPath = "" // served by documentRoutes, made once
	config.DocsPath = ""
	config.SchemasPath = ""
	config.CreateHooks = nil // no $schema property in answers
	config.RejectUnknownQueryParameters = true
	config.Transformers = []huma.Transformer{tidyProblem}
	return config
}

// documentRoutes serves the document, and what shows it in a browser. The viewer
// is for everybody: it asks for the token that the document needs.
func documentRoutes(e *echo.Echo, document []byte) error {
	e.GET(documentPath, func(c echo.Context) error {
		return c.Blob(http.StatusOK, "application/openapi+json", document)
	})
	files, err := viewer.Files()
	if err != nil {
		return err
	}
	for name, file := range files {
		e.GET(viewerPath+"/"+name, echo.WrapHandler(file))
	}
	e.GET(viewerPath, func(c echo.Context) error { return c.Redirect(http.StatusPermanentRedirect, viewerPath+"/") })
	return nil
}

// bodyExample gives an operation's request body an example that can be sent as it
// is; the examples of all fields together often cannot.
func bodyExample(value any) *huma.RequestBody {
	return &huma.RequestBody{Content: map[string]*huma.MediaType{"application/json": {Example: value}}}
}

// plainOperation describes an operation that is served without huma.
func plainOperation(id, path, summary, description string, errors ...int) *huma.Operation {
	op := &huma.Operation{
		OperationID: id, Method: http.MethodGet, Path: path, Tags: []string{groupHealth},
		Summary: summary, Description: description, Security: needs(methodScope(http.MethodGet)),
	}
	op.Responses = map[string]*huma.Response{}
	for _, status := range errors {
		op.Responses[fmt.Sprint(status)] = &huma.Response{}
	}
	return op
}

func describeDocument(doc *huma.OpenAPI) {
	op := plainOperation("get-openapi", documentPath, "This document", "The OpenAPI 3.1 document of this API. webmon openapi prints the same without a server.",
		http.StatusUnauthorized, http.StatusForbidden, http.StatusTooManyRequests, http.StatusServiceUnavailable)
	op.Responses["200"] = &huma.Response{Description: "The document.", Content: map[string]*huma.MediaType{
		"application/openapi+json": {Schema: &huma.Schema{Type: huma.TypeObject}, Example: map[string]any{"openapi": "3.1.0"}},
	}}
	doc.AddOperation(op)
}

// exampleTime is the example of every time that has no other.
var exampleTime = time.Date(2026, 11, 22, 16, 4, 30, 633e6, time.UTC).Format(time.RFC3339Nano)

// finish adds to the document what huma leaves out.
func finish(doc *huma.OpenAPI) ([]byte, error) {
	describeProblem(doc.Components.Schemas)
	for _, schema := range doc.Components.Schemas.Map() {
		fillExamples(schema)
	}
	doc.Components.Responses = problemResponses()
	for path, item := range doc.Paths {
		for _, op := range []*huma.Operation{item.Get, item.Put, item.Post, item.Delete, item.Patch} {
			if op == nil {
				continue
			}
			if err := finishOperation(op); err != nil {
				return nil, fmt.Errorf("describe %s %s: %w", op.Method, path, err)
			}
		}
	}
	document, err := json.Marshal(doc)
	if err != nil {
		return nil, fmt.Errorf("describe the API: %w", err)
	}
	return document, nil
}

func finishOperation(op *huma.Operation) error {
	for _, p := range op.Parameters {
		fillExamples(p.Schema)
		// Viewers fill an example of the parameter into their forms, where one that
		// is not required would be in the way: that stays in the schema.
		if p.Example = nil; p.Required && len(p.Schema.Examples) > 0 {
			p.Example = p.Schema.Examples[0]
		}
	}
	for status, response := range op.Responses {
		if status >= "4" {
			shared, ok := problems[status]
			if !ok {
				return fmt.Errorf("the status %s has no description: add it to problems", status)
			}
			op.Responses[status] = &huma.Response{Ref: "#/components/responses/" + shared.name}
			continue
		}
		delete(response.Headers, echo.HeaderContentType) // the content says it
		for _, header := range response.Headers {
			header.Description = header.Schema.Description
			fillExamples(header.Schema)
		}
	}
	return nil
}

// fillExamples gives a schema and what it is made of the examples that go
// without saying: others are given where the field is.
func fillExamples(s *huma.Schema) {
	if s == nil || s.Ref != "" {
		return
	}
	for _, property := range s.Properties {
		fillExamples(property)
	}
	fillExamples(s.Items)
	if len(s.Examples) > 0 {
		return
	}
	switch {
	case s.Default != nil:
		s.Examples = []any{s.Default}
	case len(s.Enum) > 0:
		s.Examples = s.Enum[:1:1]
	case s.Format == "date-time":
		s.Examples = []any{exampleTime}
	case s.Type == huma.TypeBoolean:
		s.Examples = []any{true}
	}
}

// schemaName names a schema of the document.
func schemaName(t reflect.Type, hint string) string {
	switch name := huma.DefaultSchemaNamer(t, hint); name {
	case "ErrorModel":
		return "Problem"
	case "ErrorDetail":
		return "ProblemDetail"
	default:
		return strings.TrimSuffix(name, "Body")
	}
}
