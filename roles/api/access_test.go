package api_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"webmon/roles/api"
	"webmon/store"
	"webmon/store/storetest"
	"webmon/store/token"
)

// makeToken makes a token before the API is asked anything, and gives the
// header that sends it.
func makeToken(t *testing.T, s *store.Store, scope token.Scope) (header string, made token.Token) {
	t.Helper()
	made, _, err := s.CreateToken(t.Context(), "the "+string(scope)+" one", scope, 0)
	if err != nil {
		t.Fatal(err)
	}
	return "Authorization: Bearer " + made.Reveal(), made
}

// patience bounds waits for what must happen.
const patience = 30 * time.Second

// TestScopes asks everything with each kind of token.
func TestScopes(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t)
	headers := map[token.Scope]string{}
	for _, scope := range token.Scopes {
		headers[scope], _ = makeToken(t, s, scope)
	}
	h := startOn(t, s)
	const id = "/v1/assets/d0000000000000000000"
	for _, request := range []struct {
		need               token.Scope
		method, path, body string
	}{
		{token.Read, "GET", "/v1/assets", ""},
		{token.Read, "HEAD", "/v1/assets", ""},
		{token.Read, "OPTIONS", "/v1/assets", ""},
		{token.Read, "GET", id, ""},
		{token.Read, "GET", id + "/results", ""},
		{token.Read, "GET", id + "/decisions", ""},
		{token.Read, "GET", "/v1/assets/export", ""},
		{token.Read, "GET", "/v1/jobs", ""},
		{token.Read, "GET", "/v1/summary", ""},
		{token.Read, "GET", "/v1/plugins", ""},
		{token.Read, "GET", "/v1/members", ""},
		{token.Read, "GET", "/v1/snapshots", ""},
		{token.Read, "GET", "/metrics", ""},
		{token.Read, "GET", "/openapi.json", ""},
		{token.Read, "GET", "/nothing", ""},
		{token.Read, "POST", "/v1/backtest", `{"tag":"a"}`},
		{token.Write, "POST", "/v1/assets", `{"url":"http://a/"}`},
		{token.Write, "PUT", id, `{"url":"http://a/"}`},
		{token.Write, "PATCH", id, `{}`},
		{token.Write, "DELETE", id, ""},
		{token.Write, "POST", "/v1/assets/import", `[]`},
		{token.Write, "POST", id + "/accept", ""},
		{token.Write, "POST", id + "/never", ""},
		{token.Write, "POST", id + "/reset", ""},
		{token.Write, "POST", "/v1/jobs", `{"all":true}`},
		{token.Write, "POST", "/v1/batches/d0000000000000000000/cancel", ""},
		{token.Write, "DELETE", "/nothing", ""},
		{token.Admin, "GET", "/v1/tokens", ""},
		{token.Admin, "POST", "/v1/tokens", `{"name":"a","scope":"read"}`},
		{token.Admin, "DELETE", "/v1/tokens/d0000000000000000000", ""},
		{token.Admin, "POST", "/v1/snapshots", ""},
		{token.Admin, "GET", id + "?secrets=true", ""},
		{token.Admin, "GET", "/v1/assets?secrets=true", ""},
		{token.Admin, "GET", "/v1/assets/export?secrets=true", ""},
	} {
		a := h.do(request.method, request.path, request.body)
		if a.want(http.StatusUnauthorized).header.Get("WWW-Authenticate") != `Bearer realm="webmon"` {
			t.Errorf("%s: %v", a.asked, a.header)
		}
		for _, scope := range token.Scopes {
			a := h.do(request.method, request.path, request.body, headers[scope])
			refused := a.status == http.StatusForbidden || a.status == http.StatusUnauthorized
			if refused == scope.Includes(request.need) {
				t.Errorf("%s with %s: %d %s", a.asked, scope, a.status, a.body)
			}
			if refused && (!strings.Contains(a.header.Get("WWW-Authenticate"), `error="insufficient_scope", scope="`+string(request.need)+`"`) ||
				!strings.Contains(a.problem(http.StatusForbidden).Detail, string(request.need))) {
				t.Errorf("%s with %s: %v %s", a.asked, scope, a.header, a.body)
			}
		}
	}
	// Supervisors have no token, and hear no more than yes.
	for _, path := range []string{"/healthz", "/readyz"} {
		if body := string(h.do("GET", path, "").want(http.StatusOK).body); body != "{\"status\":\"ok\"}\n" {
			t.Errorf("%s says %s", path, body)
		}
	}
	if body := string(h.do("GET", "/readyz", "", headers[token.Read]).want(http.StatusOK).body); !strings.Contains(body, "redis") {
		t.Errorf("with a token: %s", body)
	}
}

func TestBadTokens(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t)
	good, made := makeToken(t, s, token.Admin)
	_, expired, err := s.CreateToken(t.Context(), "short", token.Admin, time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	h := startOn(t, s)
	other := token.New()
	stolen := other
	stolen.ID = made.ID // a good id with another secret
	for time.Now().Before(expired.Expires) {
	}
	for name, value := range map[string]string{
		"unknown":        "Bearer " + other.Reveal(),
		"another secret": "Bearer " + stolen.Reveal(),
		"cut off":        strings.TrimPrefix(good, "Authorization: ")[:50],
		"basic":          "Basic YTpi",
		"empty":          "Bearer ",
		"no scheme":      made.Reveal(),
		"nothing":        "Bearer webmon_",
	} {
		a := h.do("GET", "/v1/assets", "", "Authorization: "+value)
		a.problem(http.StatusUnauthorized)
		if !strings.Contains(a.header.Get("WWW-Authenticate"), `error="invalid_token"`) {
			t.Errorf("%s: %v", name, a.header)
		}
	}
	h.do("GET", "/v1/assets", "", strings.Replace(good, "Bearer", "bearer", 1)).want(http.StatusOK)
	for _, secret := range []string{made.Reveal()[30:], other.Reveal()[30:], "YTpi"} {
		if strings.Contains(h.log.String(), secret) {
			t.Errorf("the log has a secret:\n%s", h.log)
		}
	}
	if !strings.Contains(h.log.String(), "token="+other.ID) {
		t.Errorf("the log does not tell of a wrong token:\n%s", h.log)
	}
}

func TestExpiredToken(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t)
	short, kept, err := s.CreateToken(t.Context(), "short", token.Admin, time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	h := startOn(t, s)
	for time.Now().Before(kept.Expires) {
	}
	h.do("GET", "/v1/assets", "", "Authorization: Bearer "+short.Reveal()).problem(http.StatusUnauthorized)
	h.do("GET", "/v1/assets", "").problem(http.StatusUnauthorized) // it does not open anything either
}

// TestTokenLifeOverHTTP makes the first token by the API, lists it and revokes it.
func TestTokenLifeOverHTTP(t *testing.T) {
	t.Parallel()
	h := start(t)
	h.do("GET", "/v1/assets", "").want(http.StatusOK) // none is needed
	h.do("POST", "/v1/tokens", `{"name":"a\u0007","scope":"read"}`).refuses("body.name", "cannot be printed")
	h.do("POST", "/v1/tokens", `{"name":"a","scope":"read","expires":"never"}`).refuses("body.expires", "12h or 90d")
	h.do("POST", "/v1/tokens", `{"name":"a","scope":"root"}`).problem(http.StatusUnprocessableEntity)
	var made struct{ ID, Name, Token string }
	h.do("POST", "/v1/tokens", `{"name":"ada","scope":"admin","expires":"90d"}`).want(http.StatusCreated).into(&made)
	h.do("GET", "/v1/assets", "").problem(http.StatusUnauthorized) // at once
	header := "Authorization: Bearer " + made.Token
	var listed struct {
		Tokens []struct {
			ID, Name, Scope, Token string
			Created, Expires, Used time.Time
		}
	}
	h.do("GET", "/v1/tokens", "", header).want(http.StatusOK)
	h.do("GET", "/v1/tokens", "", header).want(http.StatusOK).into(&listed)
	if len(listed.Tokens) != 1 {
		t.Fatalf("%+v", listed)
	}
	if got := listed.Tokens[0]; got.ID != made.ID || got.Name != "ada" || got.Scope != "admin" || got.Token != "" ||
		got.Expires.Sub(got.Created) != 90*24*time.Hour || got.Used.IsZero() {
		t.Errorf("%+v", got)
	}
	// Who decides is who has the token, whatever the body says.
	id, _ := h.do("POST", "/v1/assets", `{"url":"http://a/"}`, header).want(http.StatusCreated).object()["id"].(string)
	var decided struct{ Decision struct{ By string } }
	h.do("POST", "/v1/assets/"+id+"/reset", `{"by":"somebody else"}`, header).want(http.StatusAccepted).into(&decided)
	if decided.Decision.By != "ada" {
		t.Errorf("decided by %q", decided.Decision.By)
	}
	h.do("DELETE", "/v1/tokens/"+made.ID, "", header).want(http.StatusNoContent)
	h.do("GET", "/v1/assets", "").want(http.StatusOK)
	h.do("DELETE", "/v1/tokens/"+made.ID, "").problem(http.StatusNotFound)
	if log := h.log.String(); strings.Contains(log, made.Token[30:]) || !strings.Contains(log, "token="+made.ID) {
		t.Errorf("the log names the secret, or not the id:\n%s", log)
	}
}

// TestRevokedElsewhere revokes a token behind the API's back.
func TestRevokedElsewhere(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t)
	header, made := makeToken(t, s, token.Read)
	makeToken(t, s, token.Admin)
	h := startOn(t, s)
	h.do("GET", "/v1/assets", "", header).want(http.StatusOK)
	if err := s.RevokeToken(t.Context(), made.ID); err != nil {
		t.Fatal(err)
	}
	deadline := time.Now().Add(patience)
	for h.do("GET", "/v1/assets", "", header).status != http.StatusUnauthorized {
		if time.Now().After(deadline) {
			t.Fatal("a revoked token is still good")
		}
	}
}

// TestOffLoopback starts where others could come.
func TestOffLoopback(t *testing.T) {
	t.Parallel()
	open := api.Options{
		Listen: "0.0.0.0:0", Store: storetest.Open(t), Plugins: onlyHTMLStats(),
		Push: func([]string) {}, Snapshot: func() {},
	}
	if _, err := api.New(open); err == nil || !strings.Contains(err.Error(), "webmon token create") || !strings.Contains(err.Error(), "--insecure") {
		t.Errorf("without a token: %v", err)
	}
	anywhere := func(o *api.Options) { o.Listen = "0.0.0.0:0" }
	h := startOn(t, open.Store, anywhere, func(o *api.Options) { o.Insecure = true })
	h.do("GET", "/v1/assets", "", "Host: webmon.example").want(http.StatusOK)
	h.do("POST", "/v1/assets", `{"url":"http://a/"}`).want(http.StatusCreated)
	// Strangers cannot lock others out, or see what is masked.
	h.do("POST", "/v1/tokens", `{"name":"a","scope":"admin"}`).problem(http.StatusForbidden)
	h.do("GET", "/v1/assets?secrets=true", "").problem(http.StatusForbidden)

	header, made := makeToken(t, open.Store, token.Admin)
	h = startOn(t, open.Store, anywhere)
	h.do("GET", "/v1/assets", "").problem(http.StatusUnauthorized)
	h.do("GET", "/v1/assets", "", header).want(http.StatusOK)
	// The last one revoked opens nothing.
	h.do("DELETE", "/v1/tokens/"+made.ID, "", header).want(http.StatusNoContent)
	if p := h.do("GET", "/v1/assets", "").problem(http.StatusUnauthorized); !strings.Contains(p.Detail, "webmon token create") {
		t.Errorf("after the last token: %+v", p)
	}
}

// TestOffLoopbackWithoutRedis starts although nobody can say whether there is a
// token, and lets nobody in.
func TestOffLoopbackWithoutRedis(t *testing.T) {
	t.Parallel()
	s, err := store.Open(store.Options{Address: "unix://" + t.TempDir() + "/none.sock"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	h := startOn(t, s, func(o *api.Options) { o.Listen = "0.0.0.0:0" })
	for _, path := range []string{"/v1/plugins", "/openapi.json", "/metrics"} {
		h.do("GET", path, "").problem(http.StatusServiceUnavailable)
	}
	if p := h.do("GET", "/readyz", "").problem(http.StatusServiceUnavailable); strings.Contains(p.Detail, "Redis") {
		t.Errorf("a stranger hears %+v", p)
	}
	h.do("GET", "/healthz", "").want(http.StatusOK)
}

// TestRebinding is a web page whose own name leads to this machine.
func TestRebinding(t *testing.T) {
	t.Parallel()
	h := start(t)
	for host, want := range map[string]int{
		"evil.example": 403, "evil.example:7700": 403, "127.0.0.1.evil.example": 403,
		"localhost:7700": 200, "127.0.0.1": 200, "[::1]:7700": 200, "192.0.2.1": 200,
	} {
		h.do("GET", "/v1/assets", "", "Host: "+host).want(want)
	}
	header, _ := makeToken(t, h.store, token.Read)
	deadline := time.Now().Add(patience)
	for h.do("GET", "/v1/assets", "", "Host: webmon.example", header).status != http.StatusOK {
		if time.Now().After(deadline) {
			t.Fatal("with a token a name is refused")
		}
	}
}

func TestOpenAPINamesTheScheme(t *testing.T) {
	t.Parallel()
	var doc struct {
		Components struct {
			SecuritySchemes map[string]struct{ Type, Scheme string }
		}
	}
	if err := json.Unmarshal(start(t).do("GET", "/openapi.json", "").want(http.StatusOK).body, &doc); err != nil {
		t.Fatal(err)
	}
	if got := doc.Components.SecuritySchemes["token"]; got.Type != "http" || got.Scheme != "bearer" {
		t.Errorf("%+v", doc)
	}
}
