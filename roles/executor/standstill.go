package executor

import (
	"context"
	"sync/atomic"
	"time"
)

const (
	pulseEvery = 100 * time.Millisecond
	// standstillMin is the shortest gap in the pulse that counts. It is far above
	// what a busy machine makes, and below the shortest usual timeout.
	standstillMin = time.Second
	// refetches is how often a fetch is made anew because of standstills. The last
	// one counts whatever happened, so that a check comes to its end.
	refetches = 3
)

// pulse notices when the process did not run for a while: it was stopped by a
// signal, its host was suspended, or the machine was starved. What was being fetched
// then may have run out of time or was cut off, and says nothing about the page.
type pulse struct {
	last  atomic.Int64 // when it last beat, in nanoseconds since began
	ended atomic.Int64 // when the last standstill ended, the same
	began time.Time
}

func newPulse() *pulse { return &pulse{began: time.Now()} }

// run beats until ctx ends.
func (p *pulse) run(ctx context.Context) {
	tick := time.NewTicker(pulseEvery)
	defer tick.Stop()
	p.beat()
	for {
		select {
		case <-tick.C:
			p.beat()
		case <-ctx.Done():
			return
		}
	}
}

// beat gives the time. Whoever runs again first after a standstill notes its end.
func (p *pulse) beat() (now int64) {
	now = int64(time.Since(p.began))
	if now-p.last.Swap(now) > int64(standstillMin) {
		p.ended.Store(now)
	}
	return now
}

// stoodStill tells whether there was a standstill since a beat.
func (p *pulse) stoodStill(since int64) bool {
	p.beat()
	return p.ended.Load() > since
}
