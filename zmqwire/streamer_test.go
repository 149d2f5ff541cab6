package zmqwire

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"
)

func TestEveryIDArrivesOnce(t *testing.T) {
	t.Parallel()
	overAll(t, func(t *testing.T, endpoint func() string) {
		c := newContext(t)
		s := newStreamer(t, c, endpoint(), endpoint())
		run(t, s)
		pusher := newPusher(t, c, s)

		const total, callers = 10_000, 8
		got := make(chan string)
		for range 3 {
			p := newPuller(t, c, s)
			go func() {
				for id := range p.IDs() {
					got <- id
				}
			}()
		}
		ids := makeIDs(total)
		for i := range callers {
			go func() {
				part := ids[i*total/callers : (i+1)*total/callers]
				if err := pusher.Push(soon(t), part); err != nil {
					t.Error(err)
				}
			}()
		}
		seen := make(map[string]bool, total)
		deadline := time.After(2 * patience)
		for len(seen) < total {
			select {
			case id := <-got:
				if seen[id] {
					t.Fatalf("%s came twice", id)
				}
				seen[id] = true
			case <-deadline:
				t.Fatalf("%d of %d ids came", len(seen), total)
			}
		}
		for _, id := range ids {
			if !seen[id] {
				t.Errorf("%s did not come", id)
			}
		}
		eventually(t, "all ids are counted", func() bool { return s.Stats().IDs == total })
		stats := s.Stats()
		if stats.Messages < total/MaxIDsPerMessage || stats.Messages >= total/2 {
			t.Errorf("%d ids went in %d messages, want them packed", total, stats.Messages)
		}
		if stats.Bad != 0 || stats.Last.IsZero() || stats.Waiting {
			t.Errorf("stats are %+v", stats)
		}
		c.Term() // ends the readers; an id too many would have kept one
		select {
		case id := <-got:
			t.Errorf("%s came although all had come", id)
		default:
		}
	})
}

func TestWhatWaitedReachesALaterPuller(t *testing.T) {
	t.Parallel()
	overAll(t, func(t *testing.T, endpoint func() string) {
		c := newContext(t)
		s := newStreamer(t, c, endpoint(), endpoint())
		run(t, s)
		pusher := newPusher(t, c, s)

		ids := makeIDs(20_000)
		ctx, cancel := context.WithCancel(context.Background())
		pushed := make(chan error, 1)
		go func() { pushed <- pusher.Push(ctx, ids) }()
		eventually(t, "the streamer waits for an executor", func() bool { return s.Stats().Waiting })
		cancel()
		var partial *PushError
		if err := <-pushed; !errors.As(err, &partial) || !errors.Is(err, context.Canceled) {
			t.Fatalf("Push returned %v, want a PushError of a cancelled context", err)
		}
		if partial.Sent == 0 || partial.Sent == len(ids) || partial.Total != len(ids) {
			t.Fatalf("%d of %d ids were taken with nobody to read them", partial.Sent, partial.Total)
		}
		late := newPuller(t, c, s)
		for i := range partial.Sent {
			if id := next(t, late); id != ids[i] {
				t.Fatalf("id %d is %s, want %s", i, id, ids[i])
			}
		}
		if err := pusher.Push(soon(t), []string{"last"}); err != nil {
			t.Fatal(err)
		}
		if id := next(t, late); id != "last" {
			t.Errorf("%s came, although it was not taken", id)
		}
	})
}

// With ZeroMQ's and the kernel's defaults a connection takes more than 100,000 small
// messages that nobody reads. Here two connections, both without a reader behind, take few.
func TestSmallMarksAndBuffersOverTCP(t *testing.T) {
	t.Parallel()
	c := newContext(t)
	s := newStreamer(t, c, "tcp://127.0.0.1:*", "tcp://127.0.0.1:*")
	run(t, s)
	newPuller(t, c, s) // connected, but nobody reads its ids
	pusher, ids := newPusher(t, c, s), makeIDs(50_000)
	ctx, cancel := context.WithTimeout(context.Background(), 500*time.Millisecond)
	defer cancel()
	var partial *PushError
	err := pusher.Push(ctx, ids)
	if !errors.As(err, &partial) {
		t.Fatalf("Push returned %v", err)
	}
	if messages := partial.Sent / MaxIDsPerMessage; messages > 1000 {
		t.Errorf("%d messages were taken that nobody reads", messages)
	}
}

func TestSeveralEndpoints(t *testing.T) {
	t.Parallel()
	c := newContext(t)
	s, err := c.NewStreamer(
		[]string{"tcp://127.0.0.1:*", "inproc://front"},
		[]string{"inproc://back", "tcp://127.0.0.1:*"})
	if err != nil {
		t.Fatal(err)
	}
	run(t, s)
	var pullers []*Puller
	for _, at := range s.BackEndpoints() {
		p, err := c.NewPuller(at)
		if err != nil {
			t.Fatal(err)
		}
		pullers = append(pullers, p)
	}
	for _, at := range s.FrontEndpoints() {
		if strings.Contains(at, "*") {
			t.Errorf("%s has no real port", at)
		}
		p, err := c.NewPusher(at)
		if err != nil {
			t.Fatal(err)
		}
		if err := p.Push(soon(t), []string{"x"}); err != nil {
			t.Fatal(err)
		}
		select {
		case <-pullers[0].IDs():
		case <-pullers[1].IDs():
		case <-time.After(patience):
			t.Fatalf("nothing came from %s", at)
		}
	}
}

func TestPauseHoldsAndResumeLosesNothing(t *testing.T) {
	t.Parallel()
	overAll(t, func(t *testing.T, endpoint func() string) {
		c := newContext(t)
		s := newStreamer(t, c, endpoint(), endpoint())
		run(t, s)
		pusher, puller := newPusher(t, c, s), newPuller(t, c, s)
		push := func(id string) {
			t.Helper()
			if err := pusher.Push(soon(t), []string{id}); err != nil {
				t.Fatal(err)
			}
		}
		// One message has gone through, so the loop waits for the next when Pause comes.
		push("before")
		next(t, puller)

		s.Pause()
		if !s.Paused() || !s.Stats().Paused {
			t.Error("not paused")
		}
		// More than fits between the pusher and the streamer, which takes none of it.
		ids := makeIDs(20_000)
		ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
		defer cancel()
		var partial *PushError
		if err := pusher.Push(ctx, ids); !errors.As(err, &partial) {
			t.Fatalf("Push to a paused streamer returned %v", err)
		}
		if got := s.Stats().IDs; got != 1 {
			t.Errorf("%d ids were handed on, want only the one before the pause", got)
		}
		select {
		case id := <-puller.IDs():
			t.Errorf("%s came during the pause", id)
		default:
		}
		s.Resume()
		for i := range partial.Sent {
			if id := next(t, puller); id != ids[i] {
				t.Fatalf("id %d is %s, want %s", i, id, ids[i])
			}
		}
	})
}

func TestPausedBeforeRun(t *testing.T) {
	t.Parallel()
	c := newContext(t)
	s := newStreamer(t, c, "inproc://front", "inproc://back")
	s.Pause()
	run(t, s)
	pusher, puller := newPusher(t, c, s), newPuller(t, c, s)
	if err := pusher.Push(soon(t), []string{"a"}); err != nil {
		t.Fatal(err)
	}
	if n := s.Stats().Messages; n != 0 {
		t.Errorf("%d messages were handed on", n)
	}
	s.Resume()
	if id := next(t, puller); id != "a" {
		t.Errorf("got %s", id)
	}
}

func TestRunEndsWithItsContext(t *testing.T) {
	t.Parallel()
	for _, state := range []string{"idle", "paused", "waiting for an executor"} {
		t.Run(state, func(t *testing.T) {
			t.Parallel()
			c := newContext(t)
			s := newStreamer(t, c, "tcp://127.0.0.1:*", "tcp://127.0.0.1:*")
			ctx, cancel := context.WithCancel(context.Background())
			ended := make(chan error, 1)
			go func() { ended <- s.Run(ctx) }()
			switch state {
			case "paused":
				s.Pause()
			case "waiting for an executor":
				if err := newPusher(t, c, s).Push(soon(t), []string{"a"}); err != nil {
					t.Fatal(err)
				}
				eventually(t, "the streamer waits", func() bool { return s.Stats().Waiting })
			}
			cancel()
			select {
			case err := <-ended:
				if err != nil {
					t.Errorf("Run returned %v", err)
				}
			case <-time.After(patience):
				t.Fatal("Run did not end")
			}
			s.Pause() // harmless after the end
			if err := s.Run(context.Background()); err == nil {
				t.Error("a second Run was allowed")
			}
		})
	}
}

// Executors come and go; the streamer serves whoever is there.
func TestStreamerOutlivesExecutors(t *testing.T) {
	t.Parallel()
	c := newContext(t)
	s := newStreamer(t, c, "tcp://127.0.0.1:*", "tcp://127.0.0.1:*")
	run(t, s)
	pusher := newPusher(t, c, s)
	go func() { // there is always work
		for pusher.Push(context.Background(), makeIDs(100)) == nil {
		}
	}()
	for range 5 {
		executor := newContext(t)
		puller := newPuller(t, executor, s)
		for range 100 {
			next(t, puller)
		}
		executor.Term()
	}
}
