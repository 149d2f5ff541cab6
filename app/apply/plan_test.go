package apply_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"webmon/app/apply"
	"webmon/roles/api/client"
)

func text(v any) string { return fmt.Sprint(v) }

// asset is one as the API gives it, with what is written and otherwise the
// defaults.
func asset(t *testing.T, id, url, name, more string) client.Asset {
	t.Helper()
	var a client.Asset
	whole := fmt.Sprintf(`{"id":%q,"url":%q,"name":%q,"tags":["managed:s"],"interval":"60s","timeout":"10s","enabled":true,
		"request":{},"plugins":{},"assertions":[],"retention":{},"alerts":{},"revision":3,"verdict":"up"%s}`, id, url, name, more)
	if err := json.Unmarshal([]byte(whole), &a); err != nil {
		t.Fatal(err)
	}
	return a
}

func plan(t *testing.T, prune bool, assets string, current ...client.Asset) (string, *apply.Plan) {
	t.Helper()
	file, err := apply.Read("f", []byte("set: s\nassets:\n"+assets))
	if err != nil {
		t.Fatal(err)
	}
	p, err := apply.Make(file, current, prune)
	if err != nil {
		t.Fatal(err)
	}
	steps := []string{fmt.Sprint(p.Same)}
	for _, s := range p.Steps {
		steps = append(steps, fmt.Sprintf("%s %s%v", s.Action, s.ID, s.Changes))
	}
	return strings.Join(steps, ", "), p
}

func TestPlan(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		assets  string
		prune   bool
		current []client.Asset
		want    string
	}{
		"new":                 {"- url: http://x/", false, nil, "0, add []"},
		"as it should be":     {"- url: http://x/", true, []client.Asset{asset(t, "a", "http://x/", "", "")}, "1"},
		"changed":             {"- {url: 'http://x/', interval: 5m}", false, []client.Asset{asset(t, "a", "http://x/", "", "")}, "0, change a[{interval 60s 5m}]"},
		"back to the default": {"- {url: 'http://x/'}", false, []client.Asset{asset(t, "a", "http://x/", "", `,"plugins":{"p":{"k":5}}`)}, "0, change a[{plugins.p.k 5 <nil>}]"},
		"assertions": {"- {url: 'http://x/', assertions: [status == 200, {expr: body_bytes > 9, severity: info}, {expr: ' redirects == 0 ', verdict: changed}]}", true, []client.Asset{asset(t, "a", "http://x/", "",
			`,"assertions":[{"expr":"status == 200","severity":"critical","verdict":"down"},{"expr":"body_bytes > 9","severity":"info"},{"expr":"redirects == 0","severity":"critical","verdict":"changed"}]`)}, "1"},
		"no assertions any more": {"- {url: 'http://x/'}", true, []client.Asset{asset(t, "a", "http://x/", "", `,"assertions":[{"expr":"a","severity":"info"}]`)}, "0, change a[{assertions [map[expr:a severity:info]] []}]"},
		"a new URL":              {"- {url: 'http://y/', name: n}", true, []client.Asset{asset(t, "a", "http://x/", "n", "")}, "0, change a[{url http://x/ http://y/}]"},
		"a new name":             {"- {url: 'http://x/', name: new}", true, []client.Asset{asset(t, "a", "http://x/", "old", "")}, "0, change a[{name old new}]"},
		"a first name":           {"- {url: 'http://x/', name: new}", true, []client.Asset{asset(t, "a", "http://x/", "", "")}, "0, change a[{name  new}]"},
		"two names of one URL":   {"- {url: 'http://x/', name: b}\n- {url: 'http://x/', name: a}", true, []client.Asset{asset(t, "1", "http://x/", "a", ""), asset(t, "2", "http://x/", "b", "")}, "2"},
		"two new of one URL":     {"- {url: 'http://x/', name: b}\n- {url: 'http://x/', name: c}", true, []client.Asset{asset(t, "1", "http://x/", "a", "")}, "0, add [], add [], remove 1[]"},
		"kept without prune":     {"- url: http://x/", false, []client.Asset{asset(t, "a", "http://y/", "", "")}, "0, add [], keep a[]"},
		"removed":                {"- url: http://x/", true, []client.Asset{asset(t, "a", "http://y/", "", "")}, "0, add [], remove a[]"},
		"a double of an apply":   {"- url: http://x/", true, []client.Asset{asset(t, "a", "http://x/", "", ""), asset(t, "b", "http://x/", "", "")}, "1, remove b[]"},
		"secrets are not shown":  {"- {url: 'http://x/', request: {bearer_token: b, headers: {Cookie: c}}}", false, []client.Asset{asset(t, "a", "http://x/", "", `,"request":{"bearer_token":"a"}`)}, "0, change a[{request.bearer_token *** ***} {request.headers.Cookie <nil> ***}]"},
		"masked by the API":      {"- {url: 'http://x/', request: {bearer_token: b}}", false, []client.Asset{asset(t, "a", "http://x/", "", `,"request":{"bearer_token":"***"}`)}, "1"},
		"masked and taken out":   {"- {url: 'http://x/'}", false, []client.Asset{asset(t, "a", "http://x/", "", `,"request":{"bearer_token":"***"}`)}, "0, change a[{request.bearer_token *** <nil>}]"},
		"unknown properties":     {"- url: http://x/", false, []client.Asset{asset(t, "a", "http://x/", "", `,"later":{"x":1}`)}, "1"},
		"number is number":       {"- {url: 'http://x/', plugins: {p: {k: 5.0}}}", false, []client.Asset{asset(t, "a", "http://x/", "", `,"plugins":{"p":{"k":5}}`)}, "1"},
	} {
		if got, _ := plan(t, test.prune, test.assets, test.current...); got != test.want {
			t.Errorf("%s: %s, want %s", name, got, test.want)
		}
	}
}

// A patch holds what changes and nothing else, so that it leaves alone what the
// file cannot say.
func TestPatch(t *testing.T) {
	t.Parallel()
	_, p := plan(t, false, "- {url: 'http://x/', request: {method: GET}}", asset(t, "a", "http://x/", "", `,"later":1,"request":{"user_agent":"u"},"plugins":{"p":{"k":1}}`))
	var patch map[string]any
	if err := json.Unmarshal(p.Steps[0].Body, &patch); err != nil {
		t.Fatal(err)
	}
	if text(patch) != "map[plugins:map[p:<nil>] request:map[method:GET user_agent:<nil>]]" || p.Steps[0].Revision != 3 || !p.Changes() {
		t.Errorf("patch %s of %+v", p.Steps[0].Body, p.Steps[0])
	}
}
