package api_test

import (
	"encoding/json"
	"reflect"
	"strconv"
	"testing"

	"webmon/roles/api"
	"webmon/store/token"
)

// The examples of refusals are what a client really gets.
func TestExamplesOfProblemsAreReal(t *testing.T) {
	t.Parallel()
	responses := readDocument(t).child("components").child("responses")
	open, limited := startReal(t), start(t, func(o *api.Options) { o.RateLimit = 1 })
	id := open.create(`{"url":"http://a/"}`)
	guarded, tokens := start(t), map[string]string{}
	for _, scope := range []string{"admin", "read"} { // the admin first, or the door is shut
		var made struct{ Token string }
		header := []string{}
		if tokens["admin"] != "" {
			header = append(header, "Authorization: Bearer "+tokens["admin"])
		}
		guarded.do("POST", "/v1/tokens", `{"name":"`+scope+`","scope":"`+scope+`"}`, header...).want(201).into(&made)
		tokens[scope] = made.Token
	}
	for range 20 {
		limited.do("GET", "/healthz", "")
	}
	for _, test := range []struct {
		response, example string
		got               answer
	}{
		{"BadRequest", "not_json", open.do("PATCH", "/v1/assets/"+id, `{`)},
		{"BadRequest", "not_utf8", open.do("PATCH", "/v1/assets/"+id, "{\"name\":\"\xff\"}")},
		{"Unauthorized", "no_token", guarded.do("GET", "/v1/assets", "")},
		{"Unauthorized", "wrong_token", guarded.do("GET", "/v1/assets", "", "Authorization: Bearer "+token.New().Reveal())},
		{"Forbidden", "scope", guarded.do("POST", "/v1/jobs", `{"all":true}`, "Authorization: Bearer "+tokens["read"])},
		{"Forbidden", "other_origin", open.do("POST", "/v1/jobs", `{"all":true}`, "Sec-Fetch-Site: cross-site")},
		{"NotFound", "no_asset", open.do("GET", "/v1/assets/dc1h53hksdu90v2mjc50", "")},
		{"NotFound", "no_batch", open.do("GET", "/v1/batches/dc1h1n1ksdufe5peoa60", "")},
		{"Conflict", "nothing_to_accept", open.do("POST", "/v1/assets/"+id+"/accept", "")},
		{"PreconditionFailed", "changed", open.do("PUT", "/v1/assets/"+id, `{"url":"http://a/"}`, `If-Match: "7"`)},
		{"ContentTooLarge", "body", open.do("POST", "/v1/assets", `{"url":"`+string(make([]byte, 1<<20))+`"}`)},
		{"UnsupportedMediaType", "not_json", open.do("POST", "/v1/assets", "x", "Content-Type: text/plain")},
		{"UnprocessableContent", "wrong_values", open.do("POST", "/v1/assets", `{"url":"htp://x","timeout":"1h"}`)},
		{"UnprocessableContent", "unknown_parameter", open.do("GET", "/v1/assets?verdicts=down", "")},
		{"UnprocessableContent", "bad_cursor", open.do("GET", "/v1/assets?cursor=x", "")},
		{"TooManyRequests", "too_many", limited.do("GET", "/v1/assets", "")},
		{"ServiceUnavailable", "away", startAway(t).do("GET", "/v1/plugins", "")},
	} {
		media := responses.child(test.response).child("content").child("application/problem+json")
		example := media.child("examples").child(test.example).child("value")
		var real node
		if err := json.Unmarshal(test.got.body, &real); err != nil {
			t.Errorf("%s, %s: %v", test.response, test.example, err)
			continue
		}
		if strconv.Itoa(test.got.status) != strconv.FormatFloat(real["status"].(float64), 'f', -1, 64) || !reflect.DeepEqual(real, example) {
			t.Errorf("%s, %s: real is %v, the example %v", test.response, test.example, real, example)
		}
	}
}
