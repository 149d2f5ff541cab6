package api_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"webmon/plugins"
	"webmon/roles/api"
	"webmon/roles/api/dashboard"
	"webmon/store"
)

// TestHostilePages shows what pages and people may have written to hurt who
// looks at it.
func TestHostilePages(t *testing.T) {
	t.Parallel()
	h := start(t, func(o *api.Options) {
		o.Public = dashboard.Public{Tags: []string{`"><b>`}, Title: "Status", URLs: true, Reasons: true}
	})
	attacks := []string{
		`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `' onmouseover='alert(1)`, `</title><svg/onload=alert(1)>`,
		"\u202egnp.exe", "{{.Who}}", `javascript:alert(1)`, `--></script><script>alert(1)</script>`, "a\x00b\x1b[31m",
	}
	var ids []string
	for i, attack := range attacks {
		name := strings.Map(func(r rune) rune {
			if r < ' ' {
				return -1
			}
			return r
		}, attack)
		id := h.create(fmt.Sprintf(`{"url":%q,"name":%q,"tags":["\"><b>"]}`, "http://a.example/?q="+url.QueryEscape(attack)+"&x='><script>alert(1)</script>", name))
		ids = append(ids, id)
		at := time.Now().UTC().Add(-time.Minute)
		for j := range 3 {
			h.check(id, store.Result{At: at.Add(time.Duration(j) * time.Second), Verdict: plugins.Changed, Changed: true, Reports: []plugins.Report{
				{Plugin: "content", Facts: map[string]string{"diff": "+ " + attack + "\n- " + attack, "title": attack, attack: attack}, Error: attack},
				{Plugin: "htmlstats", Metrics: []plugins.Metric{{Name: "page_bytes", Value: float64(i)}, {Name: "tag_" + attack + "_count", Value: float64(j)}}, Findings: []plugins.Finding{
					{Severity: plugins.Critical, Code: "a", Message: attack, Metric: attack, Observed: plugins.Text(attack), Expected: plugins.Text(attack), Verdict: plugins.Changed, Evidence: []string{attack}},
				}},
			}})
		}
		h.do("POST", "/v1/assets/"+id+"/never", fmt.Sprintf(`{"note":%q,"by":%q}`, name, name)).want(http.StatusAccepted)
	}
	b := h.browser()
	paths := []string{"/", "/?q=" + url.QueryEscape(attacks[0]) + "&tag=" + url.QueryEscape(attacks[1]), "/incidents", "/incidents?tag=" + url.QueryEscape(attacks[1]), "/status"}
	for _, id := range ids {
		paths = append(paths, "/assets/"+id, "/assets/"+id+"/edit", "/assets/"+id+"/delete", "/assets/"+id+"/metrics")
		results := b.get("/assets/" + id + "/results").want(http.StatusOK)
		paths = append(paths, results.path, attribute(results.all(".results a")[0], "href"))
	}
	for _, path := range paths {
		p := b.get(path).want(http.StatusOK) // with all that browser.check looks for
		for selector, most := range map[string]int{"script": 1, "img:not([loading])": 0, "b b": 0, "svg[onload]": 0} {
			if n := len(p.all(selector)); n > most {
				t.Errorf("%s: %d × %s", path, n, selector)
			}
		}
		for _, node := range p.all("a[href], form[action], [formaction]") {
			for _, name := range []string{"href", "action", "formaction"} {
				if link := attribute(node, name); link != "" && !strings.HasPrefix(link, "/") && !strings.HasPrefix(link, "#") && !strings.HasPrefix(link, "http://a.example/") {
					t.Errorf("%s: a link to %s", path, link)
				}
			}
		}
	}
}
