package api_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"webmon/roles/api"
	"webmon/roles/api/client"
)

// node is a part of the OpenAPI document.
type node map[string]any

func (n node) child(name string) node {
	inner, _ := n[name].(map[string]any)
	return inner
}

func (n node) text(name string) string {
	text, _ := n[name].(string)
	return text
}

// resolve follows a $ref.
func (n node) resolve(doc node) node {
	ref, ok := strings.CutPrefix(n.text("$ref"), "#/")
	if !ok {
		return n
	}
	for part := range strings.SplitSeq(ref, "/") {
		doc = doc.child(part)
	}
	return doc
}

func readDocument(t *testing.T) node {
	t.Helper()
	text, err := api.Document("test", "")
	if err != nil {
		t.Fatal(err)
	}
	var doc node
	if err := json.Unmarshal(text, &doc); err != nil {
		t.Fatal(err)
	}
	return doc
}

// What clients take for read-only is what the document calls so: else an editor
// shows what nobody can change.
func TestClientKnowsWhatIsReadOnly(t *testing.T) {
	t.Parallel()
	var want []string
	for name, property := range readDocument(t).child("components").child("schemas").child("Asset").child("properties") {
		if property.(map[string]any)["readOnly"] == true {
			want = append(want, name)
		}
	}
	if slices.Sort(want); len(want) < 5 || !slices.Equal(slices.Sorted(slices.Values(client.ReadOnly)), want) {
		t.Errorf("the client takes for read-only %v, the document %v", client.ReadOnly, want)
	}
}

// gaps says what is missing in the document, and what to do about it.
func gaps(doc node) []string {
	var missing []string
	say := func(format string, args ...any) { missing = append(missing, fmt.Sprintf(format, args...)) }
	for path, item := range doc.child("paths") {
		for method, op := range item.(map[string]any) {
			operationGaps(doc, op.(map[string]any), func(format string, args ...any) {
				say(strings.ToUpper(method)+" "+path+": "+format, args...)
			})
		}
	}
	for name, schema := range doc.child("components").child("schemas") {
		schemaGaps(node(schema.(map[string]any)), "schema "+name, say)
	}
	slices.Sort(missing)
	return missing
}

func operationGaps(doc, op node, say func(format string, args ...any)) {
	for _, field := range []string{"operationId", "summary", "description"} {
		if op.text(field) == "" {
			say("it has no %s: set it in its huma.Operation", field)
		}
	}
	if tags, _ := op["tags"].([]any); len(tags) != 1 {
		say("it has %d tags, not one: set Tags in its huma.Operation", len(tags))
	}
	security, given := op["security"].([]any)
	if !given {
		say("it has no security: use register")
	}
	errors := []string{"429"}
	if len(security) > 0 {
		errors = append(errors, "401", "403", "503")
	}
	parameters, _ := op["parameters"].([]any)
	for _, p := range parameters {
		p := node(p.(map[string]any))
		if p.text("description") == "" {
			say("its parameter %s has no description: give the field a doc tag", p.text("name"))
		}
		if p["example"] == nil && p.child("schema")["examples"] == nil {
			say("its parameter %s has no example: give the field an example tag", p.text("name"))
		}
		if p.text("in") == "path" {
			errors = append(errors, "404")
		}
	}
	if body := op.child("requestBody"); body != nil {
		errors = append(errors, "400", "413", "415", "422")
		mediaGaps(body.child("content"), "its request body", say)
	}
	responses, good := op.child("responses"), false
	for _, status := range errors {
		if responses[status] == nil {
			say("it does not say that it can answer %s: add it to Errors of its huma.Operation", status)
		}
	}
	for status, raw := range responses {
		response := node(raw.(map[string]any)).resolve(doc)
		if response.text("description") == "" {
			say("its answer %s has no description", status)
		}
		for name, header := range response.child("headers") {
			if node(header.(map[string]any)).text("description") == "" {
				say("the header %s of its answer %s has no description: give the field a doc tag", name, status)
			}
		}
		content := response.child("content")
		if status < "4" {
			good = true
			mediaGaps(content, "its answer "+status, say)
			continue
		}
		problem := node(content.child("application/problem+json"))
		if problem.child("schema").text("$ref") != "#/components/schemas/Problem" || len(problem.child("examples")) == 0 {
			say("its answer %s is no Problem with examples: add the status to problems in problemdoc.go", status)
		}
	}
	if !good {
		say("it says of no answer that it is good")
	}
}

// mediaGaps looks at bodies. Those that are no component are described in place,
// as a whole or by their properties.
func mediaGaps(content node, where string, say func(format string, args ...any)) {
	for kind, raw := range content {
		media := node(raw.(map[string]any))
		schema := media.child("schema")
		switch {
		case schema == nil:
			say("%s has no schema for %s", where, kind)
		case schema.text("$ref") == "" && media["example"] == nil && media["examples"] == nil && schema["anyOf"] == nil:
			say("%s has no example for %s", where, kind)
		default:
			schemaGaps(schema, where, say)
		}
	}
}

// schemaGaps looks at each property. One that is a component, or a list of
// components, needs no example: these have theirs.
func schemaGaps(schema node, where string, say func(format string, args ...any)) {
	for name, raw := range schema.child("properties") {
		property := node(raw.(map[string]any))
		if property.text("description") == "" {
			say("%s: the property %s has no description: give the field a doc tag", where, name)
		}
		examples, _ := property["examples"].([]any)
		if len(examples) == 0 && !composed(property) {
			say("%s: the property %s has no example: give the field an example tag", where, name)
		}
		schemaGaps(property, where+"."+name, say)
	}
	if items := schema.child("items"); items != nil {
		schemaGaps(items, where+"[]", say)
	}
}

func composed(schema node) bool {
	for _, inner := range []node{schema.child("items"), schema.child("additionalProperties")} {
		if inner != nil && composed(inner) {
			return true
		}
	}
	return schema.text("$ref") != "" || schema["properties"] != nil || schema["oneOf"] != nil
}

func TestDocumentIsComplete(t *testing.T) {
	t.Parallel()
	doc := readDocument(t)
	if count := len(doc.child("paths")); count < 20 {
		t.Fatalf("there are only %d paths", count)
	}
	for _, gap := range gaps(doc) {
		t.Error(gap)
	}
}

// Whatever is taken out of the document is missed.
func TestGapsAreSeen(t *testing.T) {
	t.Parallel()
	for where, what := range map[string]string{
		"paths//v1/jobs get summary":                                              "GET /v1/jobs: it has no summary",
		"paths//v1/jobs get description":                                          "GET /v1/jobs: it has no description",
		"paths//v1/jobs get tags":                                                 "GET /v1/jobs: it has 0 tags",
		"paths//v1/jobs get security":                                             "GET /v1/jobs: it has no security",
		"paths//v1/assets/{id} get responses 404":                                 "it can answer 404",
		"paths//v1/assets/{id} get responses 200":                                 "of no answer that it is good",
		"paths//v1/assets post responses 413":                                     "it can answer 413",
		"paths//v1/assets post responses 201 headers ETag":                        "",
		"paths//v1/assets post responses 201 headers ETag description":            "the header ETag of its answer 201",
		"components schemas Asset properties name description":                    "Asset: the property name has no description",
		"components schemas Asset properties name examples":                       "Asset: the property name has no example",
		"components schemas Problem properties detail examples":                   "Problem: the property detail has no example",
		"components responses NotFound description":                               "its answer 404 has no description",
		"components responses NotFound content application/problem+json examples": "its answer 404 is no Problem",
	} {
		doc := readDocument(t)
		where = strings.Replace(where, "paths//", "paths /", 1)
		path := strings.Fields(where)
		at := doc
		for _, name := range path[:len(path)-1] {
			at = at.child(name)
		}
		if at[path[len(path)-1]] == nil {
			t.Errorf("the document has no %s", where)
			continue
		}
		delete(at, path[len(path)-1])
		found := gaps(doc)
		if what != "" && !slices.ContainsFunc(found, func(gap string) bool { return strings.Contains(gap, what) }) {
			t.Errorf("without %s nothing says %q: %q", where, what, found)
		}
	}
}

// What is served is described, and what is described is served.
func TestDocumentNamesWhatIsServed(t *testing.T) {
	t.Parallel()
	var served node
	start(t).do("GET", "/openapi.json", "").want(200).into(&served)
	described := slices.Sorted(maps.Keys(readDocument(t).child("paths")))
	if got := slices.Sorted(maps.Keys(served.child("paths"))); !slices.Equal(got, described) {
		t.Errorf("served are %q, described %q", got, described)
	}
}

// The viewer needs no token, since it asks for one; what it shows does.
func TestViewerIsForEverybody(t *testing.T) {
	t.Parallel()
	h := start(t)
	h.do("POST", "/v1/tokens", `{"name":"ada","scope":"admin"}`).want(201)
	page := h.do("GET", "/docs", "").want(200) // after a redirect
	if policy := page.header.Get("Content-Security-Policy"); !strings.Contains(policy, "script-src 'self'") {
		t.Errorf("policy %q", policy)
	}
	h.do("GET", "/docs/viewer.js", "").want(200)
	h.do("GET", "/docs/none.js", "").want(401) // as all that is not there
	h.do("GET", "/openapi.json", "").want(401)
}
