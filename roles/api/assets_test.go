package api_test

import (
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"testing"
)

func TestCreateFillsDefaults(t *testing.T) {
	t.Parallel()
	h := start(t)
	a := h.do("POST", "/v1/assets", `{"url":"HTTPS://Example.COM:443#top"}`).want(http.StatusCreated)
	got := a.object()
	for name, want := range map[string]any{
		"url": "https://example.com/", "name": "", "tags": []any{}, "interval": "60s", "timeout": "10s", "enabled": true,
		"request": map[string]any{}, "plugins": map[string]any{}, "retention": map[string]any{},
		"revision": 1.0, "verdict": "unknown", "skipped": 0.0, "failed": 0.0,
	} {
		if !reflect.DeepEqual(got[name], want) {
			t.Errorf("%s is %#v, want %#v", name, got[name], want)
		}
	}
	if a.header.Get("Location") != "/v1/assets/"+got["id"].(string) || a.header.Get("ETag") != `"1"` {
		t.Errorf("headers %v", a.header)
	}
	for _, name := range []string{"verdict_since", "checked"} {
		if _, there := got[name]; there {
			t.Errorf("%s of an asset that was never checked", name)
		}
	}
	read := h.do("GET", a.header.Get("Location"), "").want(http.StatusOK).object()
	delete(read, "next_check") // the schedule's, set in the meantime
	if !reflect.DeepEqual(read, got) {
		t.Errorf("read %v, created %v", read, got)
	}
	if h.snapshotCount() != 1 {
		t.Errorf("%d snapshots", h.snapshotCount())
	}
}

const wholeAsset = `{"url":"https://example.com/a","name":"A","tags":["b","a","b"],"interval":"90s","timeout":"1500ms","enabled":false,
	"request":{"method":"post","headers":{"X-One":"1"},"body":"hi","basic_auth":{"username":"u","password":"p"},"max_redirects":0,"insecure_tls":true,"user_agent":"me"},
	"plugins":{"htmlstats":{"k":5}},"retention":{"count":7,"age":"48h"}}`

func TestCreateKeepsWhatWasGiven(t *testing.T) {
	t.Parallel()
	h := start(t)
	id := h.create(wholeAsset)
	got := h.do("GET", "/v1/assets/"+id+"?secrets=true", "").want(http.StatusOK).object()
	for name, want := range map[string]any{
		"name": "A", "tags": []any{"a", "b"}, "interval": "90s", "timeout": "1.5s", "enabled": false,
		"request": map[string]any{
			"method": "POST", "headers": map[string]any{"X-One": "1"}, "body": "hi",
			"basic_auth": map[string]any{"username": "u", "password": "p"}, "max_redirects": 0.0, "insecure_tls": true, "user_agent": "me",
		},
		"plugins":   map[string]any{"htmlstats": map[string]any{"k": 5.0}},
		"retention": map[string]any{"count": 7.0, "age": "48h"},
	} {
		if !reflect.DeepEqual(got[name], want) {
			t.Errorf("%s is %#v, want %#v", name, got[name], want)
		}
	}
}

func TestCreateRefuses(t *testing.T) {
	t.Parallel()
	h := start(t)
	long := strings.Repeat("x", 300)
	for body, want := range map[string][2]string{
		`{}`:                                {"body.url", "required"},
		`null`:                              {"body", "object"},
		`[]`:                                {"body", "object"},
		`{"url":7}`:                         {"body.url", "string"},
		`{"url":""}`:                        {"body.url", "empty"},
		`{"url":"example.com"}`:             {"body.url", "https://example.com"},
		`{"url":"ftp://example.com"}`:       {"body.url", "http or https"},
		`{"url":"http://a:b@example.com/"}`: {"body.url", "basic_auth"},
		`{"url":"http://example.com/` + strings.Repeat("x", 2048) + `"}`:                                  {"body.url", "longer"},
		`{"url":"http://a/","colour":"red"}`:                                                              {"body.colour", "unexpected"},
		`{"url":"http://a/","request":{"verb":"GET"}}`:                                                    {"body.request.verb", "unexpected"},
		`{"url":"http://a/","name":"` + long + `"}`:                                                       {"body.name", "longer"},
		`{"url":"http://a/","name":"a\u0007b"}`:                                                           {"body.name", "control"},
		`{"url":"http://a/","tags":["ok","a b"]}`:                                                         {"body.tags[1]", "white space"},
		`{"url":"http://a/","tags":["a,b"]}`:                                                              {"body.tags[0]", "comma"},
		`{"url":"http://a/","tags":[" "]}`:                                                                {"body.tags[0]", "empty"},
		`{"url":"http://a/","tags":["` + long + `"]}`:                                                     {"body.tags[0]", "longer"},
		`{"url":"http://a/","tags":"a"}`:                                                                  {"body.tags", "array"},
		`{"url":"http://a/","tags":[` + manyTags(33) + `]}`:                                               {"body.tags", "33"},
		`{"url":"http://a/","interval":60}`:                                                               {"body.interval", "string"},
		`{"url":"http://a/","interval":"60"}`:                                                             {"body.interval", "unit"},
		`{"url":"http://a/","interval":"500ms"}`:                                                          {"body.interval", "1s"},
		`{"url":"http://a/","interval":"-1s"}`:                                                            {"body.interval", "1s"},
		`{"url":"http://a/","interval":"10000h"}`:                                                         {"body.interval", "8784h"},
		`{"url":"http://a/","timeout":"0s"}`:                                                              {"body.timeout", "10ms"},
		`{"url":"http://a/","timeout":"6m"}`:                                                              {"body.timeout", "5m"},
		`{"url":"http://a/","enabled":"yes"}`:                                                             {"body.enabled", "boolean"},
		`{"url":"http://a/","request":{"method":"GE T"}}`:                                                 {"body.request.method", "method"},
		`{"url":"http://a/","request":{"method":"CONNECT"}}`:                                              {"body.request.method", "tunnel"},
		`{"url":"http://a/","request":{"headers":{"a b":"1"}}}`:                                           {"body.request.headers", "name"},
		`{"url":"http://a/","request":{"headers":{"A":"1\r\nB: 2"}}}`:                                     {"body.request.headers.A", "line break"},
		`{"url":"http://a/","request":{"headers":{"A":"1","a":"2"}}}`:                                     {"body.request.headers.a", "same header"},
		`{"url":"http://a/","request":{"headers":{"content-length":"1"}}}`:                                {"body.request.headers.content-length", "itself"},
		`{"url":"http://a/","request":{"user_agent":"a\nb"}}`:                                             {"body.request.user_agent", "line"},
		`{"url":"http://a/","request":{"max_redirects":51}}`:                                              {"body.request.max_redirects", "50"},
		`{"url":"http://a/","request":{"max_redirects":-1}}`:                                              {"body.request.max_redirects", "0"},
		`{"url":"http://a/","request":{"body":"` + strings.Repeat("x", 1<<17) + `"}}`:                     {"body.request.body", "65536"},
		`{"url":"http://a/","request":{"basic_auth":{"username":"u"}}}`:                                   {"body.request.basic_auth.password", "required"},
		`{"url":"http://a/","request":{"basic_auth":{"username":"u:v","password":"p"}}}`:                  {"body.request.basic_auth.username", "colon"},
		`{"url":"http://a/","request":{"bearer_token":"a b"}}`:                                            {"body.request.bearer_token", "spaces"},
		`{"url":"http://a/","request":{"bearer_token":"t","basic_auth":{"username":"u","password":"p"}}}`: {"body.request", "only one"},
		`{"url":"http://a/","request":{"bearer_token":"t","headers":{"authorization":"x"}}}`:              {"body.request", "only one"},
		`{"url":"http://a/","plugins":{"nosuch":{}}}`:                                                     {"body.plugins.nosuch", "no plugin"},
		`{"url":"http://a/","plugins":{"htmlstats":{"z":1}}}`:                                             {"body.plugins.htmlstats", "z"},
		`{"url":"http://a/","plugins":{"htmlstats":{"note":"` + strings.Repeat("x", 1<<17) + `"}}}`:       {"body.plugins", "65536"},
		`{"url":"http://a/","retention":{"count":-1}}`:                                                    {"body.retention.count", "0"},
		`{"url":"http://a/","retention":{"age":"-1h"}}`:                                                   {"body.retention.age", "1s"},
		`{"url":"http://a/","retention":{"age":"old"}}`:                                                   {"body.retention.age", "duration"},
	} {
		h.do("POST", "/v1/assets", body).refuses(want[0], want[1])
	}
	// All that is wrong is said at once.
	p := h.do("POST", "/v1/assets", `{"url":"x","timeout":"x","tags":["a b"]}`).problem(http.StatusUnprocessableEntity)
	if len(p.Errors) != 3 {
		t.Errorf("%d errors, want 3: %+v", len(p.Errors), p.Errors)
	}
	if h.snapshotCount() != 0 {
		t.Error("a snapshot after nothing changed")
	}
	if list := h.do("GET", "/v1/assets", "").want(http.StatusOK).object(); len(list["assets"].([]any)) != 0 {
		t.Errorf("refused assets were created: %v", list)
	}
}

func manyTags(n int) string {
	tags := make([]string, n)
	for i := range tags {
		tags[i] = fmt.Sprintf(`"t%d"`, i)
	}
	return strings.Join(tags, ",")
}

func TestRefusalsKeepSecrets(t *testing.T) {
	t.Parallel()
	h := start(t)
	for _, body := range []string{
		`{"url":"http://me:hunter2@example.com/"}`,
		`{"url":"http://a/","request":{"bearer_token":"hunter2 "}}`,
		`{"url":"http://a/","request":{"basic_auth":{"username":"u","password":"hunter2\u0000"}}}`,
		`{"url":"http://a/","request":{"headers":{"Authorization":"hunter2\n"}}}`,
		`{"url":"http://a/","request":{"basic_auth":{"username":"u","password":"hunter2","x":1}}}`,
		`{"url":"http://a/","request":{"bearer_token":"hunter2"},"colour":1}`,
		`{"url":"http://a/","request":{"bearer_token":"hunter2"}`,
	} {
		if a := h.do("POST", "/v1/assets", body); a.status < 400 || strings.Contains(string(a.body), "hunter2") {
			t.Errorf("%s: %d %s", body, a.status, a.body)
		}
	}
}

func TestListPagesAndFilters(t *testing.T) {
	t.Parallel()
	h := start(t)
	for i := range 7 {
		tag := "even"
		if i%2 == 1 {
			tag = "odd"
		}
		h.create(fmt.Sprintf(`{"url":"http://site%d/","name":"Site %d","tags":[%q]}`, i, i, tag))
	}
	seen := map[string]bool{}
	cursor, pages := "", 0
	for {
		var page struct {
			Assets []struct{ URL string }
			Next   string
		}
		h.do("GET", "/v1/assets?limit=3&cursor="+cursor, "").want(http.StatusOK).into(&page)
		if len(page.Assets) > 3 {
			t.Fatalf("%d assets in a page of 3", len(page.Assets))
		}
		for _, a := range page.Assets {
			if seen[a.URL] {
				t.Errorf("%s came twice", a.URL)
			}
			seen[a.URL] = true
		}
		pages++
		if page.Next == "" {
			break
		}
		cursor = page.Next
	}
	if len(seen) != 7 || pages != 3 {
		t.Errorf("%d assets in %d pages", len(seen), pages)
	}
	for query, want := range map[string]int{
		"tag=odd": 3, "tag=nobody": 0, "verdict=unknown": 7, "verdict=down": 0, "q=SITE4": 1, "q=site+4": 1, "tag=even&q=site": 4, "": 7,
	} {
		list := h.do("GET", "/v1/assets?"+query, "").want(http.StatusOK).object()
		if got := len(list["assets"].([]any)); got != want {
			t.Errorf("%q gives %d assets, want %d", query, got, want)
		}
	}
	for query, location := range map[string]string{
		"limit=0": "query.limit", "limit=1001": "query.limit", "limit=x": "query.limit", "verdict=nice": "query.verdict",
		"cursor=%21": "query.cursor", "colour=red": "query.colour", "tag=" + strings.Repeat("x", 65): "query.tag",
	} {
		h.do("GET", "/v1/assets?"+query, "").refuses(location, "")
	}
}

func TestReadOnlyPropertiesMayBeSentBack(t *testing.T) {
	t.Parallel()
	h := start(t)
	id := h.create(wholeAsset)
	read := h.do("GET", "/v1/assets/"+id, "").want(http.StatusOK)
	edited := strings.Replace(string(read.body), `"name":"A"`, `"name":"B"`, 1)
	if edited == string(read.body) {
		t.Fatal("nothing was edited")
	}
	got := h.do("PUT", "/v1/assets/"+id, edited, "If-Match: "+read.header.Get("ETag")).want(http.StatusOK).object()
	want := read.object()
	want["name"], want["revision"], want["updated"] = "B", 2.0, got["updated"]
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

func TestReplaceResetsWhatIsLeftOut(t *testing.T) {
	t.Parallel()
	h := start(t)
	id := h.create(wholeAsset)
	a := h.do("PUT", "/v1/assets/"+id, `{"url":"http://other/"}`).want(http.StatusOK)
	got := a.object()
	if got["url"] != "http://other/" || got["name"] != "" || got["enabled"] != true || got["interval"] != "60s" || a.header.Get("ETag") != `"2"` {
		t.Errorf("replaced: %s", a.body)
	}
	if h.snapshotCount() != 2 {
		t.Errorf("%d snapshots", h.snapshotCount())
	}
}

func TestPatch(t *testing.T) {
	t.Parallel()
	h := start(t)
	const merge = "Content-Type: application/merge-patch+json"
	for patch, want := range map[string]map[string]any{
		`{}`:                             {"name": "A", "interval": "90s", "enabled": false},
		`{"name":"B"}`:                   {"name": "B", "interval": "90s"},
		`{"interval":"0s"}`:              {"interval": "0s"},
		`{"interval":null,"name":null}`:  {"interval": "60s", "name": ""},
		`{"enabled":null}`:               {"enabled": true},
		`{"tags":null}`:                  {"tags": []any{}},
		`{"tags":["z"]}`:                 {"tags": []any{"z"}},
		`{"plugins":{"htmlstats":null}}`: {"plugins": map[string]any{}},
		`{"request":{"basic_auth":null,"bearer_token":"t","headers":{"X-One":null,"X-Two":"2"},"method":null,"body":null,"user_agent":null}}`: {
			"request": map[string]any{"bearer_token": "t", "headers": map[string]any{"X-Two": "2"}, "max_redirects": 0.0, "insecure_tls": true},
		},
		`{"retention":{"age":null}}`:   {"retention": map[string]any{"count": 7.0}},
		`{"id":"other","revision":99}`: {"name": "A", "revision": 2.0},
	} {
		id := h.create(wholeAsset)
		h.do("PATCH", "/v1/assets/"+id, patch, merge).want(http.StatusOK)
		got := h.do("GET", "/v1/assets/"+id+"?secrets=true", "").want(http.StatusOK).object()
		for name, value := range want {
			if !reflect.DeepEqual(got[name], value) {
				t.Errorf("%s: %s is %#v, want %#v", patch, name, got[name], value)
			}
		}
		if got["id"] != id {
			t.Errorf("%s: the id became %v", patch, got["id"])
		}
	}
}

func TestPatchRefuses(t *testing.T) {
	t.Parallel()
	h := start(t)
	id := h.create(`{"url":"http://a/"}`)
	path := "/v1/assets/" + id
	h.do("PATCH", path, `{"url":null}`).refuses("body.url", "required")
	h.do("PATCH", path, `{"url":"x"}`).refuses("body.url", "https://x")
	h.do("PATCH", path, `{"colour":"red"}`).refuses("body.colour", "unexpected")
	h.do("PATCH", path, `[]`).refuses("body", "object")
	h.do("PATCH", path, `"x"`).refuses("body", "object")
	h.do("PATCH", path, `null`).refuses("body", "object")
	h.do("PATCH", path, `{`).problem(http.StatusBadRequest)
	h.do("PATCH", path, `{}`, "Content-Type: application/json-patch+json").problem(http.StatusUnsupportedMediaType)
	h.do("PATCH", path, ``, "Content-Type: application/json").problem(http.StatusBadRequest)
	h.do("PATCH", "/v1/assets/nosuch", `{}`).problem(http.StatusNotFound)
	if got := h.do("GET", path, "").object()["revision"]; got != 1.0 {
		t.Errorf("revision %v after nothing but refusals", got)
	}
}

func TestConditionalRequests(t *testing.T) {
	t.Parallel()
	h := start(t)
	path := "/v1/assets/" + h.create(`{"url":"http://a/"}`)
	// The ETag stands for the definition only, the answer for the verdict too:
	// so reading is never answered with "not modified".
	a := h.do("GET", path, "", `If-None-Match: "1"`).want(http.StatusOK)
	if a.header.Get("ETag") != `"1"` || a.header.Get("Cache-Control") != "no-store" {
		t.Errorf("headers %v", a.header)
	}
	const body = `{"url":"http://b/"}`
	h.do("PUT", path, body, `If-Match: "2"`).problem(http.StatusPreconditionFailed)
	h.do("PUT", path, body, `If-Match: W/"1"`).problem(http.StatusPreconditionFailed)
	h.do("PUT", path, body, `If-Match: "x"`).problem(http.StatusPreconditionFailed)
	h.do("PUT", path, body, `If-Match: 1`).refuses("header.If-Match", "quotes")
	h.do("PUT", path, body, `If-Match: "1", "2"`).refuses("header.If-Match", "one ETag")
	h.do("PATCH", path, `{}`, `If-Match: "2"`).problem(http.StatusPreconditionFailed)
	h.do("DELETE", path, "", `If-Match: "2"`).problem(http.StatusPreconditionFailed)
	h.do("PUT", path, body, `If-Match: "1"`).want(http.StatusOK)
	h.do("PATCH", path, `{"name":"x"}`, `If-Match: "2"`).want(http.StatusOK)
	h.do("PATCH", path, `{"name":"y"}`, `If-Match: *`).want(http.StatusOK)
	h.do("DELETE", path, "", `If-Match: "4"`).want(http.StatusNoContent)
}

func TestDelete(t *testing.T) {
	t.Parallel()
	h := start(t)
	path := "/v1/assets/" + h.create(`{"url":"http://a/"}`)
	if a := h.do("DELETE", path, "").want(http.StatusNoContent); len(a.body) != 0 {
		t.Errorf("body %q", a.body)
	}
	for _, method := range []string{"GET", "DELETE"} {
		h.do(method, path, "").problem(http.StatusNotFound)
	}
	h.do("PUT", path, `{"url":"http://a/"}`).problem(http.StatusNotFound)
	h.do("GET", path+"/results", "").problem(http.StatusNotFound)
	h.do("GET", path+"/stats", "").problem(http.StatusNotFound)
	if h.snapshotCount() != 2 {
		t.Errorf("%d snapshots", h.snapshotCount())
	}
}
