package client_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"webmon/roles/api/client"
)

func TestPages(t *testing.T) {
	t.Parallel()
	var asked []string
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.URL.RawQuery)
		switch r.URL.Query().Get("cursor") {
		case "":
			_, _ = io.WriteString(w, `{"assets":[{"id":"1","later":true},{"id":"2"}],"next":"x"}`)
		case "x": // a page may be empty and have a next one
			_, _ = io.WriteString(w, `{"assets":[],"next":"y"}`)
		case "y":
			_, _ = io.WriteString(w, `{"assets":[{"id":"3"}],"next":"z"}`)
		default:
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	})
	var ids []string
	var failed error
	for a, err := range c.Assets(t.Context(), client.Filter{Tag: "a b", Verdict: "up", Text: "&"}) {
		if err != nil {
			failed = err
			continue
		}
		if ids = append(ids, a.ID); a.ID == "1" && string(a.JSON) != `{"id":"1","later":true}` {
			t.Errorf("the JSON of the asset: %s", a.JSON)
		}
	}
	if !slices.Equal(ids, []string{"1", "2", "3"}) || failed == nil {
		t.Errorf("got %v, %v", ids, failed)
	}
	if len(asked) != 4 || asked[0] != "limit=100&q=%26&tag=a+b&verdict=up" || asked[1] != "cursor=x&limit=1000&q=%26&tag=a+b&verdict=up" {
		t.Errorf("asked: %q", asked)
	}
	asked = nil
	for range c.Assets(t.Context(), client.Filter{}) {
		break
	}
	if len(asked) != 1 {
		t.Errorf("asked on after the first was enough: %q", asked)
	}
}

// Changes say which revision they are about.
func TestRevisions(t *testing.T) {
	t.Parallel()
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if r.Method == http.MethodDelete {
			if r.Header.Get("If-Match") != `"7"` {
				t.Errorf("delete: %v", r.Header)
			}
			w.WriteHeader(http.StatusNoContent)
			return
		}
		if len(r.Header.Values("If-Match")) != 0 || r.Header.Get("Content-Type") != "application/merge-patch+json" || string(body) != `{"name":null}` {
			t.Errorf("patch: %v %s", r.Header, body)
		}
		_, _ = io.WriteString(w, `{"id":"a"}`)
	})
	if err := c.DeleteAsset(t.Context(), "a", 7); err != nil {
		t.Error(err)
	}
	if a, err := c.PatchAsset(t.Context(), "a", 0, []byte(`{"name":null}`)); err != nil || a.ID != "a" {
		t.Errorf("%+v, %v", a, err)
	}
}

// Half an export is no export.
func TestExportCutOff(t *testing.T) {
	t.Parallel()
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.RawQuery != "format=csv&tag=x" {
			t.Errorf("asked for %s", r.URL.RawQuery)
		}
		_, _ = io.WriteString(w, "url\nhttp://a/\n")
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	})
	var out strings.Builder
	if err := c.Export(t.Context(), client.Filter{Tag: "x"}, "csv", &out); err == nil || !strings.Contains(err.Error(), "cut off") {
		t.Errorf("got %q, %v", &out, err)
	}
}

func TestResultsInTime(t *testing.T) {
	t.Parallel()
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if q := r.URL.Query(); r.URL.Path != "/below/v1/assets/a/results" || q.Get("from") != "2026-11-22T12:00:00.001Z" || q.Has("to") {
			t.Errorf("asked for %s", r.URL)
		}
		_, _ = io.WriteString(w, `{"results":[{"job":"j","reports":[{"plugin":"p","metrics":{"m":1},"findings":[{"severity":"critical","observed":"x"}]}]}]}`)
	})
	n := 0
	for r, err := range c.Results(t.Context(), "a", time.Date(2026, 11, 22, 13, 0, 0, 1e6, time.FixedZone("", 3600)), time.Time{}) {
		if n++; err != nil || r.Job != "j" || r.Reports[0].Metrics["m"] != 1 || fmt.Sprint(r.Reports[0].Findings[0].Severity) != "critical" {
			t.Errorf("%+v, %v", r, err)
		}
	}
	if n != 1 {
		t.Errorf("%d results", n)
	}
}

func TestImportRefused(t *testing.T) {
	t.Parallel()
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if string(body) != "rows" || r.Header.Get("Content-Type") != "text/csv" {
			w.WriteHeader(http.StatusUnsupportedMediaType)
			return
		}
		_, _ = io.WriteString(w, `{"imported":1,"refused":[{"row":2,"url":"u","error":"e"}]}`)
	})
	if done, err := c.Import(t.Context(), "text/csv", strings.NewReader("rows")); err != nil || done.Imported != 1 || done.Refused[0] != (client.RefusedRow{Row: 2, URL: "u", Error: "e"}) {
		t.Errorf("%+v, %v", done, err)
	}
	var problem *client.Problem
	if _, err := c.Import(t.Context(), "text/x", strings.NewReader("")); !errors.As(err, &problem) || problem.Status != 415 {
		t.Errorf("%v", err)
	}
}
