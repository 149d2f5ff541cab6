package zmqwire

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/pebbe/zmq4"

	"webmon/zmqwire/keys"
)

func newKey(t testing.TB) keys.Pair {
	t.Helper()
	key, err := keys.Generate()
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// list is a file of allowed keys that a test can change.
type list struct {
	t    testing.TB
	path string
}

func newList(t testing.TB, lines ...string) *list {
	t.Helper()
	l := &list{t, filepath.Join(t.TempDir(), "allowed-keys")}
	l.write(lines...)
	return l
}

func (l *list) write(lines ...string) {
	l.t.Helper()
	if err := os.WriteFile(l.path, []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
		l.t.Fatal(err)
	}
}

func (l *list) read() *keys.List {
	l.t.Helper()
	read, err := keys.ReadList(l.path)
	if err != nil {
		l.t.Fatal(err)
	}
	return read
}

// journal keeps what is logged.
type journal struct {
	mu   sync.Mutex
	text strings.Builder
}

func (j *journal) Write(b []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(b)
}

func (j *journal) says(part string) bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	return strings.Contains(j.text.String(), part)
}

func (j *journal) logger() *slog.Logger { return slog.New(slog.NewTextHandler(j, nil)) }

// house is a dispatcher's wire with keys, over tcp, and those it lets in.
type house struct {
	*Context
	key                    keys.Pair
	allowed                *list
	log                    *journal
	streamer               *Streamer
	control                *Control
	front, back, asked     string // endpoints
	api, executor, operant keys.Pair

	mu       sync.Mutex
	commands []string // that came through
}

func newHouse(t testing.TB) *house {
	t.Helper()
	h := &house{key: newKey(t), api: newKey(t), executor: newKey(t), operant: newKey(t), log: &journal{}}
	h.allowed = newList(t, h.lines()...)
	h.Context = newContextWith(t, Options{Key: h.key, Allowed: h.allowed.read(), Logger: h.log.logger()})
	h.streamer = newStreamer(t, h.Context, "tcp://127.0.0.1:*", "tcp://127.0.0.1:*")
	run(t, h.streamer)
	var err error
	if h.control, err = h.NewControl("tcp://127.0.0.1:*"); err != nil {
		t.Fatal(err)
	}
	go func() {
		err := h.control.Serve(context.Background(), func(_ context.Context, command string) any {
			h.mu.Lock()
			defer h.mu.Unlock()
			h.commands = append(h.commands, command)
			return answer{OK: true, Command: command}
		})
		if err != nil {
			t.Errorf("Serve ended: %v", err)
		}
	}()
	h.front, h.back, h.asked = h.streamer.FrontEndpoints()[0], h.streamer.BackEndpoints()[0], h.control.Endpoint()
	return h
}

func (h *house) lines() []string {
	return []string{
		"# name   key   rights",
		fmt.Sprintf("api %s push", h.api.Public()),
		fmt.Sprintf("executor %s pull", h.executor.Public()),
		fmt.Sprintf("operator %s control", h.operant.Public()),
	}
}

// guest makes a context of another process with the key.
func (h *house) guest(t testing.TB, key keys.Pair) (*Context, *journal) {
	t.Helper()
	log := &journal{}
	return newContextWith(t, Options{Key: key, Server: h.key.Public(), Logger: log.logger()}), log
}

// works proves that those who are let in do their work, and that nothing of
// anybody else came through.
func (h *house) works(t *testing.T) {
	t.Helper()
	api, _ := h.guest(t, h.api)
	executor, _ := h.guest(t, h.executor)
	operant, _ := h.guest(t, h.operant)
	pusher, err := api.NewPusher(h.front)
	if err != nil {
		t.Fatal(err)
	}
	puller, err := executor.NewPuller(h.back)
	if err != nil {
		t.Fatal(err)
	}
	before := h.streamer.Stats()
	ids := makeIDs(50)
	if err := pusher.Push(soon(t), ids); err != nil {
		t.Fatal(err)
	}
	for _, want := range ids {
		if id := next(t, puller); id != want {
			t.Fatalf("%s came, want %s", id, want)
		}
	}
	if _, err := operant.Ask(soon(t), h.asked, "LEGITIMATE"); err != nil {
		t.Error(err)
	}
	eventually(t, "all ids are counted", func() bool { return h.streamer.Stats().IDs == before.IDs+int64(len(ids)) })
	if bad := h.streamer.Stats().Bad; bad != 0 {
		t.Errorf("%d bad messages came through, want none of a stranger", bad)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, command := range h.commands {
		if command != "LEGITIMATE" {
			t.Errorf("the command %s came through", command)
		}
	}
}

func TestWhatMayBeBoundAndConnected(t *testing.T) {
	t.Parallel()
	key := newKey(t)
	for endpoint, near := range map[string]bool{
		"tcp://127.0.0.1:7701": true, "tcp://127.9.9.9:*": true, "tcp://localhost:1": true, "tcp://LocalHost:1": true,
		"tcp://[::1]:1": true, "inproc://x": true, "ipc:///tmp/x": true,
		"tcp://*:7701": false, "tcp://0.0.0.0:7701": false, "tcp://[::]:1": false, "tcp://10.0.0.1:7701": false,
		"tcp://dispatcher:7701": false, "tcp://localhost.example:1": false, "tcp://lo:1": false, "tcp://:1": false,
		"tcp://127.0.0.1;10.0.0.1:7701": false, "tcp://127.0.0.1.example:1": false, "tcp://": false, "tcp://0177.0.0.1:1": false,
	} {
		for _, test := range []struct {
			options Options
			ok      bool
		}{{Options{}, near}, {Options{Insecure: true}, true}, {Options{Key: key}, true}} {
			if err := test.options.Check(endpoint); (err == nil) != test.ok {
				t.Errorf("%s with key=%v insecure=%v: %v", endpoint, !test.options.Key.IsZero(), test.options.Insecure, err)
			}
		}
	}
	// Every kind of socket is held to it.
	c := newContext(t)
	const far = "tcp://0.0.0.0:*"
	errs := map[string]error{}
	_, errs["front"] = c.NewStreamer([]string{far}, []string{"inproc://a"})
	_, errs["back"] = c.NewStreamer([]string{"inproc://b"}, []string{"inproc://c", far})
	_, errs["control"] = c.NewControl(far)
	_, errs["pusher"] = c.NewPusher("tcp://dispatcher:1")
	_, errs["puller"] = c.NewPuller("tcp://dispatcher:1")
	_, errs["ask"] = c.Ask(soon(t), "tcp://dispatcher:1", "PING")
	for what, err := range errs {
		if err == nil || !strings.Contains(err.Error(), "webmon keygen") || !strings.Contains(err.Error(), "--insecure") {
			t.Errorf("%s off loopback: %v", what, err)
		}
	}
	if _, err := newContextWith(t, Options{Insecure: true}).NewControl(far); err != nil {
		t.Errorf("with --insecure: %v", err)
	}
	if _, err := c.NewControl("tipc://x"); err == nil {
		t.Error("a transport that leaves the machine unseen was allowed")
	}
}

func TestThoseWithAKeyWork(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.works(t)
	// Who has the dispatcher's own key needs no list, and no key of a server.
	c := newContextWith(t, Options{Key: h.key})
	if _, err := c.Ask(soon(t), h.asked, "LEGITIMATE"); err != nil {
		t.Error(err)
	}
	if n := h.RefusedPeers(); n != 0 {
		t.Errorf("%d peers were refused", n)
	}
}

// inproc and ipc stay plain beside tcp, whatever the order.
func TestKeysAreForTCPAlone(t *testing.T) {
	t.Parallel()
	key := newKey(t)
	c := newContextWith(t, Options{Key: key})
	pipe := "ipc://" + filepath.Join(t.TempDir(), "s")
	s, err := c.NewStreamer([]string{"tcp://127.0.0.1:*", "inproc://front", pipe}, []string{"inproc://back"})
	if err != nil {
		t.Fatal(err)
	}
	run(t, s)
	puller := newPuller(t, c, s)
	for i, from := range []*Context{c, c, newContext(t)} {
		p, err := from.NewPusher(s.FrontEndpoints()[i])
		if err != nil {
			t.Fatal(err)
		}
		if err := p.Push(soon(t), []string{"x"}); err != nil {
			t.Fatalf("%s: %v", s.FrontEndpoints()[i], err)
		}
		next(t, puller)
	}
}

// A key that was stolen from an executor cannot push or command.
func TestRightsAreKept(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for what, key := range map[string]keys.Pair{"api": h.api, "executor": h.executor, "operator": h.operant} {
		c, log := h.guest(t, key)
		if what != "operator" {
			_, err := c.Ask(soon(t), h.asked, "SNAPSHOT NOW")
			if err == nil || !strings.Contains(err.Error(), "to control") || !strings.Contains(err.Error(), key.Public().String()) {
				t.Errorf("the %s's key asked: %v", what, err)
			}
		}
		if what != "api" {
			if _, err := c.NewPusher(h.front); err != nil {
				t.Fatal(err)
			}
			eventually(t, "pushing is refused", func() bool { return log.says("to push: add it to") })
		}
		if what != "executor" {
			if _, err := c.NewPuller(h.back); err != nil {
				t.Fatal(err)
			}
			eventually(t, "pulling is refused", func() bool { return log.says("to pull: add it to") })
		}
	}
	h.works(t)
	if !h.log.says("may pull only") && !h.log.says("may push only") && !h.log.says("may control only") {
		t.Errorf("the dispatcher logs no reason: %s", h.log.text.String())
	}
}

// A key works as soon as it is in the file, and no longer than it is there;
// nobody starts again for that.
func TestTheListIsReadAgain(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	late := newKey(t)
	c, log := h.guest(t, late)
	pusher, err := c.NewPusher(h.front)
	if err != nil {
		t.Fatal(err)
	}
	executor, _ := h.guest(t, h.executor)
	idle, err := executor.NewPuller(h.back)
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, "the key is refused", func() bool { return log.says("does not allow the key") })
	h.allowed.write(append(h.lines(), fmt.Sprintf("late %s push", late.Public()))...)
	if err := pusher.Push(soon(t), []string{"late"}); err != nil {
		t.Fatal(err)
	}
	if id := next(t, idle); id != "late" {
		t.Errorf("%s came", id)
	}
	eventually(t, "it says that it works", func() bool { return log.says("lets this process in") })

	h.allowed.write(h.lines()...)
	again, log := h.guest(t, late)
	if _, err := again.NewPusher(h.front); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the revoked key is refused", func() bool { return log.says("does not allow the key") })

	h.allowed.write("spoilt")
	_, err = again.Ask(soon(t), h.asked, "PING")
	if err == nil || !strings.Contains(err.Error(), "its log says why") {
		t.Errorf("with a list that cannot be read: %v", err)
	}
	h.allowed.write(h.lines()...)
	executor.Term() // it would take ids from the next
	h.works(t)
}

func TestWhoFailsIsToldWhy(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	plain := newControl(t, newContext(t), "tcp://127.0.0.1:*", handle)
	stranger := newKey(t)
	for what, test := range map[string]struct {
		options  Options
		endpoint string
		want     string
	}{
		"no key":           {Options{}, h.asked, "wants a key"},
		"not allowed":      {Options{Key: stranger, Server: h.key.Public()}, h.asked, "does not allow the key " + stranger.Public().String()},
		"wrong server key": {Options{Key: h.operant, Server: stranger.Public()}, h.asked, "--server-key is not its key"},
		"key for nothing":  {Options{Key: stranger}, plain.Endpoint(), "has no key"},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			log := &journal{}
			test.options.Logger = log.logger()
			c := newContextWith(t, test.options)
			reply, err := c.Ask(soon(t), test.endpoint, "PING")
			if err == nil || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), test.endpoint) {
				t.Errorf("Ask returned %s and the error %v, want %q in it", reply, err, test.want)
			}
			if _, err := c.NewPuller(test.endpoint); err != nil {
				t.Fatal(err)
			}
			eventually(t, "the log says why", func() bool { return log.says(test.want) })
		})
	}
}

func TestMalformedQuestionsAboutKeys(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	raw := rawSocket(t, h.Context, zmq4.REQ, zapEndpoint)
	own, stranger := h.key.Public(), newKey(t).Public()
	for _, test := range []struct {
		request []string
		status  string
	}{
		{[]string{"1.0", "7", "push", "127.0.0.1", "", "CURVE", string(own[:])}, zapAllowed},
		{[]string{"1.0", "7", "push", "127.0.0.1", "", "CURVE", string(stranger[:])}, zapRefused},
		{[]string{"1.0", "7", "push", "127.0.0.1", "", "CURVE", string(own[:31])}, zapBroken},
		{[]string{"1.0", "7", "push", "127.0.0.1", "", "CURVE"}, zapBroken},
		{[]string{"1.0", "7", "push", "127.0.0.1", "", "CURVE", string(own[:]), ""}, zapBroken},
		{[]string{"1.0", "7", "push", "127.0.0.1", "", "NULL"}, zapBroken},
		{[]string{"1.0", "7", "push", "127.0.0.1", "", "NULL", string(own[:])}, zapBroken},
		{[]string{"1.0", "7", "push", "127.0.0.1", "", "PLAIN", "user", "password"}, zapBroken},
		{[]string{"2.0", "7", "push", "127.0.0.1", "", "CURVE", string(own[:])}, zapBroken},
		{[]string{"1.0", "7"}, zapBroken},
		{[]string{"1.0"}, zapBroken},
		{[]string{""}, zapBroken},
		{[]string{"1.0", "7", "push", "127.0.0.1", "", "CURVE", string(own[:])}, zapAllowed}, // and it lives on
	} {
		if _, err := raw.SendMessage(test.request); err != nil {
			t.Fatal(err)
		}
		reply, err := raw.RecvMessage(0)
		if err != nil {
			t.Fatal(err)
		}
		if len(reply) != 6 || reply[0] != zapVersion || reply[2] != test.status || len(test.request) > 1 && reply[1] != test.request[1] {
			t.Errorf("%.60q was answered with %q", test.request, reply)
		}
	}
}
