package zmqwire

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"runtime"
	"strconv"
	"syscall"
	"testing"
	"time"
)

// The tests of this file are not parallel: they look at the whole process. Go runs them
// before the parallel ones.

// checkGoroutines fails the test if, at its end, goroutines are left that were not there now.
func checkGoroutines(t *testing.T) {
	t.Helper()
	before := runtime.NumGoroutine()
	t.Cleanup(func() {
		deadline := time.Now().Add(patience)
		for runtime.NumGoroutine() > before {
			if time.Now().After(deadline) {
				stacks := make([]byte, 1<<20)
				t.Fatalf("%d goroutines, %d before:\n%s", runtime.NumGoroutine(), before, stacks[:runtime.Stack(stacks, true)])
			}
			runtime.Gosched()
		}
	})
}

// blockEverything starts one of each, blocks them all, and returns a wait for their ends.
func blockEverything(t *testing.T, c *Context) (ended func()) {
	t.Helper()
	var errs []chan error
	start := func(f func() error) {
		err := make(chan error, 1)
		errs = append(errs, err)
		go func() { err <- f() }()
	}
	wantTerminated := func(err error) error {
		if errors.Is(err, ErrTerminated) {
			return nil
		}
		return errors.Join(errors.New("not ended by Term"), err)
	}
	background := context.Background()

	// A streamer with no executor, its front full and a caller blocked in Push.
	full := newStreamer(t, c, "tcp://127.0.0.1:*", "tcp://127.0.0.1:*")
	start(func() error { return full.Run(background) })
	pusher := newPusher(t, c, full)
	start(func() error { return wantTerminated(pusher.Push(background, makeIDs(100_000))) })
	// A streamer with nothing to do, one paused, one never run.
	idle := newStreamer(t, c, "tcp://127.0.0.1:*", "tcp://127.0.0.1:*")
	start(func() error { return idle.Run(background) })
	newPuller(t, c, idle)
	newPusher(t, c, idle)
	paused := newStreamer(t, c, "tcp://127.0.0.1:*", "tcp://127.0.0.1:*")
	paused.Pause()
	start(func() error { return paused.Run(background) })
	newStreamer(t, c, "tcp://127.0.0.1:*", "tcp://127.0.0.1:*")
	// A puller that holds ids which nobody reads.
	unread := newStreamer(t, c, "tcp://127.0.0.1:*", "tcp://127.0.0.1:*")
	start(func() error { return unread.Run(background) })
	newPuller(t, c, unread)
	if err := newPusher(t, c, unread).Push(soon(t), makeIDs(20)); err != nil {
		t.Fatal(err)
	}
	// A control channel busy with a request, one idle, one that never serves, with a client.
	busy, err := c.NewControl("tcp://127.0.0.1:*")
	if err != nil {
		t.Fatal(err)
	}
	entered := make(chan struct{})
	start(func() error {
		return busy.Serve(background, func(ctx context.Context, _ string) any {
			close(entered)
			<-ctx.Done()
			return nil
		})
	})
	start(func() error {
		_, err := c.Ask(background, busy.Endpoint(), "WAIT")
		if err == nil { // the reply may still arrive
			return nil
		}
		return wantTerminated(err)
	})
	idleControl, err := c.NewControl("tcp://127.0.0.1:*")
	if err != nil {
		t.Fatal(err)
	}
	start(func() error { return idleControl.Serve(background, handle) })
	silent, err := c.NewControl("tcp://127.0.0.1:*")
	if err != nil {
		t.Fatal(err)
	}
	start(func() error {
		_, err := c.Ask(background, silent.Endpoint(), "PING")
		return wantTerminated(err)
	})

	<-entered
	eventually(t, "the full streamer waits", func() bool { return full.Stats().Waiting })
	return func() {
		t.Helper()
		for i, err := range errs {
			select {
			case err := <-err:
				if err != nil {
					t.Errorf("call %d: %v", i, err)
				}
			case <-time.After(patience):
				t.Errorf("call %d did not end", i)
			}
		}
	}
}

func TestTermEndsEverything(t *testing.T) {
	checkGoroutines(t)
	c := newContext(t)
	ended := blockEverything(t, c)
	termed := make(chan struct{})
	go func() { c.Term(); close(termed) }()
	c.Term() // both wait for the end
	select {
	case <-termed:
	case <-time.After(patience):
		t.Fatal("the other Term did not return")
	}
	ended()
}

// With ZeroMQ's default linger Term would wait for a peer that never reads.
func TestTermDropsWhatIsNotDelivered(t *testing.T) {
	checkGoroutines(t)
	peer := newContext(t)
	idle := newStreamer(t, peer, "tcp://127.0.0.1:*", "tcp://127.0.0.1:*") // takes nothing: never run
	c := newContext(t)
	pusher, ids := newPusher(t, c, idle), makeIDs(20_000)
	ctx, cancel := context.WithTimeout(context.Background(), 500*time.Millisecond)
	defer cancel()
	var partial *PushError
	if err := pusher.Push(ctx, ids); !errors.As(err, &partial) || partial.Sent == 0 {
		t.Fatalf("Push returned %v", err)
	}
	ended := make(chan struct{})
	go func() { c.Term(); close(ended) }()
	select {
	case <-ended:
	case <-time.After(patience):
		t.Error("Term waits for what nobody takes")
		peer.Term()
	}
}

func TestNothingWorksAfterTerm(t *testing.T) {
	checkGoroutines(t)
	c := newContext(t)
	s := newStreamer(t, c, "inproc://front", "inproc://back")
	pusher, puller := newPusher(t, c, s), newPuller(t, c, s)
	k, err := c.NewControl("inproc://control")
	if err != nil {
		t.Fatal(err)
	}
	c.Term()
	c.Term()

	errs := map[string]error{"Push": pusher.Push(context.Background(), []string{"a"})}
	_, errs["NewPusher"] = c.NewPusher("inproc://front")
	_, errs["NewPuller"] = c.NewPuller("inproc://back")
	_, errs["NewStreamer"] = c.NewStreamer([]string{"inproc://a"}, []string{"inproc://b"})
	_, errs["NewControl"] = c.NewControl("inproc://c")
	_, errs["Ask"] = c.Ask(context.Background(), "inproc://control", "PING")
	for what, err := range errs {
		if !errors.Is(err, ErrTerminated) {
			t.Errorf("%s returned %v, want ErrTerminated", what, err)
		}
	}
	if id, open := <-puller.IDs(); open {
		t.Errorf("the puller gave %s", id)
	}
	if err := s.Run(context.Background()); err != nil {
		t.Errorf("Run returned %v", err)
	}
	if err := k.Serve(context.Background(), handle); err != nil {
		t.Errorf("Serve returned %v", err)
	}
	s.Resume() // harmless
}

func TestStartAndStopManyTimes(t *testing.T) {
	checkGoroutines(t)
	for round := range 50 {
		c := newContext(t)
		s := newStreamer(t, c, "tcp://127.0.0.1:*", "inproc://back")
		run(t, s)
		k := newControl(t, c, "tcp://127.0.0.1:*", handle)
		pusher, puller := newPusher(t, c, s), newPuller(t, c, s)
		switch round % 3 { // end at once, in the middle, and after work
		case 1:
			go func() { _ = pusher.Push(context.Background(), makeIDs(1000)) }()
			go func() { _, _ = c.Ask(context.Background(), k.Endpoint(), "PING") }()
			next(t, puller)
		case 2:
			if err := pusher.Push(soon(t), []string{"a"}); err != nil {
				t.Fatal(err)
			}
			next(t, puller)
			if _, err := c.Ask(soon(t), k.Endpoint(), "PING"); err != nil {
				t.Fatal(err)
			}
		}
		c.Term()
	}
}

// A signal that hits a thread waiting in ZeroMQ must not end the wait.
func TestSignalsInterruptNothing(t *testing.T) {
	hits := make(chan os.Signal, 1)
	signal.Notify(hits, syscall.SIGUSR1)
	defer signal.Stop(hits)
	c := newContext(t)
	s := newStreamer(t, c, "tcp://127.0.0.1:*", "tcp://127.0.0.1:*")
	run(t, s)
	k := newControl(t, c, "tcp://127.0.0.1:*", handle)
	pusher, puller := newPusher(t, c, s), newPuller(t, c, s)
	for range 20 {
		hitAllThreads(t)
		if err := pusher.Push(soon(t), makeIDs(5)); err != nil {
			t.Fatal(err)
		}
		hitAllThreads(t)
		for range 5 {
			next(t, puller)
		}
		if _, err := c.Ask(soon(t), k.Endpoint(), "PING"); err != nil {
			t.Fatal(err)
		}
	}
	hitAllThreads(t)
	c.Term() // run and newControl fail the test if their loops end with an error
}

// hitAllThreads sends SIGUSR1 to each thread of this process.
func hitAllThreads(t *testing.T) {
	t.Helper()
	threads, err := os.ReadDir("/proc/self/task")
	if err != nil {
		t.Fatal(err)
	}
	for _, thread := range threads {
		id, err := strconv.Atoi(thread.Name())
		if err != nil {
			t.Fatal(err)
		}
		err = syscall.Tgkill(os.Getpid(), id, syscall.SIGUSR1)
		if err != nil && !errors.Is(err, syscall.ESRCH) { // it may have ended meanwhile
			t.Fatal(err)
		}
	}
}

// zmq_proxy uses a whole core while a message waits and no executor is there. Nothing of ours
// may: everything waits, so the process has nothing to do. The bound is in CPU time, so a busy
// machine does not matter, and far from both sides (about 0.01 s and 1 s).
func TestWaitingUsesNoCPU(t *testing.T) {
	c := newContext(t)
	blockEverything(t, c)
	before := cpuTime(t)
	<-time.After(time.Second)
	if used := cpuTime(t) - before; used > 300*time.Millisecond {
		t.Errorf("waiting for one second used %v of CPU", used)
	}
}

// cpuTime is what this process used so far.
func cpuTime(t *testing.T) time.Duration {
	t.Helper()
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		t.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
