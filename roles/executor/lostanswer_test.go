package executor_test

import (
	"testing"

	"webmon/roles/executor"
	"webmon/store"
	"webmon/store/storetest"
)

// The answer to a lease is lost: the executor has the job without knowing it. It asks
// again and runs it, at once and in the first attempt.
func TestAnswerToLeaseIsLost(t *testing.T) {
	t.Parallel()
	var opts store.Options
	direct := storetest.Open(t, func(o *store.Options) { opts = *o })
	far, lost := storetest.Lossy(t, opts, "\r\nleased\r\n")
	w := newWorker(t, func(o *executor.Options) { o.Store = far })
	w.store = direct
	g := newGate(t)
	a := w.asset(g.URL)
	batch, jobs := w.enqueue(a)
	w.feed(jobs[0])
	waitUntil(t, func() bool { return g.now.Load() == 1 })
	if !lost.Load() {
		t.Error("no answer was lost")
	}
	if j, err := direct.Job(t.Context(), jobs[0]); err != nil || j.State != store.Leased || j.Attempts != 1 {
		t.Errorf("the job: %+v, %v", j, err)
	}
	close(g.open)
	if b := w.finished(batch); b.Counts[store.Done] != 1 {
		t.Errorf("batch: %+v", b)
	}
}
