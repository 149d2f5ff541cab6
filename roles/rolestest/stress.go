// Package rolestest holds what the tests of all roles share. Import it from tests
// only.
package rolestest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// Service is a role that is made but does not run yet.
type Service struct {
	Run  func(context.Context) error // until its context ends; frees all that was made
	Work func(context.Context)       // keeps it busy until its context ends
}

const (
	stressRounds = 24
	stressWait   = 30 * time.Second // bounds a stop; nothing else depends on it
)

// Stress starts and stops a service many times: with a context that has ended
// already, at once, and in the middle of its work. Each stop must be in time and
// without an error, and in the end no goroutine and no file may be left.
//
// It counts those of the whole process, so the test that calls it must not be
// parallel.
func Stress(t *testing.T, fresh func() Service) {
	round(t, fresh(), 2) // what is opened once for all opens now
	goroutines, files := goleak.IgnoreCurrent(), openFiles(t)
	for i := range stressRounds {
		round(t, fresh(), i)
	}
	if err := goleak.Find(goroutines); err != nil {
		t.Error(err)
	}
	deadline := time.Now().Add(stressWait)
	for openFiles(t) > files {
		if time.Now().After(deadline) {
			t.Fatalf("%d files are open, and were %d before", openFiles(t), files)
		}
		time.Sleep(10 * time.Millisecond) // sockets are closed by threads of their own
	}
}

func round(t *testing.T, s Service, kind int) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	if kind%3 == 0 {
		stop()
	}
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	var working sync.WaitGroup
	defer working.Wait()
	if kind%3 == 2 {
		working.Go(func() { s.Work(ctx) })
		time.Sleep(rand.N(40 * time.Millisecond)) // any moment will do
	}
	stop()
	select {
	case err := <-ended:
		if err != nil {
			t.Fatalf("a stop: %v", err)
		}
	case <-time.After(stressWait):
		t.Fatal("it does not stop")
	}
}

func openFiles(t *testing.T) int {
	t.Helper()
	entries, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", os.Getpid()))
	if err != nil {
		t.Fatal(err)
	}
	return len(entries)
}
