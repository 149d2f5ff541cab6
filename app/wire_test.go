package app_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pebbe/zmq4"
	"go.yaml.in/yaml/v3"

	"webmon/store/storetest"
)

// guarded is a dispatcher with keys, as configs/compose.yaml has it.
type guarded struct {
	*program
	folder                   string // of the keys
	redis                    string
	jobsIn, jobsOut, control string
}

func startGuarded(t *testing.T) *guarded {
	t.Helper()
	g := &guarded{folder: composeKeys(t), redis: storetest.Server(t).Address()}
	key := g.key("dispatcher")
	g.program = start(t, 1, "dispatcher", "--redis", g.redis, "--key", key, "--allowed-keys", filepath.Join(g.folder, "dispatcher", "allowed-keys"),
		"--jobs-in", "tcp://127.0.0.1:*", "--jobs-out", "tcp://127.0.0.1:*", "--control", "tcp://127.0.0.1:*")
	g.control = g.Address("dispatcher")
	s := g.status(t)
	g.jobsIn, g.jobsOut = s.text("takes jobs at"), s.text("hands them out at")
	return g
}

func (g *guarded) key(role string) string { return filepath.Join(g.folder, role, "webmon.key") }

// with gives the arguments of a command that has the key of a role.
func (g *guarded) with(key string, args ...string) []string {
	return append(args, "--redis", g.redis, "--key", g.key(key), "--server-key", filepath.Join(g.folder, key, "dispatcher.pub"))
}

// printed is what webmon status prints.
type printed string

func (p printed) text(name string) string {
	_, rest, _ := strings.Cut(string(p), name)
	line, _, _ := strings.Cut(rest, "\n")
	return strings.TrimSpace(line)
}

func (g *guarded) status(t *testing.T) printed {
	t.Helper()
	out, code := webmon(t, "status", "--control", g.control, "--key", g.key("dispatcher"))
	if code != 0 {
		t.Fatalf("status: exit code %d: %s", code, out)
	}
	return printed(out)
}

// composeKeys makes the keys of all roles as the service "keys" of
// configs/compose.yaml does.
func composeKeys(t *testing.T) string {
	t.Helper()
	content, err := os.ReadFile("../configs/compose.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var compose struct {
		Services map[string]struct {
			Command yaml.Node
			Volumes []string
		}
	}
	if err := yaml.Unmarshal(content, &compose); err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	for _, volume := range compose.Services["keys"].Volumes {
		_, path, _ := strings.Cut(volume, ":/keys/")
		if err := os.Mkdir(filepath.Join(folder, path), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	script := strings.NewReplacer("$$", "$", "cd /keys", "cd "+folder, "chown -R webmon:webmon .", "").
		Replace(compose.Services["keys"].Command.Content[0].Value)
	for range 2 { // a second start changes nothing
		cmd := exec.Command("sh", "-euc", script)
		cmd.Env = []string{"PATH=" + filepath.Dir(path) + ":/usr/bin:/bin"}
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("the keys of compose.yaml: %v: %s", err, out)
		}
	}
	return folder
}

// strange connects a plain socket of a stranger.
func strange(t *testing.T, kind zmq4.Type, endpoint string) *zmq4.Socket {
	t.Helper()
	ctx, err := zmq4.NewContext()
	if err != nil {
		t.Fatal(err)
	}
	ctx.SetRetryAfterEINTR(true)
	t.Cleanup(func() { _ = ctx.Term() })
	sock, err := ctx.NewSocket(kind)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { sock.Close() })
	if err := errors.Join(sock.SetLinger(0), sock.Connect(endpoint)); err != nil {
		t.Fatal(err)
	}
	return sock
}

// Three processes with keys do what they do without, and a stranger can
// neither push an id nor say SNAPSHOT NOW.
func TestThreeProcessesWithKeys(t *testing.T) {
	t.Parallel()
	g := startGuarded(t)
	push, ask := strange(t, zmq4.PUSH, g.jobsIn), strange(t, zmq4.REQ, g.control)
	for range 100 {
		_, _ = push.Send("not one of ours", zmq4.DONTWAIT) // it would be counted as bad
	}
	_, _ = ask.Send("SNAPSHOT NOW", zmq4.DONTWAIT)

	api := start(t, 1, g.with("api", "api", "--listen", "127.0.0.1:0", "--jobs-in", g.jobsIn)...)
	executor := start(t, 1, g.with("executor", "executor", "--jobs-out", g.jobsOut)...)
	wholeSystem(t, client{t, api.Address("api")})

	// The public key of a server that is not this one; a role's key at another's door.
	wrong := launch(t, "executor", "--redis", g.redis, "--jobs-out", g.jobsOut, "--key", g.key("executor"), "--log-format", "text")
	wrong.waitLog("--server-key is not its key")
	thief := launch(t, g.with("executor", "api", "--listen", "127.0.0.1:0", "--jobs-in", g.jobsIn)...)
	thief.waitLog("does not allow the key")
	for _, test := range []struct{ args, says string }{
		{"", "wants a key"},
		{"--key " + g.key("executor") + " --server-key " + filepath.Join(g.folder, "executor", "dispatcher.pub"), "to control"},
		{"--key " + g.key("executor"), "--server-key"},
	} {
		out, code := webmon(t, append([]string{"snapshot", "--control", g.control}, strings.Fields(test.args)...)...)
		if code != 2 || !strings.Contains(out, test.says) {
			t.Errorf("snapshot %s: exit code %d: %s", test.args, code, out)
		}
	}

	if reply, err := ask.Recv(zmq4.DONTWAIT); err == nil {
		t.Errorf("the stranger was answered: %s", reply)
	}
	s := g.status(t)
	if s.text("bad messages") != "0" {
		t.Errorf("the stranger's messages came through: %s", s)
	}
	if json, _ := webmon(t, "status", "-o", "json", "--control", g.control, "--key", g.key("dispatcher")); !strings.Contains(json, `"snapshot_covered": 0`) ||
		!strings.Contains(json, `"keys": true`) || strings.Contains(json, `"refused_peers": 0,`) {
		t.Errorf("status: %s", json)
	}
	for _, p := range []*program{executor, api, g.program} {
		p.stop()
	}
}

// The example in docs/keys.md works as it stands there, with a key that is
// added while the dispatcher runs.
func TestPythonClientWithAKey(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../docs/keys.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(page), "```python\n")
	script, _, closed := strings.Cut(rest, "```")
	const standard = "tcp://127.0.0.1:7703"
	if !found || !closed || !strings.Contains(script, standard) {
		t.Fatalf("docs/keys.md has no Python example for %s", standard)
	}
	g := startGuarded(t)
	public, code := webmon(t, "keygen", "--out", filepath.Join(g.folder, "ada.key"))
	if code != 0 {
		t.Fatal(public)
	}
	list, err := os.OpenFile(filepath.Join(g.folder, "dispatcher", "allowed-keys"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	_, err = fmt.Fprintf(list, "ada %s control\n", strings.TrimSpace(public))
	if err := errors.Join(err, list.Close()); err != nil {
		t.Fatal(err)
	}
	python := func() (string, error) {
		cmd := exec.Command("/usr/bin/python3", "-c", strings.ReplaceAll(script, standard, g.control))
		cmd.Dir = g.folder
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	if err := os.Symlink("dispatcher/dispatcher.pub", filepath.Join(g.folder, "dispatcher.pub")); err != nil {
		t.Fatal(err)
	}
	if out, err := python(); err != nil || out != "True\n" {
		t.Errorf("%v: %s", err, out)
	}
	// Without the lines about keys it is nobody.
	var plain []string
	for line := range strings.Lines(script) {
		if !strings.Contains(line, "curve_") {
			plain = append(plain, line)
		}
	}
	script = strings.Join(plain, "")
	if out, err := python(); err == nil {
		t.Errorf("without a key: %s", out)
	}
}
