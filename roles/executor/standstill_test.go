package executor

import (
	"testing"
	"time"
)

func TestPulse(t *testing.T) {
	t.Parallel()
	p := newPulse()
	p.began = p.began.Add(-time.Hour) // the process is an hour old
	p.last.Store(p.now())
	before := p.now()
	if p.stoodStill(before) {
		t.Error("a standstill where there was none")
	}
	// Two seconds without a beat, and whoever asks runs before the pulse does.
	p.last.Store(p.now() - int64(2*time.Second))
	if !p.stoodStill(before) {
		t.Error("no standstill before the pulse beats again")
	}
	p.beat(p.now())
	if !p.stoodStill(before) {
		t.Error("no standstill after the pulse has beaten again")
	}
	if p.stoodStill(p.now()) {
		t.Error("the standstill is of what began after it, too")
	}
}
