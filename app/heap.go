package app

import (
	"os"
	"runtime"
)

// heapFloorBytes is how much more a process may hold that is garbage.
const heapFloorBytes = 32 << 20

// raiseHeapFloor lets the heap grow by heapFloorBytes more before garbage is
// collected, until lower is called. An executor has little that lives and makes
// much garbage, so it would collect at every 200 checks. GOGC would do the same,
// but it would multiply the memory of one with thousands of checks in flight, too.
// Whoever sets GOGC or GOMEMLIMIT knows better.
func raiseHeapFloor() (lower func()) {
	if os.Getenv("GOGC") != "" || os.Getenv("GOMEMLIMIT") != "" {
		return func() {}
	}
	// It counts for the garbage collector, but is never touched, so it takes no memory.
	floor := make([]byte, heapFloorBytes)
	return func() { runtime.KeepAlive(floor) }
}
