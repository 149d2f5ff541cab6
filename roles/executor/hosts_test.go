package executor

import (
	"context"
	"testing"
	"time"
)

func TestHostLimit(t *testing.T) {
	t.Parallel()
	h := newHosts(2, 10)
	ctx := t.Context()
	for range 2 {
		if ok, _ := h.enter(ctx, "a"); !ok {
			t.Fatal("no place at an idle host")
		}
	}
	if ok, _ := h.enter(ctx, "b"); !ok {
		t.Fatal("another host is not free")
	}
	entered := make(chan int)
	for i := range 2 {
		queued := make(chan struct{})
		go func() {
			close(queued)
			h.enter(ctx, "a")
			entered <- i
		}()
		<-queued
		waitUntil(t, func() bool { return h.waitingAt("a") == i+1 })
	}
	for i := range 2 {
		select {
		case <-entered:
			t.Fatal("a third fetch to the host")
		default:
		}
		h.leave("a", time.Millisecond)
		if got := <-entered; got != i {
			t.Errorf("waiter %d came before %d", got, i)
		}
	}
	for _, host := range []string{"a", "a", "b"} {
		h.leave(host, 0)
	}
	if len(h.busy) != 0 {
		t.Errorf("%d idle hosts are remembered", len(h.busy))
	}
}

func TestWaitingForAHostCanEnd(t *testing.T) {
	t.Parallel()
	h := newHosts(1, 10)
	h.enter(t.Context(), "a")
	ctx, cancel := context.WithCancel(t.Context())
	left := make(chan bool)
	go func() {
		ok, _ := h.enter(ctx, "a")
		left <- ok
	}()
	waitUntil(t, func() bool { return h.waitingAt("a") == 1 })
	cancel()
	if <-left {
		t.Error("a place was given after the end of the wait")
	}
	h.leave("a", 0)
	if ok, _ := h.enter(t.Context(), "a"); !ok {
		t.Error("the place is lost")
	}
}

// Jobs that find a long queue are told to come again one after the other, not
// all at once.
func TestComeAgainIsSpread(t *testing.T) {
	t.Parallel()
	h := newHosts(4, 0) // nobody may wait
	for range 4 {
		h.enter(t.Context(), "a")
	}
	h.busy["a"].took = 400 * time.Millisecond
	var last time.Duration
	for i := range 1000 {
		ok, again := h.enter(t.Context(), "a")
		if ok || again < minComeAgain || again > maxComeAgain {
			t.Fatalf("job %d: %v, %v", i, ok, again)
		}
		// 4 at once of 400 ms each: a turn every 100 ms, until the longest wait.
		if want := time.Duration(i+1) * 100 * time.Millisecond; want < maxComeAgain && (again > want || again < want-10*time.Second) {
			t.Fatalf("job %d is to come again after %v, not about %v", i, again, want)
		}
		if again < last-time.Second {
			t.Fatalf("job %d comes before the one before it: %v, %v", i, again, last)
		}
		last = again
	}
}

func (h *hosts) waitingAt(name string) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.busy[name].waiting)
}

func waitUntil(t *testing.T, holds func() bool) {
	t.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	deadline := time.After(30 * time.Second)
	for !holds() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatal("it never holds")
		}
	}
}
