package zmqwire

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pebbe/zmq4"
)

func TestPushWithNobodyBehind(t *testing.T) {
	t.Parallel()
	c := newContext(t)
	front := "ipc://" + filepath.Join(t.TempDir(), "front") // nobody has bound it yet
	p, err := c.NewPusher(front)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	err = p.Push(ctx, makeIDs(25))
	var partial *PushError
	if !errors.As(err, &partial) || !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("Push returned %v", err)
	}
	if partial.Sent != 0 || partial.Total != 25 || !strings.Contains(err.Error(), front) {
		t.Errorf("the error is %v", err)
	}
	// The pusher lives on, and what was given up is not sent after all.
	s := newStreamer(t, c, front, "tcp://127.0.0.1:*")
	run(t, s)
	puller := newPuller(t, c, s)
	if err := p.Push(soon(t), []string{"later"}); err != nil {
		t.Fatal(err)
	}
	if id := next(t, puller); id != "later" {
		t.Errorf("%s came, although its push was given up", id)
	}
}

func TestPushRefusesWhatIsMalformed(t *testing.T) {
	t.Parallel()
	c := newContext(t)
	s := newStreamer(t, c, "inproc://front", "inproc://back")
	p := newPusher(t, c, s)
	for _, ids := range [][]string{{""}, {"good", "bad id"}, {"a\nb"}, {strings.Repeat("x", MaxIDLength+1)}} {
		if err := p.Push(soon(t), ids); err == nil {
			t.Errorf("Push took %q", ids)
		}
	}
	if err := p.Push(soon(t), nil); err != nil {
		t.Errorf("Push of nothing: %v", err)
	}
	over, cancel := context.WithCancel(context.Background())
	cancel()
	if err := p.Push(over, []string{"a"}); !errors.Is(err, context.Canceled) {
		t.Errorf("Push with a context that is over: %v", err)
	}
}

func TestFewIDsGoAloneAndManyTogether(t *testing.T) {
	t.Parallel()
	c := newContext(t)
	raw, err := c.zmq.NewSocket(zmq4.PULL)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { raw.Close() })
	if err := errors.Join(raw.SetRcvtimeo(patience), raw.Bind("inproc://front")); err != nil {
		t.Fatal(err)
	}
	p, err := c.NewPusher("inproc://front")
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ ids, messages int }{{1, 1}, {9, 9}, {10, 1}, {25, 2 + 5}} {
		pushed := make(chan error, 1)
		go func() { pushed <- p.Push(soon(t), makeIDs(test.ids)) }()
		got := 0
		for n := 1; n <= test.messages; n++ {
			message, err := raw.RecvBytes(0)
			if err != nil {
				t.Fatal(err)
			}
			ids, err := ParseIDs(message)
			if err != nil {
				t.Fatal(err)
			}
			got += len(ids)
		}
		if got != test.ids {
			t.Errorf("%d messages held %d ids, want %d", test.messages, got, test.ids)
		}
		if err := <-pushed; err != nil {
			t.Error(err)
		}
	}
}

// Ids of several callers share messages, and one that gives up takes only its own along.
func TestCallersShareTheQueue(t *testing.T) {
	t.Parallel()
	c := newContext(t)
	p, err := c.NewPusher("tcp://127.0.0.1:1") // nobody: all wait
	if err != nil {
		t.Fatal(err)
	}
	waiting := func(n int) func() bool {
		return func() bool {
			p.mu.Lock()
			defer p.mu.Unlock()
			return p.waiting == n
		}
	}
	first, giveUp := context.WithCancel(context.Background())
	results := map[string]chan error{"first": make(chan error, 1), "second": make(chan error, 1)}
	go func() { results["first"] <- p.Push(first, []string{"a", "b"}) }()
	eventually(t, "the first waits", waiting(2))
	go func() { results["second"] <- p.Push(context.Background(), []string{"c", "d", "e"}) }()
	eventually(t, "both wait", waiting(5))
	p.mu.Lock()
	if head := strings.Join(p.head(4), " "); head != "a b c d" {
		t.Errorf("the head is %q", head)
	}
	p.mu.Unlock()
	giveUp()
	if err := <-results["first"]; !errors.Is(err, context.Canceled) {
		t.Errorf("the first push ended with %v", err)
	}
	eventually(t, "only the second waits", waiting(3))
	p.mu.Lock()
	p.drop(2)
	p.mu.Unlock()
	c.Term()
	var partial *PushError
	if err := <-results["second"]; !errors.As(err, &partial) || !errors.Is(err, ErrTerminated) || partial.Sent != 2 {
		t.Errorf("the second push ended with %v", err)
	}
}

func TestBadMessagesAreCountedAndGoodOnesFlow(t *testing.T) {
	t.Parallel()
	overAll(t, func(t *testing.T, endpoint func() string) {
		c := newContext(t)
		s := newStreamer(t, c, endpoint(), endpoint())
		run(t, s)
		puller := newPuller(t, c, s)
		raw := rawSocket(t, c, zmq4.PUSH, s.FrontEndpoints()[0])
		bad := 0
		for i, parts := range [][]string{
			{""}, {"a b"}, {"a\n"}, {"\na"}, {"a\n\nb"}, {"a\r\nb"}, {"\xff"}, {"a", "b"}, {"a", "", "c"},
			{strings.Repeat("x", MaxIDLength+1)}, {strings.Repeat("x\n", MaxIDs) + "x"}, {"{\"id\":1}"},
		} {
			if _, err := raw.SendMessage(parts); err != nil {
				t.Fatal(err)
			}
			bad++
			good := makeIDs(i + 1)[i]
			if _, err := raw.SendMessage(good); err != nil {
				t.Fatal(err)
			}
			if id := next(t, puller); id != good {
				t.Errorf("after %q came %q, want %q", parts, id, good)
			}
		}
		if n := s.Stats().Bad; n != int64(bad) {
			t.Errorf("%d bad messages were counted, want %d", n, bad)
		}
		if n := puller.Bad(); n != 0 {
			t.Errorf("the puller saw %d bad messages, want none to pass the streamer", n)
		}
	})
}

func TestPullerDropsBadMessages(t *testing.T) {
	t.Parallel()
	c := newContext(t)
	raw, err := c.zmq.NewSocket(zmq4.PUSH)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { raw.Close() })
	if err := errors.Join(raw.SetLinger(0), raw.SetSndtimeo(patience), raw.Bind("inproc://back")); err != nil {
		t.Fatal(err)
	}
	p, err := c.NewPuller("inproc://back")
	if err != nil {
		t.Fatal(err)
	}
	for _, parts := range [][]string{{"no good"}, {"a", "b"}, {"x\ny"}} {
		if _, err := raw.SendMessage(parts); err != nil {
			t.Fatal(err)
		}
	}
	if x, y := next(t, p), next(t, p); x != "x" || y != "y" {
		t.Errorf("got %q and %q", x, y)
	}
	if n := p.Bad(); n != 2 {
		t.Errorf("%d bad messages were counted, want 2", n)
	}
}

// A frame over the limit is not even read: it ends its sender's connection.
func TestHugeMessagesAreNotTaken(t *testing.T) {
	t.Parallel()
	c := newContext(t)
	s := newStreamer(t, c, "tcp://127.0.0.1:*", "tcp://127.0.0.1:*")
	run(t, s)
	puller := newPuller(t, c, s)
	raw := rawSocket(t, c, zmq4.PUSH, s.FrontEndpoints()[0])
	if _, err := raw.Send(strings.Repeat("x", 1<<20), 0); err != nil {
		t.Fatal(err)
	}
	// What follows at once may be lost with the connection; ZeroMQ makes a new one.
	eventually(t, "the sender comes through again", func() bool {
		_, _ = raw.Send("good", zmq4.DONTWAIT)
		select {
		case id := <-puller.IDs():
			return id == "good"
		default:
			return false
		}
	})
	if n := s.Stats().Bad; n != 0 {
		t.Errorf("%d bad messages were taken, want the huge one refused by the socket", n)
	}
}
