package app

import (
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"webmon/roles/api/client"
)

func TestAssetAddAndList(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.run("asset", "list").printed(t, "No asset is watched yet", "webmon asset add")
	d.run("stats").printed(t, "0 assets", "webmon asset add")
	d.run("asset", "list", "-o", "json").printed(t, "[]\n")
	d.run("asset", "add", "http://A.example", "--name=Front", "--tag=x", "--tag=y", "--interval=2m", "--timeout=3s", "--disable",
		"--method=POST", "--header", "X-A: b", "--max-redirects=0", "--insecure-tls", "--set", "htmlstats.k=5").printed(t, "Front", "http://a.example/", "disabled", "x y")
	d.run("asset", "add", "http://b.example", "http://c.example", "-o", "yaml").printed(t, "- url: http://b.example/\n", "- url: http://c.example/\n")
	front := d.assets()[0]
	if string(front.Request) != `{"method":"POST","headers":{"X-A":"***"},"max_redirects":0,"insecure_tls":true}` || string(front.Plugins["htmlstats"]) != `{"k":5}` || front.Enabled || front.Timeout != "3s" {
		t.Errorf("%s", front.JSON)
	}

	bad := d.run("asset", "add", "http://d.example", "htp://e.example", "http://f.example")
	bad.exits(t, 2, "http://d.example/")
	if !strings.Contains(bad.stderr, "URL 2 of 3") || !strings.Contains(bad.stderr, "htp") || strings.Contains(bad.stdout, "f.example") {
		t.Errorf("stderr %s", bad.stderr)
	}
	d.run("asset", "add", "http://d.example", "--set", "nope.x=1").refused(t, `no plugin "nope"`)
	d.run("asset", "add").refused(t, "at least one URL")

	d.run("asset", "list", "--tag=x", "-q", "FRONT", "--verdict=unknown").printed(t, front.ID)
	d.run("asset", "list", "--tag=nope").printed(t, "No asset is like that")
	d.run("asset", "list", "--verdict=fine").refused(t, "verdict", "unknown")
	d.run("asset", "list", "--limit=2").printed(t, "more than these 2: --limit 20")
	if rows, err := csv.NewReader(strings.NewReader(d.run("asset", "list", "--limit=3", "-o", "csv").stdout)).ReadAll(); err != nil || len(rows) != 4 || rows[1][0] != front.ID || rows[1][3] != "x y" {
		t.Errorf("%q, %v", rows, err)
	}
	d.run("asset", "list", "--limit=-1").refused(t, "--limit")
	d.run("asset", "list", "-o", "xml").refused(t, "--output", "table, json, yaml, csv")
	webmon(t, nil, "asset", "list", "--server", "http://127.0.0.1:1").refused(t, "webmon all", "--server")
}

// An asset is meant by its id, its URL in any form, or its name, if no other has
// the same.
func TestAssetIsFound(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.run("asset", "add", "http://a.example/", "--name=One").printed(t)
	d.run("asset", "add", "http://a.example/b", "http://a.example/c", "--name=Two").printed(t)
	id := d.assets()[0].ID
	for _, meant := range []string{id, "One", "http://a.example/", "HTTP://A.example:80#x"} {
		d.run("asset", "show", meant).printed(t, id, "One")
	}
	d.run("asset", "show", "Two").refused(t, "2 assets", d.assets()[1].ID, d.assets()[2].ID)
	d.run("asset", "show", "one").refused(t, `"one"`, "webmon asset list")
	d.run("asset", "show", id[:10]).refused(t, "no asset has")
	d.run("asset", "show", "9m4e2mr0ui3e8a215n4g").refused(t, "there is no asset")
	d.run("results", "One").printed(t, "There is no result")
	d.run("stats", "One").printed(t, "0 checks", "availability unknown")
	d.run("asset", "decisions", "One").printed(t, "nothing was decided yet")
	d.run("asset", "show").refused(t, "id of one asset")

	d.run("asset", "rm", "One").refused(t, "--yes")
	d.run("asset", "rm", "-y", "One", "Three").refused(t, `"Three"`)                      // all or none
	d.run("asset", "rm", "-y", "One", "http://a.example/c", id).printed(t, "deleted "+id) // named twice, deleted once
	if left := d.assets(); len(left) != 1 || left[0].URL != "http://a.example/b" {
		t.Errorf("left: %+v", left)
	}
}

func TestAssetEditByFlags(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.run("asset", "add", "http://a.example/", "--name=A", "--tag=x", "--tag=y", "--set=htmlstats.k=5", "--set=htmlstats.profile=strict", "--set=timing.slow_after=2s", "--header=Accept-Language: de").printed(t)
	d.run("asset", "edit", "A", "--tag=z", "--remove-tag=x", "--interval=5m", "--disable", "--unset=htmlstats.k", "--unset=timing", "--set=htmlstats.profile=calm").printed(t, "y z", "disabled")
	a := d.assets()[0]
	if a.Interval != "5m" || a.Name != "A" || string(a.Request) != `{"headers":{"Accept-Language":"de"}}` || len(a.Plugins) != 1 || string(a.Plugins["htmlstats"]) != `{"profile":"calm"}` || a.Revision != 2 {
		t.Errorf("%s", a.JSON)
	}
	d.run("asset", "edit", "A", "--disable=false", "--name=", "--url=http://b.example").printed(t, "http://b.example/", "5m")
	d.run("asset", "edit", "http://b.example", "--remove-tag=nope").refused(t, `no tag "nope"`)
	d.run("asset", "edit", "http://b.example", "--unset=.k").refused(t, "--unset")
	d.run("asset", "edit", "http://b.example", "--timeout=1h").refused(t, "timeout", "10ms to 5m")
	d.run("asset", "edit", "http://b.example", "--from=x", "--name=x").refused(t, "--from")
	if a := d.assets()[0]; a.Revision != 3 || a.Name != "" {
		t.Errorf("%s", a.JSON)
	}
}

func TestAssetEditByText(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.run("asset", "add", "http://a.example/", "--name=A", "--tag=x", "--set=htmlstats.k=5").printed(t)
	same := d.file("same.yaml", "url: http://a.example/\nname: A\ntags: [x]\ninterval: 60s\ntimeout: 10s\nenabled: true\nrequest: {}\nplugins: {htmlstats: {k: 5}}\nassertions: []\nretention: {}\nalerts: {}\n")
	d.run("asset", "edit", "A", "--from", same).printed(t, "A")
	path := d.file("a.yaml", "url: http://a.example/\nname: B\ntags: [x, w]\ninterval: 2m\nrequest: {bearer_token: t}\n")
	d.run("asset", "edit", "A", "--from", path).exits(t, 2)                           // nobody to ask
	d.run("asset", "edit", "A").refused(t, "nobody is here", "--from FILE and --yes") // no editor opens
	changed := d.run("asset", "edit", "A", "--from", path, "--yes", "-o", "json")
	changed.exits(t, 0)
	if !strings.Contains(changed.stderr, "+name: B\n") {
		t.Errorf("the diff: %s", changed.stderr)
	}
	a := d.assets()[0]
	if a.Name != "B" || len(a.Tags) != 2 || a.Interval != "2m" || a.Timeout != "10s" || len(a.Plugins) != 0 || string(a.Request) != `{"bearer_token":"***"}` || a.Revision != 2 {
		t.Errorf("%s", a.JSON)
	}
	for content, want := range map[string]string{
		"": "empty", "- a": "not the YAML of an asset", "url: [": "not the YAML", "nme: x": "nme", "url: http://a.example/\ninterval: 5": "interval", "a: {1: 2}": "cannot have",
	} {
		r := d.run("asset", "edit", "B", "--yes", "--from", d.file("bad.yaml", content))
		if r.code != 2 || !strings.Contains(r.stderr, want) {
			t.Errorf("%q: %d, %s", content, r.code, r.stderr)
		}
	}
	if a := d.assets()[0]; a.Revision != 2 {
		t.Errorf("changed all the same: %s", a.JSON)
	}
}

func TestImportAndExport(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.run("asset", "import", d.file("a.csv", "url,name\nhttp://a.example/,A\nhttp://b.example/,B\n")).printed(t, "2 imported, 0 refused")
	d.run("asset", "import", d.file("b.txt", "http://c.example/\nhtp://d.example/\n")).exits(t, 1, "1 imported, 1 refused", "ROW", "htp://d.example/")
	d.run("asset", "import", d.file("c.txt", "htp://d.example/\n"), "-o", "csv").exits(t, 2, "row,url,error\n1,htp")
	d.run("asset", "import", d.file("d.txt", "htp://d.example/\n"), "-o", "json").exits(t, 2, `"imported": 0`)
	d.run("asset", "import", d.file("e.json", "[{]")).refused(t, "nothing was imported")
	d.run("asset", "import", d.file("x.xls", "")).refused(t, "--format", "csv, json, txt")
	d.run("asset", "import", filepath.Join(d.folder, "none.csv")).refused(t, "none.csv")

	all := d.run("asset", "export")
	all.printed(t, `"url":"http://a.example/"`)
	d.run("asset", "export", "--format=txt", "-q", "a.example").printed(t, "http://a.example/\n")
	d.run("asset", "export", "--format=xml").refused(t, "csv, json, txt")
	path := filepath.Join(d.folder, "all.json")
	d.run("asset", "export", "--file", path).printed(t)
	if written, err := os.ReadFile(path); err != nil || string(written) != all.stdout {
		t.Errorf("%s, %v", written, err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	d.run("asset", "import", path).printed(t, "3 imported")
	if n := len(d.assets()); n != 6 {
		t.Errorf("%d assets", n)
	}
	d.run("asset", "export", "--file", filepath.Join(d.folder, "none", "x")).refused(t, "--file")
}

func TestResultsAndStats(t *testing.T) {
	t.Parallel()
	server, id := serveHistory(t)
	environ := []string{"WEBMON_SERVER=" + server}
	list := webmon(t, environ, "results", "http://shop.example")
	list.printed(t, "TIME", "up", "down", "404 Not Found")
	if n := strings.Count(list.stdout, "\n"); n != 13 {
		t.Errorf("%d lines, want a head and 12", n)
	}
	var results []client.Result
	if err := json.Unmarshal([]byte(webmon(t, environ, "results", id, "-o", "json", "--limit=4").stdout), &results); err != nil || len(results) != 4 || results[0].Verdict != "down" || results[3].Verdict != "up" || len(results[3].Reports) == 0 {
		t.Errorf("%+v, %v", results, err)
	}
	webmon(t, environ, "results", id, "--since=1ms").printed(t, "There is no result")
	webmon(t, environ, "results", id, "--since=1d", "--to=2000-01-01T00:00:00Z").refused(t, "to", "before from")
	webmon(t, environ, "results", id, "--since=soon").refused(t, "--since")
	webmon(t, environ, "results", id, "--from=yesterday").refused(t, "--from", "2026-")
	webmon(t, environ, "results", id, "--from=2026-01-01T00:00:00Z", "--since=1h").refused(t, "--since and --from")

	webmon(t, environ, "stats", id, "--metric=availability.").printed(t, "12 checks", "availability 75.00 %", "availability.status_code", "MEDIAN")
	var stats map[string]any
	if err := yaml.Unmarshal([]byte(webmon(t, environ, "stats", id, "--window=1h", "-o", "yaml").stdout), &stats); err != nil || stats["checks"] != 12 {
		t.Errorf("%v, %v", stats["checks"], err)
	}
	if rows, err := csv.NewReader(strings.NewReader(webmon(t, environ, "stats", id, "--metric=availability.", "-o", "csv").stdout)).ReadAll(); err != nil || len(rows) < 2 || rows[0][0] != "metric" || !strings.HasPrefix(rows[1][0], "availability.") || rows[1][1] != "12" {
		t.Errorf("%q, %v", rows, err)
	}
	webmon(t, environ, "stats").printed(t, "1 asset, 0 open incidents, 12 checks", "down")
	webmon(t, environ, "stats", "-o", "json").printed(t, `"checks": 12`)
	webmon(t, environ, "stats", "--window=1h").refused(t, "one asset")
	webmon(t, environ, "asset", "show", id).printed(t, "down", "critical availability: The answer is 404")
	webmon(t, environ, "stats", id, "--window=x").refused(t, "window")
}
