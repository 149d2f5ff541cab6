package executor

import (
	"testing"
	"time"
)

func TestPulse(t *testing.T) {
	t.Parallel()
	p := newPulse()
	before := p.beat()
	if p.stoodStill(before) {
		t.Error("a standstill where there was none")
	}
	p.began = p.began.Add(-2 * time.Second) // two seconds without a beat
	if !p.stoodStill(before) {
		t.Error("no standstill before the pulse beats again")
	}
	if !p.stoodStill(before) {
		t.Error("the standstill is forgotten by the second who asks")
	}
	if p.stoodStill(p.beat()) {
		t.Error("the standstill is of what began after it, too")
	}
	p.began = p.began.Add(-2 * time.Second)
	if p.stoodStill(p.beat()) {
		t.Error("whoever begins after a standstill is said to have begun before it")
	}
}
