package api_test

import (
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"webmon/plugins"
	"webmon/store"
	"webmon/store/storetest"
	"webmon/store/token"
)

const secretAsset = `{"url":"https://shop.example/a?page=2&api_key=urlsecret1&x=1&token=urlsecret2","name":"Shop","interval":"0s","request":{
	"method":"POST","headers":{"Authorization":"Bearer headsecret","Accept-Language":"en","X-Custom":"customsecret"},"body":"pw=bodysecret"}}`

const otherAsset = `{"url":"https://b.example/","interval":"0s","request":{"basic_auth":{"username":"u","password":"basicsecret"}}}`

var secretsOfAll = []string{"urlsecret1", "urlsecret2", "headsecret", "customsecret", "bodysecret", "basicsecret", "tokensecret"}

func noSecrets(t *testing.T, a answer) {
	t.Helper()
	for _, secret := range secretsOfAll {
		if strings.Contains(string(a.body), secret) {
			t.Errorf("%s tells %s: %s", a.asked, secret, a.body)
		}
	}
}

// TestSecretsAreMasked looks for secrets in all that answers about assets, also
// in what plugins say of the page.
func TestSecretsAreMasked(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t)
	reader, _ := makeToken(t, s, token.Read)
	admin, _ := makeToken(t, s, token.Admin)
	h := startOn(t, s)
	created := h.do("POST", "/v1/assets", secretAsset, admin).want(http.StatusCreated)
	noSecrets(t, created)
	id, _ := created.object()["id"].(string)
	noSecrets(t, h.do("POST", "/v1/assets", otherAsset, admin).want(http.StatusCreated))
	noSecrets(t, h.do("POST", "/v1/assets", `{"url":"https://c.example/","request":{"bearer_token":"tokensecret"}}`, admin).want(http.StatusCreated))
	leak(t, s, id)
	leak(t, s, id) // makes an incident
	incident, _ := h.do("GET", "/v1/assets/"+id, "", reader).want(http.StatusOK).object()["incident"].(string)
	if got := h.do("GET", "/v1/incidents/"+incident, "", reader).want(http.StatusOK).object(); got["reason"] != "at https://x/?token=*** with ***" {
		t.Errorf("the reason of an incident: %v", got)
	}
	for _, path := range []string{
		"/v1/incidents", "/v1/incidents/" + incident,
		"/v1/assets", "/v1/assets/" + id, "/v1/assets/export?format=json", "/v1/assets/export?format=csv", "/v1/assets/export?format=txt",
		"/v1/assets/" + id + "/results", "/v1/assets/" + id + "/stats", "/v1/summary", "/v1/jobs?state=done", "/metrics",
	} {
		noSecrets(t, h.do("GET", path, "", reader).want(http.StatusOK))
		if !strings.HasPrefix(path, "/v1/assets/export") && path != "/v1/assets" {
			continue
		}
		shown := path + "?secrets=true"
		if strings.Contains(path, "?") {
			shown = path + "&secrets=true"
		}
		h.do("GET", shown, "", reader).problem(http.StatusForbidden)
		body := string(h.do("GET", shown, "", admin).want(http.StatusOK).body)
		if !strings.Contains(body, "urlsecret1") || strings.Contains(body, "***") {
			t.Errorf("%s for an admin: %s", shown, body)
		}
	}
	got := h.do("GET", "/v1/assets/"+id, "", reader).want(http.StatusOK).object()
	if got["url"] != "https://shop.example/a?page=2&api_key=***&x=1&token=***" || !reflect.DeepEqual(got["request"], map[string]any{
		"method": "POST", "body": "***",
		"headers": map[string]any{"Authorization": "***", "Accept-Language": "en", "X-Custom": "***"},
	}) {
		t.Errorf("masked: %v", got)
	}
	if results := string(h.do("GET", "/v1/assets/"+id+"/results", "", reader).body); strings.Count(results, "***") < 6 {
		t.Errorf("the result was not masked but lost: %s", results)
	}
}

// leak stores a result in which a plugin repeats every secret of the asset.
func leak(t *testing.T, s *store.Store, id string) {
	t.Helper()
	_, _, err := s.Enqueue(t.Context(), store.Selection{Assets: []string{id}}, func(jobs []string) {
		lease, err := s.Lease(t.Context(), jobs[0], "test", time.Minute)
		if err != nil {
			t.Fatal(err)
		}
		const text = "at https://x/?token=urlsecret2 with headsecret"
		if err := s.Finish(t.Context(), lease, store.Outcome{Seconds: 1, Result: store.Result{
			Job: jobs[0], At: time.Now(), Verdict: plugins.Changed, Changed: true,
			Reports: []plugins.Report{{
				Plugin: "p", Error: text, Facts: map[string]string{"final_url": text},
				Findings: []plugins.Finding{{
					Severity: plugins.Critical, Code: "c", Message: text, Verdict: plugins.Changed,
					Observed: plugins.Text(text), Expected: plugins.Text(text), Evidence: []string{text},
				}},
			}},
		}}); err != nil {
			t.Fatal(err)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestFilterTellsNoSecrets searches for a secret, as one who guesses it would.
func TestFilterTellsNoSecrets(t *testing.T) {
	t.Parallel()
	h := start(t)
	h.create(secretAsset)
	for query, want := range map[string]int{
		"q=api_key%3Durls": 0, "q=urlsecret": 0, "q=shop.example": 1, "q=SHOP": 1, "q=urlsecret&secrets=true": 1,
	} {
		if got := len(h.do("GET", "/v1/assets?"+query, "").want(http.StatusOK).object()["assets"].([]any)); got != want {
			t.Errorf("%s finds %d", query, got)
		}
		if got := len(strings.Fields(string(h.do("GET", "/v1/assets/export?format=txt&"+query, "").want(http.StatusOK).body))); got != want {
			t.Errorf("%s exports %d", query, got)
		}
	}
}

// TestMaskKeepsSecrets reads, edits and sends back.
func TestMaskKeepsSecrets(t *testing.T) {
	t.Parallel()
	h := start(t)
	for _, body := range []string{secretAsset, otherAsset} {
		id := h.create(body)
		path := "/v1/assets/" + id
		secret := func() (url, request any) {
			got := h.do("GET", path+"?secrets=true", "").want(http.StatusOK).object()
			return got["url"], got["request"]
		}
		url, request := secret()
		masked := h.do("GET", path, "").want(http.StatusOK)
		edited := strings.Replace(string(masked.body), `"interval":"0s"`, `"interval":"5m"`, 1)
		noSecrets(t, h.do("PUT", path, edited).want(http.StatusOK))
		noSecrets(t, h.do("PUT", path, edited, "If-Match: \"2\"").want(http.StatusOK))
		h.do("PUT", path, edited, "If-Match: \"1\"").problem(http.StatusPreconditionFailed)
		noSecrets(t, h.do("PATCH", path, `{"name":"other"}`).want(http.StatusOK))
		noSecrets(t, h.do("PATCH", path, string(masked.body)).want(http.StatusOK))
		if u, r := secret(); u != url || !reflect.DeepEqual(r, request) {
			t.Errorf("after reading, editing and sending back:\n%v %v, before\n%v %v", u, r, url, request)
		}
	}
	id := h.create(secretAsset)
	path := "/v1/assets/" + id
	h.do("PATCH", path, `{"request":{"headers":{"authorization":"***","Authorization":null,"X-Custom":"new"},"body":null}}`).want(http.StatusOK)
	want := map[string]any{"method": "POST", "headers": map[string]any{"authorization": "Bearer headsecret", "Accept-Language": "en", "X-Custom": "new"}}
	if got := h.do("GET", path+"?secrets=true", "").want(http.StatusOK).object(); !reflect.DeepEqual(got["request"], want) {
		t.Errorf("changed: %v", got["request"])
	}
	// Parameters may come and go around those that stay.
	h.do("PATCH", path, `{"url":"https://shop.example/b?token=%2A%2A%2A&page=3"}`).want(http.StatusOK)
	if got := h.do("GET", path+"?secrets=true", "").want(http.StatusOK).object()["url"]; got != "https://shop.example/b?token=urlsecret2&page=3" {
		t.Errorf("changed: %v", got)
	}
}

func TestMaskOfNothing(t *testing.T) {
	t.Parallel()
	h := start(t)
	const says = "there is none"
	for field, body := range map[string]string{
		"body.url":                         `{"url":"http://a/?key=***"}`,
		"body.request.body":                `{"url":"http://a/","request":{"body":"***"}}`,
		"body.request.bearer_token":        `{"url":"http://a/","request":{"bearer_token":"***"}}`,
		"body.request.basic_auth.password": `{"url":"http://a/","request":{"basic_auth":{"username":"u","password":"***"}}}`,
		"body.request.headers.X-A":         `{"url":"http://a/","request":{"headers":{"X-A":"***"}}}`,
	} {
		h.do("POST", "/v1/assets", body).refuses(field, says)
		id := h.create(`{"url":"http://a/"}`)
		h.do("PUT", "/v1/assets/"+id, body).refuses(field, says)
		h.do("PATCH", "/v1/assets/"+id, body).refuses(field, says)
		var done importAnswer
		h.do("POST", "/v1/assets/import", "["+body+"]").want(http.StatusOK).into(&done)
		if len(done.Refused) != 1 || !strings.Contains(done.Refused[0].Error, says) {
			t.Errorf("import of %s: %+v", body, done)
		}
	}
	h.create(`{"url":"http://a/?q=***","request":{"headers":{"Accept":"***"}}}`) // no secrets, no masks
}

// TestSecretsStayAtHome is somebody who may change assets, and has one's
// secrets sent to a host of their own.
func TestSecretsStayAtHome(t *testing.T) {
	t.Parallel()
	h := start(t)
	for name, url := range map[string]string{
		"another host": "https://evil.example/a", "another port": "https://shop.example:8443/a", "no TLS": "http://shop.example/a",
		"a subdomain": "https://a.shop.example/a",
	} {
		path := "/v1/assets/" + h.create(secretAsset)
		h.do("PATCH", path, `{"url":"`+url+`"}`).refuses("body.url", "another host")
		h.do("PATCH", path, `{"url":"`+url+`","request":{"headers":{"Authorization":"***"},"body":null}}`).refuses("body.url", "another host")
		h.do("PUT", path, `{"url":"`+url+`","request":{"body":"***"}}`).refuses("body.url", "another host")
		// With secrets of the caller's own, or with none, it may go where it likes.
		h.do("PUT", path, `{"url":"`+url+`","request":{"body":"own"}}`).want(http.StatusOK)
		if got := h.do("GET", path, "").want(http.StatusOK).object()["url"]; got != url {
			t.Errorf("%s: %v", name, got)
		}
	}
	path := "/v1/assets/" + h.create(`{"url":"http://shop.example/","request":{"body":"bodysecret"}}`)
	h.do("PATCH", path, `{"url":"https://SHOP.example:443/b"}`).want(http.StatusOK) // safer, and the same host
}
