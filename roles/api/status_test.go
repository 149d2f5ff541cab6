package api_test

import (
	"encoding/json"
	"encoding/xml"
	"net/http"
	"strings"
	"testing"

	"webmon/plugins/builtin"
	"webmon/roles/api"
	"webmon/roles/api/dashboard"
	"webmon/store/storetest"
	"webmon/store/token"
)

func public(tags ...string) func(*api.Options) {
	return func(o *api.Options) { o.Public = dashboard.Public{Tags: tags, Title: "Harbour Town"} }
}

func TestStatusPage(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t)
	header, _ := makeToken(t, s, token.Admin)
	filled := startOn(t, s)
	create := func(body string) string {
		t.Helper()
		id, _ := filled.do("POST", "/v1/assets", body, header).want(http.StatusCreated).object()["id"].(string)
		return id
	}
	good := create(`{"url":"http://a.example/?token=s3cr3t","name":"Shop <b>","tags":["shop","both"],"request":{"bearer_token":"hush-hush"}}`)
	bare := create(`{"url":"http://intranet.example/","tags":["shop"]}`)
	hidden := create(`{"url":"http://hidden.example/","name":"Secret project","tags":["internal"]}`)
	paused := create(`{"url":"http://paused.example/","name":"Paused one","tags":["shop"],"enabled":false}`)
	h := startOn(t, s, public("shop", "both"), func(o *api.Options) {
		o.Plugins = builtin.Registry()
	})
	p := h.browser().get("/status").want(http.StatusOK)
	p.says("Harbour Town", "Nothing was checked yet", "Shop <b>", "Service "+bare[len(bare)-4:], "not checked yet")
	p.hides("s3cr3t", "hush-hush", "a.example", "intranet", "hidden.example", "Secret project", "Paused one", "internal", hidden, paused)
	if n := len(p.all(".services li")); n != 2 {
		t.Errorf("%d services", n)
	}
	// Pictures of those assets, and of no others.
	for path, want := range map[string]int{
		"/status/" + good + "/badge.svg":             http.StatusOK,
		"/status/" + good + "/chart.svg?window=7d":   http.StatusOK,
		"/status/" + good + "/chart.svg?theme=dark":  http.StatusOK,
		"/status/" + bare + "/badge.svg":             http.StatusNotFound, // it would hold the host
		"/status/" + hidden + "/badge.svg":           http.StatusNotFound,
		"/status/" + paused + "/badge.svg":           http.StatusNotFound,
		"/status/" + good + "/results":               http.StatusNotFound,
		"/v1/assets/" + good + "/badge.svg":          http.StatusUnauthorized,
		"/v1/assets/" + good:                         http.StatusUnauthorized,
		"/status/" + good + "/chart.svg?metric=x&w=": http.StatusOK, // what cannot be chosen is as nothing
	} {
		a := h.do("GET", path, "").want(want)
		if want == http.StatusOK && (a.header.Get("Content-Type") != "image/svg+xml" || a.header.Get("Cross-Origin-Resource-Policy") != "cross-origin" || strings.Contains(string(a.body), "a.example")) {
			t.Errorf("%s: %v %s", path, a.header, a.body)
		}
	}
	// Without tags there is nothing.
	filled.do("GET", "/status", "").want(http.StatusUnauthorized)
	filled.do("GET", "/status.json", "").want(http.StatusUnauthorized)
}

func TestStatusPageOfIncidents(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t)
	h := startOn(t, s)
	h.lived("Bakery", "shop")
	plain := startOn(t, s, public("shop"))
	p := plain.browser().get("/status").want(http.StatusOK)
	p.says("Some systems are under investigation", "Bakery is under investigation.", "100 % available in").hides("evil.example", "Scripts", "a.example")
	telling := startOn(t, s, func(o *api.Options) {
		o.Public = dashboard.Public{Tags: []string{"shop"}, Title: "S", Reasons: true, URLs: true}
	})
	telling.browser().get("/status").says("Bakery is under investigation: Scripts from evil.example", "http://a.example/Bakery")
	var state struct {
		Status    string
		Services  []struct{ Name, State string }
		Incidents []struct{ Text string }
	}
	if err := json.Unmarshal(plain.do("GET", "/status.json", "").want(http.StatusOK).body, &state); err != nil {
		t.Fatal(err)
	}
	if state.Status != "changed" || len(state.Services) != 1 || state.Services[0].State != "under investigation" || len(state.Incidents) != 1 {
		t.Errorf("%+v", state)
	}
	var feed struct {
		XMLName xml.Name `xml:"http://www.w3.org/2005/Atom feed"`
		Entries []struct {
			ID      string `xml:"id"`
			Content string `xml:"content"`
		} `xml:"entry"`
	}
	a := plain.do("GET", "/status.atom", "").want(http.StatusOK)
	if err := xml.Unmarshal(a.body, &feed); err != nil || len(feed.Entries) != 1 || feed.Entries[0].Content != "Bakery is under investigation." {
		t.Errorf("%v: %s", err, a.body)
	}
}

func TestStatusPageIsKept(t *testing.T) {
	t.Parallel()
	h := start(t, public("shop"))
	first := h.do("GET", "/status", "").want(http.StatusOK)
	if first.header.Get("Cache-Control") != "public, max-age=5" || first.header.Get("ETag") == "" || first.header.Get("Set-Cookie") != "" {
		t.Errorf("%v", first.header)
	}
	h.do("GET", "/status", "", "If-None-Match: W/"+first.header.Get("ETag")).want(http.StatusNotModified)
	h.create(`{"url":"http://a/","name":"New","tags":["shop"]}`)
	if again := h.do("GET", "/status", "").want(http.StatusOK); string(again.body) != string(first.body) {
		t.Error("it was made anew for the next visitor")
	}
	// When Redis is away there is nothing to tell.
	startAway(t, public("shop")).do("GET", "/status", "").want(http.StatusServiceUnavailable)
}
