package zmqwire

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pebbe/zmq4"
)

type answer struct {
	OK      bool   `json:"ok"`
	Command string `json:"command"`
	Error   string `json:"error"`
}

// handle answers some commands well and others badly.
func handle(ctx context.Context, command string) any {
	switch command {
	case "PANIC":
		panic("as asked")
	case "UNWRITABLE":
		return make(chan int)
	case "HUGE":
		return strings.Repeat("x", maxReply)
	case "WAIT":
		<-ctx.Done()
	}
	return answer{OK: true, Command: command}
}

func newControl(t *testing.T, c *Context, endpoint string, h Handler) *Control {
	t.Helper()
	k, err := c.NewControl(endpoint)
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		if err := k.Serve(context.Background(), h); err != nil {
			t.Errorf("Serve ended: %v", err)
		}
	}()
	return k
}

func TestControlAnswersRawSockets(t *testing.T) {
	t.Parallel()
	overAll(t, func(t *testing.T, endpoint func() string) {
		c := newContext(t)
		k := newControl(t, c, endpoint(), handle)
		raw := rawSocket(t, c, zmq4.REQ, k.Endpoint())
		for _, test := range []struct {
			request []string
			want    answer // Error: a part of it
		}{
			{[]string{"PING"}, answer{OK: true, Command: "PING"}},
			{[]string{" snapshot\t now\r\n"}, answer{OK: true, Command: "SNAPSHOT NOW"}},
			{[]string{""}, answer{Error: "empty"}},
			{[]string{" \n "}, answer{Error: "empty"}},
			{[]string{"PING", "PING"}, answer{Error: "several frames"}},
			{[]string{"PING", ""}, answer{Error: "several frames"}},
			{[]string{strings.Repeat("x", MaxCommand)}, answer{OK: true, Command: strings.Repeat("X", MaxCommand)}},
			{[]string{strings.Repeat("x", MaxCommand+1)}, answer{Error: "1025 bytes"}},
			{[]string{strings.Repeat("x", maxControl)}, answer{Error: "65536 bytes"}},
			{[]string{"\xff\xfe"}, answer{Error: "not UTF-8"}},
			{[]string{"PI\x00NG"}, answer{Error: "U+0000"}},
			{[]string{"PANIC"}, answer{Error: "as asked"}},
			{[]string{"UNWRITABLE"}, answer{Error: "JSON"}},
			{[]string{"HUGE"}, answer{Error: "at most"}},
			{[]string{"PING"}, answer{OK: true, Command: "PING"}},
		} {
			if _, err := raw.SendMessage(test.request); err != nil {
				t.Fatal(err)
			}
			reply, err := raw.RecvMessageBytes(0)
			if err != nil {
				t.Fatal(err)
			}
			var got answer
			if len(reply) != 1 {
				t.Fatalf("the reply has %d frames", len(reply))
			}
			if err := json.Unmarshal(reply[0], &got); err != nil {
				t.Fatalf("the reply %q: %v", reply[0], err)
			}
			if got.OK != test.want.OK || got.Command != test.want.Command ||
				!strings.Contains(got.Error, test.want.Error) || got.OK != (got.Error == "") {
				t.Errorf("%.40q was answered with %.200s", test.request, reply[0])
			}
		}
	})
}

// A DEALER can send what a REQ cannot: no envelope, or only one.
func TestControlOutlivesBrokenEnvelopes(t *testing.T) {
	t.Parallel()
	c := newContext(t)
	k := newControl(t, c, "tcp://127.0.0.1:*", handle)
	raw := rawSocket(t, c, zmq4.DEALER, k.Endpoint())
	for _, parts := range [][]string{{"PING"}, {"a", "b"}, {"", ""}, {"", "PING"}} {
		if _, err := raw.SendMessage(parts); err != nil {
			t.Fatal(err)
		}
	}
	for _, want := range []string{`"ok":false`, `"command":"PING"`} { // for the last two
		reply, err := raw.RecvMessage(0)
		if err != nil {
			t.Fatal(err)
		}
		if len(reply) != 2 || !strings.Contains(reply[1], want) {
			t.Errorf("the reply is %q, want %s in it", reply, want)
		}
	}
}

func TestControlServesOneClientAtATime(t *testing.T) {
	t.Parallel()
	overAll(t, func(t *testing.T, endpoint func() string) {
		c := newContext(t)
		var inside atomic.Int32
		k := newControl(t, c, endpoint(), func(ctx context.Context, command string) any {
			if inside.Add(1) != 1 {
				t.Error("two requests are handled at once")
			}
			defer inside.Add(-1)
			return handle(ctx, command)
		})
		var clients sync.WaitGroup
		for i := range 20 {
			clients.Go(func() {
				for j := range 5 {
					command := fmt.Sprintf("C%d %d", i, j)
					reply, err := c.Ask(soon(t), k.Endpoint(), command)
					if err != nil {
						t.Error(err)
						return
					}
					var got answer
					if err := json.Unmarshal(reply, &got); err != nil || got.Command != command {
						t.Errorf("%s was answered with %s", command, reply)
					}
				}
			})
		}
		clients.Wait()
	})
}

func TestServeEndsWithItsContext(t *testing.T) {
	t.Parallel()
	for _, busy := range []bool{false, true} {
		t.Run(fmt.Sprintf("busy=%v", busy), func(t *testing.T) {
			t.Parallel()
			c := newContext(t)
			k, err := c.NewControl("tcp://127.0.0.1:*")
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithCancel(context.Background())
			ended, entered := make(chan error, 1), make(chan struct{})
			go func() {
				ended <- k.Serve(ctx, func(ctx context.Context, command string) any {
					close(entered)
					return handle(ctx, command)
				})
			}()
			if busy {
				raw := rawSocket(t, c, zmq4.REQ, k.Endpoint())
				if _, err := raw.Send("WAIT", 0); err != nil {
					t.Fatal(err)
				}
				<-entered
			}
			cancel()
			select {
			case err := <-ended:
				if err != nil {
					t.Errorf("Serve returned %v", err)
				}
			case <-time.After(patience):
				t.Fatal("Serve did not end")
			}
			if err := k.Serve(context.Background(), handle); err == nil {
				t.Error("a second Serve was allowed")
			}
		})
	}
}

func TestAskSaysWhatWentWrong(t *testing.T) {
	t.Parallel()
	c := newContext(t)
	silent, err := c.NewControl("tcp://127.0.0.1:*") // bound, but never serves
	if err != nil {
		t.Fatal(err)
	}
	noJSON := rawSocketBound(t, c, "not JSON")
	for what, test := range map[string]struct{ endpoint, command, want string }{
		"nobody there":   {"tcp://127.0.0.1:1", "PING", "no dispatcher answers at"},
		"nobody serves":  {silent.Endpoint(), "PING", "did not answer"},
		"something else": {noJSON, "PING", "not a dispatcher"},
		"a bad command":  {silent.Endpoint(), "PI\x01NG", "malformed command"},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
			defer cancel()
			reply, err := c.Ask(ctx, test.endpoint, test.command)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("Ask returned %s and the error %v, want %q in it", reply, err, test.want)
			}
		})
	}
}

func TestAskEndsWithItsContext(t *testing.T) {
	t.Parallel()
	c := newContext(t)
	entered := make(chan struct{})
	k := newControl(t, c, "tcp://127.0.0.1:*", func(ctx context.Context, command string) any {
		close(entered)
		return handle(ctx, command)
	})
	ctx, cancel := context.WithCancel(context.Background())
	asked := make(chan error, 1)
	go func() {
		_, err := c.Ask(ctx, k.Endpoint(), "WAIT")
		asked <- err
	}()
	<-entered
	cancel()
	if err := <-asked; !errors.Is(err, context.Canceled) {
		t.Errorf("Ask returned %v", err)
	}
}

// rawSocketBound answers one request with the text, over tcp, and returns where.
func rawSocketBound(t *testing.T, c *Context, text string) string {
	t.Helper()
	bound := make(chan string, 1)
	err := c.own(func(ready func(error)) {
		sock, err := c.open(zmq4.REP)
		if err != nil {
			ready(err)
			return
		}
		defer sock.Close()
		at, err := bind(sock, "tcp://127.0.0.1:*")
		bound <- at
		ready(err)
		if _, err := sock.Recv(0); err != nil {
			return
		}
		_, _ = sock.Send(text, 0)
		<-c.closing
	})
	if err != nil {
		t.Fatal(err)
	}
	return <-bound
}
