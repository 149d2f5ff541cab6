package api_test

import (
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"testing"
	"time"

	"webmon/plugins"
	"webmon/store"
	"webmon/store/token"
)

// idsOf lists the incidents of a query, page by page.
func (h *harness) idsOf(query string) (ids []string) {
	h.t.Helper()
	for cursor := ""; ; {
		var page struct {
			Incidents []struct{ ID string }
			Next      string
		}
		h.do("GET", "/v1/incidents?"+query+"&cursor="+cursor, "").want(http.StatusOK).into(&page)
		for _, i := range page.Incidents {
			ids = append(ids, i.ID)
		}
		if cursor = page.Next; cursor == "" {
			return ids
		}
	}
}

func (h *harness) incidentOf(asset string) string {
	h.t.Helper()
	id, _ := h.do("GET", "/v1/assets/"+asset, "").want(http.StatusOK).object()["incident"].(string)
	if id == "" {
		h.t.Fatalf("asset %s has no open incident", asset)
	}
	return id
}

func TestIncidents(t *testing.T) {
	t.Parallel()
	h := start(t)
	if got := h.idsOf(""); got != nil {
		t.Errorf("before any: %v", got)
	}
	var assets, opened []string
	for i := range 7 {
		id := h.create(fmt.Sprintf(`{"url":"http://a/%d","name":"A %d","tags":["t%d"],"alerts":{"bad":1,"good":1,"remind":"1h"}}`, i, i, i%2))
		verdict := plugins.Down
		if i%3 == 0 {
			verdict = plugins.Degraded
		}
		h.check(id, store.Result{At: time.Now(), Verdict: verdict})
		assets, opened = append(assets, id), append(opened, h.incidentOf(id))
		waitFor(t, nextMillisecond())
	}
	h.check(assets[1], store.Result{At: time.Now(), Verdict: plugins.Up})
	waitFor(t, nextMillisecond())
	h.do("POST", "/v1/incidents/"+opened[0]+"/close", `{"by":" ada ","note":" fixed "}`).want(http.StatusOK)
	pick := func(places ...int) (ids []string) {
		for _, i := range places {
			ids = append(ids, opened[i])
		}
		return ids
	}
	for query, want := range map[string][]string{
		"": pick(6, 5, 4, 3, 2, 0, 1), "state=open": pick(6, 5, 4, 3, 2), "state=closed": pick(0, 1),
		"tag=t1": pick(5, 3, 1), "tag=none": nil, "severity=warning": pick(6, 3, 0), "severity=critical": pick(5, 4, 2, 1),
		"asset=" + assets[1]: pick(1), "asset=nonsense": nil, "asset=" + assets[2] + "&state=closed": nil, "tag=t0&severity=warning&state=open": pick(6),
	} {
		for _, limit := range []string{"", "&limit=1", "&limit=2", "&limit=3"} {
			if got := h.idsOf(query + limit); !slices.Equal(got, want) {
				t.Errorf("%s%s: %v, want %v", query, limit, got, want)
			}
		}
	}
	got := h.do("GET", "/v1/incidents/"+opened[0], "").want(http.StatusOK).object()
	for _, at := range []string{"opened", "closed"} {
		if _, err := time.Parse(time.RFC3339, fmt.Sprint(got[at])); err != nil {
			t.Errorf("%s: %v", at, err)
		}
		delete(got, at)
	}
	if !reflect.DeepEqual(got, map[string]any{
		"id": opened[0], "asset": assets[0], "name": "A 0", "url": "http://a/0", "tags": []any{"t0"}, "state": "closed",
		"verdict": "degraded", "severity": "warning", "reason": "the page is degraded", "checks": 1.0, "flaps": 0.0, "muted": false,
		"remind": "1h", "closed_why": "closed by hand: fixed", "closed_by": "ada", "notices": []any{},
	}) {
		t.Errorf("%v", got)
	}
	summary := h.do("GET", "/v1/summary", "").want(http.StatusOK).object()
	if !reflect.DeepEqual(summary["incidents"], map[string]any{"warning": 2.0, "critical": 3.0}) {
		t.Errorf("summary: %v", summary["incidents"])
	}
}

// nextMillisecond holds when a later millisecond has begun: lists are in the order
// of time, and have no finer one.
func nextMillisecond() func() bool {
	now := time.Now().UnixMilli() + 1
	return func() bool { return time.Now().UnixMilli() > now }
}

func TestIncidentsByHand(t *testing.T) {
	t.Parallel()
	h := start(t)
	a := h.create(`{"url":"http://a/"}`)
	h.bad(a, 2)
	id := h.incidentOf(a)
	acknowledged := h.do("POST", "/v1/incidents/"+id+"/acknowledge", "").want(http.StatusOK).object()
	if by, _ := acknowledged["acknowledged"].(map[string]any); by["by"] != "api" || acknowledged["state"] != "open" {
		t.Errorf("%v", acknowledged)
	}
	h.do("POST", "/v1/incidents/"+id+"/acknowledge", `{"by":1}`).problem(http.StatusUnprocessableEntity)
	for _, action := range []string{"acknowledge", "close"} {
		h.do("POST", "/v1/incidents/nonsense/"+action, "").problem(http.StatusNotFound)
		h.do("POST", "/v1/incidents/"+a+"!ffff/"+action, "").problem(http.StatusNotFound)
	}
	h.do("GET", "/v1/incidents/"+a+"!ffff", "").problem(http.StatusNotFound)
	h.do("GET", "/v1/incidents?cursor=MXg", "").refuses("query.cursor", "")
	h.do("GET", "/v1/incidents?state=x", "").refuses("query.state", "")
	h.do("POST", "/v1/incidents/"+id+"/close", "").want(http.StatusOK)
	for _, action := range []string{"acknowledge", "close"} {
		h.do("POST", "/v1/incidents/"+id+"/"+action, "").problem(http.StatusConflict)
	}

	// A token says who it was, whatever the request says; one that reads cannot.
	h.bad(a, 2)
	id = h.incidentOf(a)
	tokens := map[token.Scope]string{}
	for _, scope := range token.Scopes {
		made, _, err := h.store.CreateToken(t.Context(), "the "+string(scope)+" one", scope, 0)
		if err != nil {
			t.Fatal(err)
		}
		tokens[scope] = "Authorization: Bearer " + made.Reveal()
	}
	waitFor(t, func() bool { return h.do("GET", "/v1/incidents", "").status == http.StatusUnauthorized })
	h.do("POST", "/v1/incidents/"+id+"/close", "", tokens[token.Read]).problem(http.StatusForbidden)
	closed := h.do("POST", "/v1/incidents/"+id+"/close", `{"by":"somebody else"}`, tokens[token.Write]).want(http.StatusOK).object()
	if closed["closed_by"] != "the write one" || closed["closed_why"] != "closed by hand" {
		t.Errorf("%v", closed)
	}
	h.do("GET", "/v1/incidents/"+id, "", tokens[token.Read]).want(http.StatusOK)
}

func TestAlertsOfAnAsset(t *testing.T) {
	t.Parallel()
	h := start(t)
	read := func(id string) any { return h.do("GET", "/v1/assets/"+id, "").want(http.StatusOK).object()["alerts"] }
	plain := h.create(`{"url":"http://a/"}`)
	if got := read(plain); !reflect.DeepEqual(got, map[string]any{}) {
		t.Errorf("of an asset that says nothing: %v", got)
	}
	id := h.create(`{"url":"http://a/","alerts":{"bad":3,"of":5,"good":4,"on":["down","changed","down"],"confirm":false,"mute":true,"remind":"240m"}}`)
	want := map[string]any{"bad": 3.0, "of": 5.0, "good": 4.0, "on": []any{"changed", "down"}, "confirm": false, "mute": true, "remind": "4h"}
	if got := read(id); !reflect.DeepEqual(got, want) {
		t.Errorf("%v", got)
	}
	h.do("PATCH", "/v1/assets/"+id, `{"alerts":{"mute":null,"remind":"0s"}}`).want(http.StatusOK)
	delete(want, "mute")
	delete(want, "remind")
	if got := read(id); !reflect.DeepEqual(got, want) {
		t.Errorf("changed: %v", got)
	}
	for body, location := range map[string]string{
		`{"bad":21}`: "body.alerts.bad", `{"bad":-1}`: "body.alerts.bad", `{"bad":3,"of":2}`: "body.alerts.bad", `{"good":21}`: "body.alerts.good",
		`{"on":["up"]}`: "body.alerts.on[0]", `{"on":["nonsense"]}`: "body.alerts.on[0]", `{"remind":"1s"}`: "body.alerts.remind", `{"remind":"often"}`: "body.alerts.remind",
		`{"nonsense":1}`: "body.alerts.nonsense",
	} {
		h.do("PATCH", "/v1/assets/"+id, `{"alerts":`+body+`}`).refuses(location, "")
	}
	h.do("PATCH", "/v1/assets/"+id, `{"alerts":null}`).want(http.StatusOK)
	if got := read(id); !reflect.DeepEqual(got, map[string]any{}) {
		t.Errorf("set back: %v", got)
	}
}

// An incident tells who was told of it.
func TestNotices(t *testing.T) {
	t.Parallel()
	h := start(t)
	id := h.create(`{"url":"http://a/","alerts":{"bad":1,"of":1}}`)
	h.check(id, store.Result{At: time.Now(), Verdict: plugins.Down})
	notice := store.Notice{Incident: h.incidentOf(id), Kind: store.NoticeOpened}
	ctx := t.Context()
	_, err := h.store.PlanNotices(ctx, []store.NoticePlan{{Notice: notice, Channels: []string{"mail", "chat"}, Again: time.Minute}})
	if err == nil {
		_, err = h.store.ClaimNotices(ctx, "me", "mail", []store.Notice{notice}, time.Minute)
	}
	if err == nil {
		err = h.store.EndNotices(ctx, "me", "mail", []store.Notice{notice}, store.NoticeEnd{State: store.DeliveryFailed, Retry: time.Hour, Error: "nobody is there"})
	}
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Notices []struct {
			Kind, Channel, State, Error string
			At, Retry                   time.Time
			Attempts                    int
		}
	}
	h.do("GET", "/v1/incidents/"+notice.Incident, "").want(http.StatusOK).into(&got)
	if n := got.Notices; len(n) != 2 || n[0].Kind != "opened" || n[0].Channel != "mail" || n[0].State != "failed" || n[0].Error != "nobody is there" ||
		n[0].Attempts != 1 || n[0].At.IsZero() || time.Until(n[0].Retry) < 50*time.Minute || n[1].State != "waiting" || !n[1].Retry.IsZero() {
		t.Errorf("%+v", n)
	}
}
