package fetch

import (
	"runtime"
	"runtime/metrics"
	"testing"
	"time"
)

// memoryPeak is by how many bytes the objects on the heap grew at most while do
// ran, garbage included. It is about the whole process, so tests that use it
// are not parallel.
func memoryPeak(do func()) uint64 {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	read := func() uint64 {
		metrics.Read(sample)
		return sample[0].Value.Uint64()
	}
	runtime.GC()
	before := read()
	peak, done, ended := before, make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(time.Millisecond)
		defer tick.Stop()
		for {
			peak = max(peak, read())
			select {
			case <-tick.C:
			case <-done:
				peak = max(peak, read())
				return
			}
		}
	}()
	do()
	close(done)
	<-ended
	return peak - before
}

// mustEnd fails the test when do does not end. The time is what no machine is
// slow enough for.
func mustEnd(t testing.TB, what string, do func()) {
	t.Helper()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		do()
	}()
	select {
	case <-ended:
	case <-time.After(time.Minute):
		t.Errorf("%s: the check does not end", what)
	}
}
