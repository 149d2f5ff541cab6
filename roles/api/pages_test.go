package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"webmon/plugins"
	"webmon/store"
)

// lived makes an asset with some history: it was good, and is changed now.
func (h *harness) lived(name string, tags ...string) string {
	h.t.Helper()
	id := h.create(fmt.Sprintf(`{"url":"http://a.example/%s","name":%q,"tags":["%s"],"interval":"1m"}`, name, name, strings.Join(tags, `","`)))
	at := time.Now().UTC().Truncate(time.Second).Add(-30 * time.Minute)
	for i := range 30 {
		r := store.Result{At: at.Add(time.Duration(i) * time.Minute), Verdict: plugins.Up, Reports: []plugins.Report{
			{Plugin: "availability", Metrics: []plugins.Metric{{Name: "status_code", Value: 200}}},
			{Plugin: "htmlstats", Metrics: []plugins.Metric{{Name: "page_bytes", Value: 6000}, {Name: "tag_div_count", Value: 40}}},
			{Plugin: "timing", Metrics: []plugins.Metric{{Name: "connect_seconds", Value: 0.05}, {Name: "first_byte_seconds", Value: 0.1}, {Name: "total_seconds", Value: 0.2}}},
		}}
		if i >= 28 {
			r.Verdict, r.Changed = plugins.Changed, true
			r.Reports[1].Metrics = []plugins.Metric{{Name: "page_bytes", Value: 558}, {Name: "tag_div_count", Value: 3}}
			r.Reports[1].Findings = []plugins.Finding{
				{Severity: plugins.Critical, Code: "unusual_value", Message: "558 bytes, 9 % of the usual 6000 ± 100.", Metric: "page_bytes", Observed: plugins.Number(558), Expected: plugins.Number(6000), StdDev: 100, ZScore: -54.4, Verdict: plugins.Changed, Points: 1},
				{Severity: plugins.Critical, Code: "new_script_host", Message: "Scripts from evil.example, a host this page has never used.", Metric: "scripts_count", Observed: plugins.Text("evil.example"), Verdict: plugins.Changed, Evidence: []string{"evil.example"}, Points: 3},
				{Severity: plugins.Info, Code: "title", Message: "The title is another.", Observed: plugins.Text("T")},
			}
		}
		if i == 28 {
			r.Reports = append(r.Reports, plugins.Report{Plugin: "content", Facts: map[string]string{"diff": "  Home\n- Fresh bread\n+ Hacked by X"}, Findings: []plugins.Finding{
				{Severity: plugins.Info, Code: "content_changed", Message: "1 line added, 1 removed.", Evidence: []string{"- Fresh bread", "+ Hacked by X", "+ Greetz to all"}},
			}})
		}
		h.check(id, r)
	}
	return id
}

func TestPages(t *testing.T) {
	t.Parallel()
	h := start(t)
	b := h.browser()
	b.get("/").want(http.StatusOK).says("Nothing is watched yet")
	id := h.lived("Bakery", "shop")
	h.create(`{"url":"http://b.example/","enabled":false}`)
	batch, _ := h.do("POST", "/v1/jobs", `{"tag":"shop"}`).want(http.StatusAccepted).object()["batch"].(string)
	for path, says := range map[string]string{
		"/":                                "Needs attention",
		"/?verdict=changed&tag=shop&q=bak": "Assets that match",
		"/?q=nothing":                      "No asset matches.",
		"/assets/new":                      "Add and check",
		"/assets/" + id:                    "And 1 more finding.",
		"/assets/" + id + "/results":       "evil.example",
		"/assets/" + id + "/metrics":       "tag_div_count",
		"/assets/" + id + "/edit":          "Everything else, as JSON",
		"/assets/" + id + "/delete":        "cannot be undone",
		"/import":                          "Paste a list",
		"/incidents":                       "Scripts from evil.example",
		"/incidents?state=closed":          "No incident matches",
		"/batches":                         "0 %",
		"/batches/" + batch:                "0 of 1 check ended",
		"/processes":                       "No executor is alive",
		"/plugins":                         "htmlstats",
	} {
		b.get(path).want(http.StatusOK).says(says)
	}
	for _, path := range []string{"/assets/nothing", "/assets/" + id + "/nothing", "/assets/" + id + "/results/1", "/assets/" + id + "/results/x", "/batches/x", "/incidents/x"} {
		b.get(path).want(http.StatusNotFound).says("Back to the overview")
	}
	b.get("/?cursor=nonsense").want(http.StatusUnprocessableEntity)
	b.get("/?verdict=nonsense").want(http.StatusUnprocessableEntity)
	b.get("/login").want(http.StatusOK).says("All assets") // nobody needs to log in
}

func TestPagesWithoutRedis(t *testing.T) {
	t.Parallel()
	b := startAway(t).browser()
	b.get("/").want(http.StatusServiceUnavailable).says("Redis does not answer: try again soon.")
	b.post("/assets", one("url", "http://a/")).want(http.StatusServiceUnavailable).says("Redis does not answer")
}

func TestPageOfAnAsset(t *testing.T) {
	t.Parallel()
	h := start(t)
	id := h.lived("Bakery", "shop")
	p := h.browser().get("/assets/" + id).want(http.StatusOK)
	p.says("changed for", "Scripts from evil.example", "And 1 more finding.", "54 σ below what is usual", "evil.example",
		"1 note besides", "What changed since the last good check", "removed: Fresh bread", "added: Hacked by X", "added: Greetz to all",
		"<div> 40 3 −37", "page, bytes 6000 558 −5442", "100 %", "30 checks", "connection 50 ms", "waiting 100 ms", "the rest 50 ms", "an incident is open")
	for _, name := range []string{"htmlstats.page_bytes", "timing.total_seconds"} {
		if len(p.all(`.charts img[alt^="`+name+`"]`)) != 1 {
			t.Errorf("no chart of %s", name)
		}
	}
	for _, node := range p.all(".charts img, .charts source") {
		address := attribute(node, "src") + attribute(node, "srcset")
		h.do("GET", address, "").svg()
	}
	if n := len(h.browser().get("/assets/" + id + "?metric=htmlstats.tag_div_count&window=7d").all(`.charts img[src*="tag_div_count"][src*="window=7d"]`)); n != 1 {
		t.Errorf("%d charts of the metric that was asked for", n)
	}
	// It was made just now: its charts begin then, until somebody wants to see more.
	const begin = "The charts begin when this asset was made"
	if n, all := len(p.says(begin).all(`.charts img[src*="window=1m#"]`)), len(p.all(".charts img")); n != all {
		t.Errorf("%d of %d charts are of the minute that the asset is old", n, all)
	}
	h.browser().get("/assets/" + id + "?window=24h").hides(begin)
	for query, want := range map[string]string{"": "?metric=htmlstats.page_bytes#charts", "?window=7d": "?metric=htmlstats.page_bytes&window=7d#charts"} {
		if n := len(h.browser().get("/assets/" + id + "/metrics" + query).all(`a[href$="` + want + `"]`)); n != 1 {
			t.Errorf("metrics%s: %d links to %s", query, n, want)
		}
	}
	// From the list of results to a result.
	link := attribute(h.browser().get("/assets/" + id + "/results").all(".results a")[1], "href")
	h.browser().get(link).want(http.StatusOK).says("What was found", "Hacked by X", "page_bytes 558")
}

func TestPagesOfALongList(t *testing.T) {
	t.Parallel()
	h := start(t)
	var rows strings.Builder
	for i := range 120 {
		fmt.Fprintf(&rows, "http://a.example/%d\n", i)
	}
	h.do("POST", "/v1/assets/import", rows.String(), "Content-Type: text/plain").want(http.StatusOK)
	b := h.browser()
	seen := map[string]bool{}
	first := b.get("/?q=a.example")
	p := first
	for n := range 3 {
		for _, node := range p.all(".assets .main") {
			seen[attribute(node, "href")] = true
		}
		next := p.all("a[rel=next]")
		if n == 2 != (len(next) == 0) {
			t.Fatalf("page %d has %d next ones", n, len(next))
		}
		if n < 2 {
			p = b.get(attribute(next[0], "href"))
		}
	}
	if len(seen) != 120 {
		t.Errorf("saw %d assets of 120", len(seen))
	}
	// And all the way back.
	p = b.get(attribute(p.all("a[rel=prev]")[0], "href"))
	if len(p.all("a[rel=next]")) != 1 || len(p.all(".assets .main")) != 50 {
		t.Error("the second page is not what it was")
	}
	p = b.get(attribute(p.all("a[rel=prev]")[0], "href"))
	if p.path != first.path || len(p.all("a[rel=prev]")) != 0 {
		t.Errorf("the way back ends at %s", p.path)
	}
}

func TestStaticFiles(t *testing.T) {
	t.Parallel()
	h := start(t)
	p := h.browser().get("/")
	for selector, kind := range map[string]string{"link[rel=stylesheet]": "text/css; charset=utf-8", "script": "text/javascript; charset=utf-8", "link[rel=icon]": "image/svg+xml"} {
		node := p.all(selector)[0]
		path := attribute(node, "href") + attribute(node, "src")
		a := h.do("GET", path, "").want(http.StatusOK)
		if a.header.Get("Content-Type") != kind || !strings.Contains(a.header.Get("Cache-Control"), "immutable") || len(a.body) == 0 {
			t.Errorf("%s: %v", path, a.header)
		}
		parts := strings.Split(path, "/")
		old := h.do("GET", "/static/old/"+parts[3], "").want(http.StatusOK)
		if old.header.Get("Cache-Control") != "no-cache" {
			t.Errorf("a file of another version is kept: %v", old.header)
		}
	}
	h.do("GET", "/static/x/../../pages.go", "").want(http.StatusNotFound)
	h.do("GET", "/static/x/nothing.css", "").want(http.StatusNotFound)
}
