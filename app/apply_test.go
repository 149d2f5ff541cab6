package app

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"webmon/app/apply"
	"webmon/roles/api/client"
	"webmon/store"
	"webmon/store/token"
)

// desk is a user of a running API.
type desk struct {
	t      *testing.T
	server string
	store  *store.Store
	folder string
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	server, s := serveAPI(t)
	return &desk{t, server, s, t.TempDir()}
}

func (d *desk) run(args ...string) ran {
	d.t.Helper()
	return webmon(d.t, []string{"WEBMON_SERVER=" + d.server}, args...)
}

// file writes a file and gives its path.
func (d *desk) file(name, content string) string {
	d.t.Helper()
	path := filepath.Join(d.folder, name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		d.t.Fatal(err)
	}
	return path
}

// exits checks the exit code and that stdout has all of parts.
func (r ran) exits(t *testing.T, code int, parts ...string) {
	t.Helper()
	if r.code != code {
		t.Errorf("exit code %d, want %d; stdout %s\nstderr %s", r.code, code, r.stdout, r.stderr)
	}
	for _, part := range parts {
		if !strings.Contains(r.stdout, part) {
			t.Errorf("stdout does not say %q:\n%s", part, r.stdout)
		}
	}
}

// assets lists all assets as the API has them.
func (d *desk) assets() []client.Asset {
	d.t.Helper()
	var assets []client.Asset
	if err := json.Unmarshal([]byte(d.run("asset", "list", "-o", "json").stdout), &assets); err != nil {
		d.t.Fatal(err)
	}
	return assets
}

func TestApply(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.run("asset", "add", "http://shop.example/", "--tag=prod").printed(t)
	path := d.file("shop.yaml", `
set: shop
defaults: {tags: [prod], interval: 5m}
assets:
  - url: http://shop.example/
  - url: http://shop.example/basket
    name: Basket
    request: {method: post, headers: {X-Key: secret}, basic_auth: {username: ada, password: secret}, max_redirects: 0}
    plugins: {htmlstats: {profile: strict, k: 5}}
    retention: {count: 10, age: 48h}
`)
	d.run("apply", "-f", path, "--dry-run").exits(t, 3, "+ http://shop.example/\n", "2 to add, 0 to change, 0 to remove")
	d.run("apply", "-f", path).exits(t, 2)
	if n := len(d.assets()); n != 1 {
		t.Fatalf("%d assets after a plan", n)
	}
	d.run("apply", "-f", path, "--yes").printed(t, "2 added, 0 changed, 0 removed")
	d.run("apply", "-f", path).printed(t, "0 to add, 0 to change, 0 to remove, 2 as they should be")
	d.run("apply", "-f", path, "--prune", "--dry-run").printed(t) // the asset that was there before is none of its own

	d.run("asset", "edit", "Basket", "--interval=1h", "--tag=mine").printed(t)
	again := d.run("apply", "-f", path, "--dry-run")
	again.exits(t, 3, "~ Basket", `interval: "1h" → "5m"`, "tags: ", "0 to add, 1 to change")
	d.run("apply", "-f", path, "-y").printed(t, "0 added, 1 changed, 0 removed")

	less := d.file("less.yaml", "set: shop\nassets: []\n")
	d.run("apply", "-f", less).printed(t, "= Basket", "--prune", "0 to remove")
	d.run("apply", "-f", less, "--prune", "--dry-run", "-o", "csv").exits(t, 3, "remove,,")
	d.run("apply", "-f", less, "--prune", "-y").printed(t, "0 added, 0 changed, 2 removed")
	if left := d.assets(); len(left) != 1 || fmt.Sprint(left[0].Tags) != "[prod]" {
		t.Errorf("left: %+v", left)
	}
}

// What the API refuses is named by its line, and the rest is done.
func TestApplyRefused(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	path := d.file("f.yaml", "set: s\nassets:\n- {url: 'http://a/', plugins: {nope: {}}}\n- url: http://b/\n")
	got := d.run("apply", "-f", path, "-y")
	got.exits(t, 2, "1 added")
	if !strings.Contains(got.stderr, path+":3: http://a/: ") || !strings.Contains(got.stderr, `no plugin "nope"`) || !strings.Contains(got.stderr, "1 of the changes") {
		t.Errorf("stderr: %s", got.stderr)
	}
	d.run("apply", "-f", filepath.Join(d.folder, "none.yaml")).refused(t, "-f", "none.yaml")
	d.run("apply").refused(t, "give a file with -f")
}

// A change that somebody made after the plan is not overwritten.
func TestApplyIsConditional(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	content := "set: s\nassets:\n- {url: 'http://a/', interval: %s}\n- {url: 'http://b/', interval: %[1]s}\n- url: http://c/\n"
	d.run("apply", "-y", "-f", d.file("f.yaml", fmt.Sprintf(content, "1m"))).printed(t)
	file, err := apply.Read("f", []byte(strings.Replace(fmt.Sprintf(content, "2m"), "- url: http://c/\n", "", 1)))
	if err != nil {
		t.Fatal(err)
	}
	plan, err := apply.Make(file, d.assets(), true)
	if err != nil || plan.Count(apply.Change) != 2 || plan.Count(apply.Remove) != 1 {
		t.Fatalf("%+v, %v", plan, err)
	}
	d.run("asset", "edit", "http://a/", "--name=Mine").printed(t)
	d.run("asset", "edit", "http://c/", "--name=Too").printed(t)
	api, err := client.New(d.server, "")
	if err != nil {
		t.Fatal(err)
	}
	done, err := plan.Do(t.Context(), api)
	refused, ok := err.(apply.Refused)
	if !ok || len(refused) != 2 || done[apply.Change] != 1 || done[apply.Remove] != 0 {
		t.Fatalf("done %v, %v", done, err)
	}
	for _, one := range refused {
		if text := explain(t.Context(), one.Err).Error(); !strings.Contains(text, "changed by somebody else") {
			t.Errorf("%s: %s", one.Step.URL, text)
		}
	}
	got := map[string]string{}
	for _, a := range d.assets() {
		got[a.URL] = a.Name + " " + a.Interval
	}
	if fmt.Sprint(got) != "map[http://a/:Mine 60s http://b/: 2m http://c/:Too 60s]" {
		t.Errorf("assets: %v", got)
	}
}

// More than an import takes at once, and more than a page of a list.
func TestApplyMany(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	const n = 2500
	var content strings.Builder
	content.WriteString("set: many\nassets:\n")
	for i := range n {
		fmt.Fprintf(&content, "- url: http://host.example/%d\n", i)
	}
	path := d.file("many.yaml", content.String())
	d.run("apply", "-y", "-f", path).printed(t, "2500 added")
	d.run("apply", "-f", path).printed(t, "0 to add, 0 to change, 0 to remove, 2500 as they should be")
	d.run("apply", "-y", "--prune", "-f", d.file("none.yaml", "set: many\n")).printed(t, "2500 removed")
	if n := len(d.assets()); n != 0 {
		t.Errorf("%d are left", n)
	}
}

// Secrets that the API masks are compared as they are by who may see them; who
// may not cannot add an asset twice.
func TestApplySecrets(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	const content = "set: s\nassets:\n- {url: 'http://a.example/?token=secret-1', request: {bearer_token: %s}}\n"
	d.run("apply", "--yes", "-f", d.file("a.yaml", fmt.Sprintf(content, "one"))).exits(t, 0, "1 added")
	d.run("apply", "--yes", "-f", d.file("a.yaml", fmt.Sprintf(content, "one"))).exits(t, 0, "1 as they should be")
	d.run("apply", "--yes", "-f", d.file("b.yaml", fmt.Sprintf(content, "two"))).exits(t, 0, "1 changed")

	made, _, err := d.store.CreateToken(t.Context(), "deploy", token.Write, 0)
	if err != nil {
		t.Fatal(err)
	}
	// The API may not know of the token yet: then it is as before, and adds nothing.
	deadline := time.Now().Add(time.Minute)
	for {
		got := webmon(t, []string{"WEBMON_SERVER=" + d.server, "WEBMON_TOKEN=" + made.Reveal()}, "apply", "--yes", "-f", d.file("a.yaml", fmt.Sprintf(content, "one")))
		if got.code == 2 && strings.Contains(got.stderr, "give the asset a name") {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("exit code %d: %s", got.code, got.stderr)
		}
	}
	if page, err := d.store.Assets(t.Context(), store.AssetQuery{Limit: 10}); err != nil || len(page.Assets) != 1 {
		t.Errorf("%+v, %v", page.Assets, err)
	}
}
