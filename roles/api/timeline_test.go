package api_test

import (
	"net/http"
	"testing"
	"time"

	"webmon/plugins"
	"webmon/store"
	"webmon/store/storetest"
	"webmon/store/token"
)

func TestTimeline(t *testing.T) {
	t.Parallel()
	h := start(t)
	id := h.create(`{"url":"http://a/"}`)
	path := "/v1/assets/" + id + "/timeline"
	at := time.Now().UTC().Add(-2 * time.Hour)
	for i, v := range []plugins.Verdict{plugins.Up, plugins.Down, plugins.Up, plugins.Up} {
		h.check(id, store.Result{At: at.Add(time.Duration(i) * time.Second), Verdict: v})
	}
	var line struct {
		Checks       int
		Availability *float64
		Downtime     string
		Spans        []struct {
			From         time.Time
			Checks, Down int
			Availability *float64
			Worst        string
		}
	}
	h.do("GET", path+"?window=24h&spans=24", "").want(http.StatusOK).into(&line)
	if line.Checks != 4 || line.Availability == nil || *line.Availability != 75 || line.Downtime != "1s" || len(line.Spans) != 24 {
		t.Errorf("%+v", line)
	}
	checks := 0
	for i, span := range line.Spans {
		checks += span.Checks
		if span.From.Minute()+span.From.Second() != 0 || i > 0 && span.From.Sub(line.Spans[i-1].From) != time.Hour {
			t.Errorf("span %d begins at %v", i, span.From)
		}
		if span.Checks == 0 && (span.Availability != nil || span.Worst != "unknown") || span.Down > 0 && span.Worst != "down" {
			t.Errorf("span %d: %+v", i, span)
		}
	}
	if checks != 4 || time.Since(line.Spans[23].From) > time.Hour {
		t.Errorf("%d checks; the last span begins at %v", checks, line.Spans[23].From)
	}
	h.do("GET", path+"?window=1s&spans=1000", "").want(http.StatusOK)
	h.do("GET", path+"?window=soon", "").refuses("query.window", "write a duration")
	h.do("GET", path+"?spans=1001", "").refuses("query.spans", "")
	h.do("GET", "/v1/assets/d0000000000000000000/timeline", "").problem(http.StatusNotFound)
}

func TestRecentChecksInLists(t *testing.T) {
	t.Parallel()
	h := start(t)
	id := h.create(`{"url":"http://a/"}`)
	h.create(`{"url":"http://b/"}`)
	at := h.checkThrice(id)
	var list struct {
		Assets []struct {
			Recent []struct {
				At      time.Time
				Verdict string
				Seconds *float64
			}
		}
	}
	h.do("GET", "/v1/assets?recent=2", "").want(http.StatusOK).into(&list)
	recent := list.Assets[0].Recent
	if len(recent) != 2 || !recent[1].At.Equal(at) || recent[1].Verdict != "changed" || recent[0].Verdict != "up" || recent[0].Seconds == nil || *recent[0].Seconds != 0.25 {
		t.Errorf("%+v", recent)
	}
	if list.Assets[1].Recent != nil {
		t.Errorf("an asset that was never checked: %+v", list.Assets[1])
	}
	if a := h.do("GET", "/v1/assets", "").object()["assets"].([]any)[0].(map[string]any); a["recent"] != nil {
		t.Error("nobody asked for the checks")
	}
	h.do("GET", "/v1/assets?recent=51", "").refuses("query.recent", "")
}

func TestBatchList(t *testing.T) {
	t.Parallel()
	h := start(t)
	id := h.create(`{"url":"http://a/"}`)
	var made []string
	for range 3 {
		batch, _ := h.do("POST", "/v1/jobs", `{"assets":["`+id+`"]}`).want(http.StatusAccepted).object()["batch"].(string)
		made = append(made, batch)
	}
	var page struct {
		Batches []struct{ ID, State string }
		Next    string
	}
	h.do("GET", "/v1/batches?limit=2", "").want(http.StatusOK).into(&page)
	if len(page.Batches) != 2 || page.Batches[0].ID != made[2] || page.Batches[0].State != "running" || page.Next == "" {
		t.Errorf("%+v", page)
	}
	next := page.Next
	page.Next = ""
	h.do("GET", "/v1/batches?limit=2&cursor="+next, "").want(http.StatusOK).into(&page)
	if len(page.Batches) != 1 || page.Batches[0].ID != made[0] || page.Next != "" {
		t.Errorf("%+v", page)
	}
	h.do("GET", "/v1/batches?cursor=x", "").refuses("query.cursor", "not valid")
}

func TestWhoAmI(t *testing.T) {
	t.Parallel()
	if who := start(t).do("GET", "/v1/whoami", "").want(http.StatusOK).object(); who["scope"] != "admin" || who["token"] != nil {
		t.Errorf("%v", who)
	}
	s := storetest.Open(t)
	header, made := makeToken(t, s, token.Read)
	h := startOn(t, s)
	if who := h.do("GET", "/v1/whoami", "", header).want(http.StatusOK).object(); who["scope"] != "read" || who["token"] != made.ID || who["name"] != "the read one" {
		t.Errorf("%v", who)
	}
	h.do("GET", "/v1/whoami", "").problem(http.StatusUnauthorized)
}
