package api_test

import (
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"
)

type batchAnswer struct {
	Batch string
	Jobs  int
}

func TestJobsOfEachSelection(t *testing.T) {
	t.Parallel()
	h := start(t)
	a := h.create(`{"url":"http://a/","tags":["x"]}`)
	h.create(`{"url":"http://b/","tags":["x","y"]}`)
	off := h.create(`{"url":"http://c/","tags":["x"],"enabled":false}`)
	for body, want := range map[string]int{
		`{"assets":["` + a + `"]}`:                      1,
		`{"assets":["` + a + `","` + a + `"]}`:          1,
		`{"assets":["` + off + `"]}`:                    1,
		`{"assets":["` + a + `"],"tag":"","all":false}`: 1,
		`{"tag":"x"}`:      2,
		`{"tag":"nobody"}`: 0,
		`{"all":true}`:     2,
	} {
		before := len(h.pushedIDs())
		r := h.do("POST", "/v1/jobs", body).want(http.StatusAccepted)
		var got batchAnswer
		r.into(&got)
		if got.Jobs != want || r.header.Get("Location") != "/v1/batches/"+got.Batch {
			t.Errorf("%s: %+v, Location %q, want %d jobs", body, got, r.header.Get("Location"), want)
		}
		if pushed := len(h.pushedIDs()) - before; pushed != want {
			t.Errorf("%s: %d ids pushed, want %d", body, pushed, want)
		}
		var b struct {
			State  string
			Counts map[string]int
		}
		h.do("GET", "/v1/batches/"+got.Batch, "").want(http.StatusOK).into(&b)
		if len(b.Counts) != 5 || b.Counts["queued"] != want || b.State != map[bool]string{true: "done", false: "running"}[want == 0] {
			t.Errorf("%s: batch %+v", body, b)
		}
	}
}

func TestJobsRefuse(t *testing.T) {
	t.Parallel()
	h := start(t)
	a := h.create(`{"url":"http://a/"}`)
	for body, want := range map[string][2]string{
		`{}`:                                {"body", "exactly one"},
		`{"all":false}`:                     {"body", "exactly one"},
		`{"all":true,"tag":"x"}`:            {"body", "exactly one"},
		`{"assets":[]}`:                     {"body.assets", ""},
		`{"assets":"` + a + `"}`:            {"body.assets", "array"},
		`{"assets":[7]}`:                    {"body.assets[0]", "string"},
		`{"everything":true}`:               {"body.everything", "unexpected"},
		`{"assets":["` + a + `","nosuch"]}`: {"body.assets", "no asset"},
	} {
		h.do("POST", "/v1/jobs", body).refuses(want[0], want[1])
	}
	p := h.do("POST", "/v1/jobs", `{"assets":["nosuch","`+a+`"]}`).problem(http.StatusUnprocessableEntity)
	if len(p.Errors) != 1 || p.Errors[0].Value != "nosuch" {
		t.Errorf("the unknown id is not named: %+v", p)
	}
	if jobs := h.do("GET", "/v1/jobs", "").object()["jobs"].([]any); len(jobs) != 0 {
		t.Errorf("refused requests made %v", jobs)
	}
}

func TestReadAndListJobs(t *testing.T) {
	t.Parallel()
	h := start(t)
	for i := range 5 {
		h.create(fmt.Sprintf(`{"url":"http://site%d/"}`, i))
	}
	var made batchAnswer
	h.do("POST", "/v1/jobs", `{"all":true}`).want(http.StatusAccepted).into(&made)
	ids := h.pushedIDs()
	leased, err := h.store.Lease(t.Context(), ids[0], "test", time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	job := h.do("GET", "/v1/jobs/"+ids[0], "").want(http.StatusOK).object()
	if job["id"] != ids[0] || job["asset"] != leased.Asset.ID || job["batch"] != made.Batch || job["state"] != "leased" || job["executor"] != "test" {
		t.Errorf("job %v", job)
	}
	list := func(query string) (found []string) {
		t.Helper()
		cursor := ""
		for range 20 {
			var page struct {
				Jobs []struct{ ID, State string }
				Next string
			}
			h.do("GET", "/v1/jobs?limit=2&"+query+"&cursor="+cursor, "").want(http.StatusOK).into(&page)
			for _, j := range page.Jobs {
				found = append(found, j.ID+" "+j.State)
			}
			if cursor = page.Next; cursor == "" {
				slices.Sort(found)
				return found
			}
		}
		t.Fatal("the pages have no end")
		return nil
	}
	var queued []string
	for _, id := range ids[1:] {
		queued = append(queued, id+" queued")
	}
	slices.Sort(queued)
	all := append(slices.Clone(queued), ids[0]+" leased")
	slices.Sort(all)
	if got := list("state=queued"); !slices.Equal(got, queued) {
		t.Errorf("queued: %v, want %v", got, queued)
	}
	if got := list("state=leased"); !slices.Equal(got, []string{ids[0] + " leased"}) {
		t.Errorf("leased: %v", got)
	}
	if got := list(""); !slices.Equal(got, all) {
		t.Errorf("all: %v, want %v", got, all)
	}
	h.do("GET", "/v1/jobs?state=lost", "").refuses("query.state", "")
	h.do("GET", "/v1/jobs?cursor=nonsense", "").refuses("query.cursor", "cursor")
	h.do("GET", "/v1/jobs?state=queued&cursor=queued.nonsense", "").refuses("query.cursor", "cursor")
	h.do("GET", "/v1/jobs/nosuch", "").problem(http.StatusNotFound)
	h.do("GET", "/v1/batches/nosuch", "").problem(http.StatusNotFound)
}

func TestCancelBatch(t *testing.T) {
	t.Parallel()
	h := start(t)
	h.create(`{"url":"http://a/"}`)
	h.create(`{"url":"http://b/"}`)
	var made batchAnswer
	h.do("POST", "/v1/jobs", `{"all":true}`).want(http.StatusAccepted).into(&made)
	if _, err := h.store.Lease(t.Context(), h.pushedIDs()[0], "test", time.Minute); err != nil {
		t.Fatal(err)
	}
	for range 2 { // twice is the same as once
		b := h.do("POST", "/v1/batches/"+made.Batch+"/cancel", "").want(http.StatusOK).object()
		counts := b["counts"].(map[string]any)
		if b["state"] != "cancelled" || counts["cancelled"] != 1.0 || counts["leased"] != 1.0 || counts["queued"] != 0.0 {
			t.Errorf("cancelled: %v", b)
		}
	}
	h.do("POST", "/v1/batches/nosuch/cancel", "").problem(http.StatusNotFound)
	h.do("GET", "/v1/batches/"+made.Batch+"/cancel", "").problem(http.StatusMethodNotAllowed)
}
