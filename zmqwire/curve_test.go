package zmqwire

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"webmon/zmqwire/keys"
)

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
	began := time.Now()
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
		t.Errorf("the dispatcher logs no reason: %s", h.log)
	}
	most := 1 + int(time.Since(began)/refusalPause)
	if n := strings.Count(h.log.String(), "refused a peer"); n > most || h.RefusedPeers() < 6 {
		t.Errorf("of %d refusals %d are logged, want at most %d", h.RefusedPeers(), n, most)
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
