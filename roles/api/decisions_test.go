package api_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"webmon/plugins"
	"webmon/plugins/builtin"
	"webmon/roles/api"
	"webmon/store"
)

// decider is an API with all plugins and one asset.
type decider struct {
	*harness
	suite *plugins.Suite
	id    string
	at    time.Time
}

func startDecider(t *testing.T) *decider {
	t.Helper()
	registry := builtin.Registry()
	suite, err := registry.Suite(nil)
	if err != nil {
		t.Fatal(err)
	}
	h := start(t, func(o *api.Options) { o.Plugins = registry })
	return &decider{harness: h, suite: suite, id: h.create(`{"url":"http://site.example/"}`), at: time.Now().UTC().Truncate(time.Millisecond).Add(-20 * time.Hour)}
}

// check checks the asset as an executor does, and gives the verdict and what
// alarms.
func (d *decider) check(status int, body string) (verdict plugins.Verdict, found []plugins.Target) {
	d.t.Helper()
	d.at = d.at.Add(30 * time.Minute)
	page := &plugins.Page{
		URL: "http://site.example/", Status: status, Header: http.Header{"Content-Type": {"text/html"}}, Body: []byte(body), At: d.at,
	}
	_, _, err := d.store.Enqueue(d.t.Context(), store.Selection{Assets: []string{d.id}}, func(jobs []string) {
		l, err := d.store.Lease(d.t.Context(), jobs[0], "test", time.Minute)
		if err != nil {
			d.t.Fatal(err)
		}
		seen := d.suite.Inspect(d.t.Context(), page, l.Memory)
		verdict, found = seen.Verdict, plugins.Find(seen.Reports, plugins.Target{})
		result := store.Result{Job: l.Job, At: page.At, Verdict: seen.Verdict, Changed: seen.Changed, Reports: seen.Reports}
		if err := d.store.Finish(d.t.Context(), l, store.Outcome{Memory: seen.Memory, Result: result}); err != nil {
			d.t.Fatal(err)
		}
	})
	if err != nil {
		d.t.Fatal(err)
	}
	return verdict, found
}

// learn checks a page until it is known.
func (d *decider) learn(body string) {
	d.t.Helper()
	for range 5 {
		if verdict, found := d.check(200, body); verdict != plugins.Up {
			d.t.Fatalf("%s while learning: %v", verdict, found)
		}
	}
}

func (d *decider) path(action string) string { return "/v1/assets/" + d.id + "/" + action }

type decisionAnswer struct {
	Decision struct {
		At                     time.Time
		Action, By, Note       string
		Plugin, Code, Evidence string
		Found                  []struct{ Plugin, Code, Evidence string }
		Restored               []string
	}
	Job, Batch string
}

const (
	bakery = "<!doctype html><html><head><title>Bakery</title></head><body><h1>Fresh bread</h1><p>Open from 7 to 18, every day but Sunday.</p></body></html>"
	evil   = "<script src=//evil.example/x.js></script>"
	worse  = "<script src=//worse.example/y.js></script>"
)

func TestAccept(t *testing.T) {
	t.Parallel()
	for body, want := range map[string][]string{ // which plugins alarm at the next check
		"":                        nil,
		"{}":                      nil,
		`{"plugin":"thirdparty"}`: {"htmlstats"},
		`{"plugin":"htmlstats"}`:  {"thirdparty"},
		`{"plugin":"thirdparty","code":"new_script_site"}`: {"htmlstats"},
		`{"evidence":"evil.example"}`:                      nil,
	} {
		d := startDecider(t)
		d.learn(bakery)
		if verdict, _ := d.check(200, bakery+evil); verdict != plugins.Changed {
			t.Fatalf("the script makes it %s", verdict)
		}
		pushed, snapshots := len(d.pushedIDs()), d.snapshotCount()
		r := d.do("POST", d.path("accept"), body).want(http.StatusAccepted)
		var got decisionAnswer
		r.into(&got)
		if got.Decision.Action != "accept" || got.Decision.By != "api" || got.Decision.At.IsZero() || len(got.Decision.Found) == 0 {
			t.Errorf("%s: %s", body, r.body)
		}
		if r.header.Get("Location") != "/v1/batches/"+got.Batch || !slices.Equal(d.pushedIDs()[pushed:], []string{got.Job}) || d.snapshotCount() != snapshots+1 {
			t.Errorf("%s: no check or no snapshot was asked for: %s", body, r.body)
		}
		_, found := d.check(200, bakery+evil)
		var alarm []string
		for _, target := range found {
			alarm = append(alarm, target.Plugin)
		}
		slices.Sort(alarm)
		if alarm = slices.Compact(alarm); !slices.Equal(alarm, want) {
			t.Errorf("%s: %v alarm, want %v", body, alarm, want)
		}
		if verdict, _ := d.check(200, bakery+evil+worse); verdict != plugins.Changed {
			t.Errorf("%s: another script makes it %s", body, verdict)
		}
	}
}

func TestAcceptInAdvance(t *testing.T) {
	t.Parallel()
	d := startDecider(t)
	d.learn(bakery)
	for plugin, code := range map[string]string{"htmlstats": "new_script_host", "thirdparty": "new_script_site"} {
		body := fmt.Sprintf(`{"plugin":%q,"code":%q,"evidence":"evil.example"}`, plugin, code)
		d.do("POST", d.path("accept"), body).want(http.StatusAccepted)
		if p := d.do("POST", d.path("accept"), body).problem(http.StatusConflict); !strings.Contains(p.Detail, "already") {
			t.Errorf("once more: %s", p.Detail)
		}
	}
	if verdict, found := d.check(200, bakery+evil); verdict != plugins.Up {
		t.Errorf("%s: %v", verdict, found)
	}
	if verdict, _ := d.check(200, bakery+worse); verdict != plugins.Changed {
		t.Errorf("another one is %s", verdict)
	}
}

func TestNever(t *testing.T) {
	t.Parallel()
	other := strings.NewReplacer("Bakery", "Butcher", "Fresh bread", "Fresh meat").Replace(bakery)
	for name, adopted := range map[string]bool{"at once": false, "after it was adopted": true} {
		d := startDecider(t)
		d.learn(bakery)
		if verdict, _ := d.check(200, other); verdict != plugins.Changed {
			t.Fatalf("the title makes it %s", verdict)
		}
		if adopted {
			for range 5 {
				d.check(200, other)
			}
			if verdict, found := d.check(200, other); verdict != plugins.Up {
				t.Fatalf("it is not adopted, but %s: %v", verdict, found)
			}
		}
		var got decisionAnswer
		d.do("POST", d.path("never"), `{"code":"new_title","by":"ada","note":" an attack "}`).want(http.StatusAccepted).into(&got)
		if restored := slices.Equal(got.Decision.Restored, []string{"htmlstats"}); restored != adopted || got.Decision.By != "ada" || got.Decision.Note != "an attack" {
			t.Errorf("%s: %+v", name, got.Decision)
		}
		for i := range 6 {
			if verdict, _ := d.check(200, other); verdict != plugins.Changed {
				t.Fatalf("%s: check %d is %s", name, i, verdict)
			}
		}
		if verdict, found := d.check(200, bakery); verdict != plugins.Up {
			t.Errorf("%s: mended, it is %s: %v", name, verdict, found)
		}
		d.check(200, other)
		d.do("POST", d.path("accept"), "").want(http.StatusAccepted)
		if verdict, found := d.check(200, other); verdict != plugins.Up {
			t.Errorf("%s: accepted after all, it is %s: %v", name, verdict, found)
		}
	}
}

// What one plugin has learned comes back although another still alarms.
func TestNeverHalfAdopted(t *testing.T) {
	t.Parallel()
	d := startDecider(t)
	d.learn(bakery)
	other := strings.Replace(bakery, "Bakery", "Butcher", 1) + evil
	d.check(200, other)
	d.do("POST", d.path("accept"), `{"plugin":"htmlstats"}`).want(http.StatusAccepted)
	if _, found := d.check(200, other); len(found) != 1 || found[0].Plugin != "thirdparty" {
		t.Fatalf("there alarm %v", found)
	}
	var got decisionAnswer
	d.do("POST", d.path("never"), "").want(http.StatusAccepted).into(&got)
	if !slices.Equal(got.Decision.Restored, []string{"htmlstats"}) {
		t.Errorf("restored %v", got.Decision.Restored)
	}
	for range 4 {
		if _, found := d.check(200, other); len(found) < 2 {
			t.Errorf("there alarm %v", found)
		}
	}
}

// An alarm that was accepted by mistake comes back.
func TestNeverAfterAccept(t *testing.T) {
	t.Parallel()
	d := startDecider(t)
	d.learn(bakery)
	d.check(200, bakery+evil)
	d.do("POST", d.path("accept"), "").want(http.StatusAccepted)
	for range 2 {
		if verdict, found := d.check(200, bakery+evil); verdict != plugins.Up {
			t.Fatalf("accepted, it is %s: %v", verdict, found)
		}
	}
	var got decisionAnswer
	d.do("POST", d.path("never"), "").want(http.StatusAccepted).into(&got)
	if !slices.Equal(got.Decision.Restored, []string{"htmlstats", "thirdparty"}) {
		t.Errorf("restored %v", got.Decision.Restored)
	}
	for range 4 {
		if verdict, _ := d.check(200, bakery+evil); verdict != plugins.Changed {
			t.Errorf("refused, it is %s", verdict)
		}
	}
	d.do("POST", d.path("reset"), "").want(http.StatusAccepted)
	d.check(200, bakery+evil)
	d.do("POST", d.path("never"), "").problem(http.StatusConflict)
}

func TestReset(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]plugins.Verdict{"": plugins.Up, `{"plugin":"thirdparty"}`: plugins.Changed, `{"plugin":"htmlstats"}`: plugins.Changed} {
		d := startDecider(t)
		d.learn(bakery)
		d.check(200, bakery+evil)
		d.do("POST", d.path("reset"), body).want(http.StatusAccepted)
		if verdict, found := d.check(200, bakery+evil); verdict != want {
			t.Errorf("%s: %s: %v", body, verdict, found)
		}
	}
}

func TestDecisions(t *testing.T) {
	t.Parallel()
	d := startDecider(t)
	if got := d.do("GET", d.path("decisions"), "").want(http.StatusOK); string(got.body) != `{"decisions":[]}`+"\n" {
		t.Errorf("before any: %s", got.body)
	}
	d.do("POST", d.path("reset"), `{"by":"ada","note":"a new design"}`).want(http.StatusAccepted)
	d.do("POST", d.path("never"), `{"plugin":"htmlstats","code":"new_title","evidence":"Hacked"}`).want(http.StatusAccepted)
	var list struct {
		Decisions []struct{ Action, By, Note, Plugin, Code, Evidence string }
	}
	d.do("GET", d.path("decisions"), "").want(http.StatusOK).into(&list)
	if got := fmt.Sprint(list.Decisions); got != "[{never api  htmlstats new_title Hacked} {reset ada a new design   }]" {
		t.Errorf("decisions %s", got)
	}
	if log := d.log.String(); !strings.Contains(log, "action=reset by=ada") || !strings.Contains(log, "evidence=Hacked") {
		t.Errorf("the log does not tell of them: %s", log)
	}
}

func TestDecisionsRefuse(t *testing.T) {
	t.Parallel()
	d := startDecider(t)
	d.learn(bakery)
	before := len(d.pushedIDs())
	for _, action := range []string{"accept", "never", "reset"} {
		d.do("POST", d.path(action), `{"plugin":"nosuch"}`).refuses("body.plugin", "htmlstats")
		d.do("POST", d.path(action), `{"colour":"red"}`).refuses("body.colour", "unexpected")
		d.do("POST", d.path(action), `{`).problem(http.StatusBadRequest)
		d.do("POST", d.path(action), `{"note":"`+strings.Repeat("x", 1001)+`"}`).refuses("body.note", "1000")
		d.do("POST", "/v1/assets/nosuch/"+action, "").problem(http.StatusNotFound)
		if action == "reset" {
			d.do("POST", d.path(action), `{"plugin":"htmlstats","code":"new_title"}`).refuses("body.code", "unexpected")
			continue
		}
		d.do("POST", d.path(action), `{"plugin":"htmlstats","code":"new_title","evidence":"`+strings.Repeat("ü", 150)+`"}`).refuses("body.evidence", "bytes")
		for _, body := range []string{"", `{"plugin":"htmlstats"}`, `{"code":"new_title"}`} {
			if p := d.do("POST", d.path(action), body).problem(http.StatusConflict); !strings.Contains(p.Detail, "evidence") {
				t.Errorf("%s %s: the answer does not say what to do: %s", action, body, p.Detail)
			}
		}
	}
	for body, says := range map[string]string{
		`{"plugin":"jsonshape","code":"key_gone","evidence":"a"}`:       "reset",
		`{"plugin":"htmlstats","code":"new_titel","evidence":"Bakery"}`: "no such finding",
	} {
		if p := d.do("POST", d.path("accept"), body).problem(http.StatusConflict); !strings.Contains(p.Detail, says) {
			t.Errorf("%s: %s", body, p.Detail)
		}
	}
	// That an asset is down can neither be accepted nor refused.
	if verdict, _ := d.check(500, bakery); verdict != plugins.Down {
		t.Fatalf("a failing page is %s", verdict)
	}
	for _, action := range []string{"accept", "never"} {
		d.do("POST", d.path(action), "").problem(http.StatusConflict)
	}
	d.do("GET", "/v1/assets/nosuch/decisions", "").problem(http.StatusNotFound)
	if pushed := len(d.pushedIDs()); pushed != before {
		t.Errorf("refused decisions asked for %d checks", pushed-before)
	}
	var targets int
	for ; targets <= plugins.MaxRefused; targets++ {
		body := fmt.Sprintf(`{"plugin":"htmlstats","code":"new_title","evidence":"%d"}`, targets)
		if d.do("POST", d.path("never"), body).status != http.StatusAccepted {
			d.do("POST", d.path("never"), body).problem(http.StatusConflict)
			break
		}
	}
	if targets != plugins.MaxRefused {
		t.Errorf("%d things can be refused, want %d", targets, plugins.MaxRefused)
	}
}
