package app_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
)

// decided is an asset of a running webmon, and the page that it watches.
type decided struct {
	client
	asset   asset
	page    atomic.Pointer[string]
	process *program
	data    string // its folder
}

const usualPage = `<!doctype html><html><head><title>Bakery</title></head><body><h1>Fresh bread</h1>
<p>Open from 7 to 18, every day but Sunday. Rolls on Saturdays, cakes for your birthday.</p></body></html>`

func startDecided(t *testing.T) *decided {
	t.Helper()
	d := new(decided)
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprint(w, *d.page.Load())
	}))
	t.Cleanup(site.Close)
	d.show(usualPage)
	d.data = filepath.Join(t.TempDir(), "data")
	d.process = start(t, 3, allOn(d.data)...)
	d.client = client{t, d.process.Address("api")}
	d.asset = d.create(site.URL, once)
	for range 4 {
		d.wantVerdict("up")
	}
	return d
}

func (d *decided) show(page string) { d.page.Store(&page) }

// wantVerdict checks the asset once more.
func (d *decided) wantVerdict(want string) {
	d.t.Helper()
	d.finish(d.run(map[string]any{"assets": []string{d.asset.ID}}))
	if got := d.results(d.asset.ID)[0]; got.Verdict != want {
		text, _ := json.Marshal(got) // cannot fail
		d.t.Fatalf("the page is %s, want %s: %s", got.Verdict, want, text)
	}
}

// say runs a command of "webmon asset" and waits for the check that it asks for.
func (d *decided) say(action string, args ...string) {
	d.t.Helper()
	out := d.command(0, append([]string{action, d.asset.ID, "-o", "json"}, args...)...)
	var answer struct{ Batch string }
	if err := json.Unmarshal([]byte(out), &answer); err != nil || answer.Batch == "" {
		d.t.Fatalf("%s: %v: %s", action, err, out)
	}
	d.finish("/v1/batches/" + answer.Batch)
}

func (d *decided) command(code int, args ...string) string {
	d.t.Helper()
	path, err := binary()
	if err != nil {
		d.t.Fatal(err)
	}
	cmd := exec.Command(path, append([]string{"asset"}, args...)...)
	cmd.Env = append(os.Environ(), "WEBMON_SERVER="+d.base)
	out, _ := cmd.CombinedOutput() // the exit code says more
	if got := cmd.ProcessState.ExitCode(); got != code {
		d.t.Fatalf("webmon asset %s: exit code %d: %s", strings.Join(args, " "), got, out)
	}
	return string(out)
}

func scriptFrom(host string) string { return "<script src=//" + host + "/x.js></script></body>" }

// An alarm is accepted, and only that.
func TestAcceptByCommand(t *testing.T) {
	t.Parallel()
	d := startDecided(t)
	one := strings.Replace(usualPage, "</body>", scriptFrom("one.example"), 1)
	d.show(one)
	d.wantVerdict("changed")
	if out := d.command(0, "accept", d.asset.ID, "--by", "ada", "--note", "we did it"); !strings.Contains(out, "thirdparty new_script_site one.example") ||
		!strings.Contains(out, "htmlstats new_script_host one.example") || !strings.Contains(out, "job "+d.asset.ID) {
		t.Errorf("accepted: %s", out)
	}
	d.wantVerdict("up")
	d.show(strings.Replace(one, "</body>", scriptFrom("two.example"), 1))
	d.wantVerdict("changed")
	d.wantVerdict("changed")
	for plugin, code := range map[string]string{"htmlstats": "new_script_host", "thirdparty": "new_script_site"} {
		d.say("accept", "--plugin", plugin, "--code", code, "--evidence", "three.example")
	}
	d.show(strings.Replace(one, "</body>", scriptFrom("three.example"), 1))
	d.wantVerdict("up")
	if out := d.command(2, "accept", d.asset.ID); strings.Count(out, "\n") != 1 || !strings.Contains(out, "in advance") {
		t.Errorf("with nothing to accept: %s", out)
	}
	if out := d.command(2, "accept", d.asset.ID, "--plugin", "htmlstat"); !strings.Contains(out, "no such plugin") {
		t.Errorf("an unknown plugin: %s", out)
	}
	if out := d.command(0, "decisions", d.asset.ID); strings.Count(out, "\n") != 4 || !strings.Contains(out, "we did it") {
		t.Errorf("decisions: %s", out)
	}
}

// A page that must never become normal does not, however often it is checked.
func TestNeverByCommand(t *testing.T) {
	t.Parallel()
	defaced := strings.NewReplacer("<title>Bakery", "<title>Moonlight team", "Fresh bread", "Moonlight team").Replace(usualPage)
	d := startDecided(t)
	d.show(defaced)
	d.wantVerdict("changed")
	d.say("never", "--code", "new_title")
	for range 5 {
		d.wantVerdict("changed")
	}
	d.show(usualPage)
	d.wantVerdict("up")
	d.show(defaced)
	d.wantVerdict("changed")
	d.say("reset")
	d.wantVerdict("up")
	var list struct{ Decisions []struct{ Action, By string } }
	d.must(http.StatusOK, "GET", "/v1/assets/"+d.asset.ID+"/decisions", nil, &list)
	var actions []string
	for _, decision := range list.Decisions {
		actions = append(actions, decision.Action)
		if decision.By == "" || decision.By == "api" {
			t.Errorf("%s was decided by %q, want the user of this machine", decision.Action, decision.By)
		}
	}
	if !slices.Equal(actions, []string{"reset", "never"}) {
		t.Errorf("decided: %v", actions)
	}
}
