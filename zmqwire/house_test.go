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

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.String()
}

func (j *journal) says(part string) bool { return strings.Contains(j.String(), part) }

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
