package app_test

import (
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pebbe/zmq4"

	"webmon/store/storetest"
)

// rawAsk speaks the control channel as any ZeroMQ client would.
func rawAsk(t *testing.T, endpoint string, frames ...string) map[string]any {
	t.Helper()
	ctx, err := zmq4.NewContext()
	if err != nil {
		t.Fatal(err)
	}
	ctx.SetRetryAfterEINTR(true)
	defer ctx.Term()
	socket, err := ctx.NewSocket(zmq4.REQ)
	if err != nil {
		t.Fatal(err)
	}
	defer socket.Close()
	for _, err := range []error{socket.SetLinger(0), socket.SetRcvtimeo(patience), socket.Connect(endpoint)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if _, err := socket.SendMessage(frames); err != nil {
		t.Fatal(err)
	}
	reply, err := socket.Recv(0)
	if err != nil {
		t.Fatalf("%q: %v", frames, err)
	}
	var answer map[string]any
	if err := json.Unmarshal([]byte(reply), &answer); err != nil {
		t.Fatalf("%q: %v: %s", frames, err, reply)
	}
	return answer
}

func startDispatcher(t *testing.T) (endpoint, redis string) {
	t.Helper()
	redis = storetest.Server(t).Address()
	p := start(t, 1, "dispatcher", "--redis", redis, "--jobs-in", "tcp://127.0.0.1:*", "--jobs-out", "tcp://127.0.0.1:*", "--control", "tcp://127.0.0.1:*")
	return p.Address("dispatcher"), redis
}

func TestControlChannel(t *testing.T) {
	t.Parallel()
	endpoint, _ := startDispatcher(t)
	for _, test := range []struct {
		frames []string
		ok     bool
	}{
		{[]string{"PING"}, true},
		{[]string{"STATUS"}, true},
		{[]string{"pause"}, true},
		{[]string{"RESUME"}, true},
		{[]string{" Snapshot  now "}, true},
		{[]string{"SNAPSHOT"}, false},
		{[]string{"DROP TABLE"}, false},
		{[]string{""}, false},
		{[]string{"\x00\xff"}, false},
		{[]string{"PING", "PING"}, false},
		{[]string{strings.Repeat("P", 60_000)}, false},
		{[]string{"PING"}, true}, // and the channel lives on
	} {
		answer := rawAsk(t, endpoint, test.frames...)
		if answer["ok"] != test.ok || !test.ok && answer["error"] == "" {
			t.Errorf("%.20q: %v", test.frames, answer)
		}
	}
	rawAsk(t, endpoint, "PAUSE")
	if status := rawAsk(t, endpoint, "STATUS"); status["paused"] != true {
		t.Errorf("after PAUSE: %v", status)
	}
}

func TestSnapshotNowMovesLastSave(t *testing.T) {
	t.Parallel()
	endpoint, redis := startDispatcher(t)
	_, socket, _ := strings.Cut(redis, "@")
	lastSave := func() string {
		out, err := exec.Command("redis-cli", "-s", socket, "LASTSAVE").Output()
		if err != nil {
			t.Fatal(err)
		}
		return string(out)
	}
	// LASTSAVE counts whole seconds: the snapshot must end in a later one.
	before := lastSave()
	eventually(t, "LASTSAVE moves", func() error {
		if answer := rawAsk(t, endpoint, "SNAPSHOT NOW"); answer["ok"] != true || answer["state"] != "saved" {
			t.Fatalf("SNAPSHOT NOW: %v", answer)
		}
		if now := lastSave(); now == before {
			return fmt.Errorf("it is %s", now)
		}
		return nil
	})
}

// The example in docs/control.md works as it stands there.
func TestControlClientOfDocs(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../docs/control.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(page), "```python\n")
	script, _, closed := strings.Cut(rest, "```")
	if !found || !closed {
		t.Fatal("docs/control.md has no Python example")
	}
	endpoint, _ := startDispatcher(t)
	const standard = "tcp://127.0.0.1:7703"
	if !strings.Contains(script, standard) {
		t.Fatalf("the example does not connect to %s", standard)
	}
	cmd := exec.Command("/usr/bin/python3", "-c", strings.ReplaceAll(script, standard, endpoint))
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "True") {
		t.Errorf("%v: %s", err, out)
	}
}

func TestClientsOfTheControlChannel(t *testing.T) {
	t.Parallel()
	endpoint, _ := startDispatcher(t)
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		args string
		code int
		says string
	}{
		{"status --control " + endpoint, 0, "running"},
		{"status -o json --control " + endpoint, 0, `"ok": true`},
		{"snapshot --control " + endpoint, 0, "saved"},
		{"snapshot --control tcp://127.0.0.1:1", 2, "tcp://127.0.0.1:1"},
	} {
		out, _ := exec.Command(path, strings.Fields(test.args)...).CombinedOutput()
		cmd := exec.Command(path, strings.Fields(test.args)...)
		_ = cmd.Run()
		if code := cmd.ProcessState.ExitCode(); code != test.code || !strings.Contains(string(out), test.says) {
			t.Errorf("%s: exit code %d: %s", test.args, code, out)
		}
		if test.code == 2 && strings.Count(string(out), "\n") != 1 {
			t.Errorf("%s: not one line: %s", test.args, out)
		}
	}
}

// What cannot start says why in one line and ends with exit code 2.
func TestCannotStart(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	redis := storetest.Server(t).Address()
	file := filepath.Join(t.TempDir(), "webmon.yaml")
	if err := os.WriteFile(file, []byte("lisen: 127.0.0.1:1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ args, says string }{
		{"api --redis " + redis + " --listen " + taken.Addr().String(), taken.Addr().String()},
		{"dispatcher --redis " + redis + " --jobs-in tcp://" + taken.Addr().String(), taken.Addr().String()},
		{"dispatcher --redis " + redis + " --jobs-in tcp://127.0.0.1:* --jobs-out tcp://127.0.0.1:* --control tcp://" + taken.Addr().String(), taken.Addr().String()},
		{"api --config " + file, "lisen"},
		{"executor", "--redis"},
		{"all --redis http://localhost", "http://localhost"},
	} {
		p := launch(t, strings.Fields(test.args)...)
		p.waitExit(2)
		if said := p.Log(); !strings.Contains(said, test.says) || strings.Count(said, "\n") != 1 {
			t.Errorf("%s: %s", test.args, said)
		}
	}
}

func TestAllNeedsRedisServer(t *testing.T) {
	t.Parallel()
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(path, "all", "--data", t.TempDir(), "--listen", "127.0.0.1:0")
	cmd.Env = []string{"PATH=" + t.TempDir(), "HOME=" + t.TempDir()}
	cmd.WaitDelay = 10 * time.Second
	out, err := cmd.CombinedOutput()
	if cmd.ProcessState.ExitCode() != 2 || !strings.Contains(string(out), "apt-get install redis-server") || !strings.Contains(string(out), "--redis") {
		t.Errorf("%v: %s", err, out)
	}
}
