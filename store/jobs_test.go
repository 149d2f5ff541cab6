package store_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"webmon/plugins"
	"webmon/store"
	"webmon/store/storetest"
)

func TestJobLife(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t)
	ctx := t.Context()
	a := create(t, s, newAsset("http://a/"))
	batch, jobs := enqueue(t, s, store.Selection{All: true})
	if len(jobs) != 1 {
		t.Fatalf("%d jobs", len(jobs))
	}
	wantBatch := func(state string, counts map[store.JobState]int) {
		t.Helper()
		b, err := s.Batch(ctx, batch)
		if err != nil || b.State != state {
			t.Fatalf("batch: %+v, %v", b, err)
		}
		for _, st := range store.JobStates {
			if b.Counts[st] != counts[st] {
				t.Errorf("%s: %d, not %d", st, b.Counts[st], counts[st])
			}
		}
	}
	wantBatch("running", map[store.JobState]int{store.Queued: 1})
	l, err := s.Lease(ctx, jobs[0], "one", time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	if l.Asset.URL != "http://a/" || l.Attempt != 1 || len(l.Memory) != 0 {
		t.Errorf("lease: %+v", l)
	}
	wantBatch("running", map[store.JobState]int{store.Leased: 1})
	if _, err := s.Lease(ctx, jobs[0], "two", time.Minute); !errors.Is(err, store.ErrJobTaken) {
		t.Errorf("a second lease: %v", err)
	}
	if j, err := s.Job(ctx, jobs[0]); err != nil || j.State != store.Leased || j.Executor != "one" || j.Batch != batch {
		t.Errorf("job: %+v, %v", j, err)
	}
	at := time.Now()
	if err := s.Finish(ctx, l, outcome(l, at, plugins.Down)); err != nil {
		t.Fatal(err)
	}
	wantBatch("done", map[store.JobState]int{store.Done: 1})
	if err := s.Finish(ctx, l, outcome(l, at, plugins.Up)); !errors.Is(err, store.ErrLeaseLost) {
		t.Errorf("a second finish: %v", err)
	}
	if _, err := s.Lease(ctx, jobs[0], "two", time.Minute); !errors.Is(err, store.ErrJobGone) {
		t.Errorf("leasing a job that is done: %v", err)
	}
	if j, err := s.Job(ctx, jobs[0]); err != nil || j.State != store.Done || j.Asset != a.ID {
		t.Errorf("done job: %+v, %v", j, err)
	}
	page, err := s.Results(ctx, store.ResultQuery{Asset: a.ID, Limit: 10})
	if err != nil || len(page.Results) != 1 || page.Results[0].Verdict != plugins.Down || page.Results[0].Job != jobs[0] {
		t.Fatalf("results: %+v, %v", page, err)
	}
	got, err := s.Asset(ctx, a.ID)
	if err != nil || got.Status.Verdict != plugins.Down || got.Status.Checked.UnixMilli() != at.UnixMilli() {
		t.Errorf("status: %+v, %v", got.Status, err)
	}
	down, err := s.Assets(ctx, store.AssetQuery{Limit: 10, Verdict: plugins.Down})
	if err != nil || len(down.Assets) != 1 {
		t.Errorf("assets that are down: %d, %v", len(down.Assets), err)
	}
	_, jobs = enqueue(t, s, store.Selection{Assets: []string{a.ID}})
	if l, err = s.Lease(ctx, jobs[0], "one", time.Minute); err != nil || string(l.Memory) != "remember" {
		t.Errorf("memory of the check before: %q, %v", l.Memory, err)
	}
}

func TestEnqueueSelects(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t)
	a := create(t, s, newAsset("http://a/", "x"))
	off := newAsset("http://b/", "x")
	off.Enabled = false
	create(t, s, off)
	create(t, s, newAsset("http://c/"))
	for _, test := range []struct {
		sel  store.Selection
		want int
	}{
		{store.Selection{All: true}, 2},
		{store.Selection{Tag: "x"}, 1},
		{store.Selection{Tag: "none"}, 0},
		{store.Selection{Assets: []string{a.ID, off.ID, a.ID}}, 2},
	} {
		batch, jobs := enqueue(t, s, test.sel)
		if len(jobs) != test.want {
			t.Errorf("%+v: %d jobs", test.sel, len(jobs))
		}
		if b, err := s.Batch(t.Context(), batch); err != nil || b.Counts[store.Queued] != test.want {
			t.Errorf("%+v: %+v, %v", test.sel, b, err)
		}
	}
	_, _, err := s.Enqueue(t.Context(), store.Selection{Assets: []string{a.ID, "nope", "cv0000000000000000r0"}}, func([]string) { t.Error("pushed") })
	var unknown *store.UnknownAssetsError
	if !errors.As(err, &unknown) || !slices.Equal(unknown.IDs, []string{"cv0000000000000000r0", "nope"}) {
		t.Errorf("unknown ids: %v", err)
	}
}

func TestCancelBatch(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t)
	ctx := t.Context()
	assets := make([]*store.Asset, 500)
	for i := range assets {
		assets[i] = newAsset("http://a/")
	}
	s.CreateAssets(ctx, assets)
	batch, jobs := enqueue(t, s, store.Selection{All: true})
	l, err := s.Lease(ctx, jobs[0], "one", time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	b, err := s.CancelBatch(ctx, batch)
	if err != nil || b.State != "cancelled" || b.Counts[store.Cancelled] != 499 || b.Counts[store.Leased] != 1 || b.Counts[store.Queued] != 0 {
		t.Fatalf("cancelled: %+v, %v", b, err)
	}
	if _, err := s.Lease(ctx, jobs[1], "one", time.Minute); !errors.Is(err, store.ErrJobGone) {
		t.Errorf("leasing a cancelled job: %v", err)
	}
	if j, err := s.Job(ctx, jobs[1]); err != nil || j.State != store.Cancelled {
		t.Errorf("cancelled job: %+v, %v", j, err)
	}
	// The job under way when the batch was cancelled is finished, or cancelled
	// when it is handed back.
	if err := s.HandBack(ctx, l, 0); err != nil {
		t.Error(err)
	}
	if b, err = s.Batch(ctx, batch); err != nil || b.Counts[store.Cancelled] != 500 {
		t.Errorf("after the hand-back: %+v, %v", b, err)
	}
	var listed []store.Job
	q := store.JobQuery{State: store.Cancelled, Limit: 100}
	for {
		page, err := s.Jobs(ctx, q)
		if err != nil {
			t.Fatal(err)
		}
		listed = append(listed, page.Jobs...)
		if page.Next == "" {
			break
		}
		q.Cursor = page.Next
	}
	if len(listed) != 500 {
		t.Errorf("%d cancelled jobs listed", len(listed))
	}
	if _, err := s.CancelBatch(ctx, "cv0000000000000000r0"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("an unknown batch: %v", err)
	}
}

func TestLeaseRunsOut(t *testing.T) {
	t.Parallel()
	c := newClock()
	s := storetest.Open(t, c.use, func(o *store.Options) { o.MaxAttempts = 2 })
	ctx := t.Context()
	create(t, s, newAsset("http://a/"))
	batch, jobs := enqueue(t, s, store.Selection{All: true})
	expire := func() []string {
		again, _, err := s.ExpireLeases(ctx, store.AllParts)
		if err != nil {
			t.Fatal(err)
		}
		return again
	}
	first, err := s.Lease(ctx, jobs[0], "one", 30*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	c.add(29 * time.Second)
	if again := expire(); len(again) != 0 {
		t.Fatal("a lease expired early")
	}
	if lost, err := s.Renew(ctx, []*store.Lease{first}, 30*time.Second); err != nil || len(lost) != 0 {
		t.Fatalf("renew: %v, %v", lost, err)
	}
	c.add(29 * time.Second)
	if again := expire(); len(again) != 0 {
		t.Fatal("a renewed lease expired")
	}
	c.add(2 * time.Second)
	if again := expire(); !slices.Equal(again, jobs) {
		t.Fatalf("expired: %v", again)
	}
	if lost, err := s.Renew(ctx, []*store.Lease{first}, 30*time.Second); err != nil || !slices.Equal(lost, jobs) {
		t.Errorf("renewing a lost lease: %v, %v", lost, err)
	}
	second, err := s.Lease(ctx, jobs[0], "one", 30*time.Second)
	if err != nil || second.Attempt != 2 {
		t.Fatalf("second lease: %+v, %v", second, err)
	}
	// The first holder comes late, under the same name: it must not count.
	if err := s.Finish(ctx, first, outcome(first, c.now(), plugins.Up)); !errors.Is(err, store.ErrLeaseLost) {
		t.Errorf("finishing with a lost lease: %v", err)
	}
	c.add(31 * time.Second)
	if again := expire(); len(again) != 0 {
		t.Errorf("a job is tried a third time: %v", again)
	}
	j, err := s.Job(ctx, jobs[0])
	if err != nil || j.State != store.Failed || j.Reason == "" || j.Attempts != 2 {
		t.Errorf("failed job: %+v, %v", j, err)
	}
	if b, err := s.Batch(ctx, batch); err != nil || b.State != "done" || b.Counts[store.Failed] != 1 {
		t.Errorf("batch: %+v, %v", b, err)
	}
	if sum, err := s.Summary(ctx); err != nil || sum.Failed != 1 {
		t.Errorf("%d failed jobs are counted, %v", sum.Failed, err)
	}
}

func TestHandBackIsNoAttempt(t *testing.T) {
	t.Parallel()
	c := newClock()
	s := storetest.Open(t, c.use)
	create(t, s, newAsset("http://a/"))
	_, jobs := enqueue(t, s, store.Selection{All: true})
	for range 10 {
		l, err := s.Lease(t.Context(), jobs[0], "one", time.Minute)
		if err != nil || l.Attempt != 1 {
			t.Fatalf("lease: %+v, %v", l, err)
		}
		if err := s.HandBack(t.Context(), l, time.Second); err != nil {
			t.Fatal(err)
		}
	}
	c.add(time.Second)
	again, _, err := s.Redeliver(t.Context(), store.AllParts)
	if err != nil || !slices.Equal(again, jobs) {
		t.Errorf("pushed again: %v, %v", again, err)
	}
}

func TestRedeliverBacksOff(t *testing.T) {
	t.Parallel()
	c := newClock()
	s := storetest.Open(t, c.use, func(o *store.Options) { o.Redeliver = 10 * time.Second })
	create(t, s, newAsset("http://a/"))
	_, jobs := enqueue(t, s, store.Selection{All: true})
	for _, wait := range []time.Duration{10, 20, 40, 80, 160, 320, 640, 640} {
		c.add(wait*time.Second - time.Millisecond)
		again, _, err := s.Redeliver(t.Context(), store.AllParts)
		if err != nil || len(again) != 0 {
			t.Fatalf("pushed before %v: %v, %v", wait*time.Second, again, err)
		}
		c.add(time.Millisecond)
		if again, _, err = s.Redeliver(t.Context(), store.AllParts); err != nil || !slices.Equal(again, jobs) {
			t.Fatalf("not pushed after %v: %v, %v", wait*time.Second, again, err)
		}
	}
}

func TestDeletedAssetFailsItsJobs(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t)
	ctx := t.Context()
	a, b := create(t, s, newAsset("http://a/")), create(t, s, newAsset("http://b/"))
	_, jobs := enqueue(t, s, store.Selection{Assets: []string{a.ID}})
	_, running := enqueue(t, s, store.Selection{Assets: []string{b.ID}})
	l, err := s.Lease(ctx, running[0], "one", time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{a.ID, b.ID} {
		if err := s.DeleteAsset(ctx, id, 0); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.Lease(ctx, jobs[0], "one", time.Minute); !errors.Is(err, store.ErrAssetDeleted) {
		t.Errorf("leasing the job of a deleted asset: %v", err)
	}
	if j, err := s.Job(ctx, jobs[0]); err != nil || j.State != store.Failed {
		t.Errorf("its job: %+v, %v", j, err)
	}
	if err := s.Finish(ctx, l, outcome(l, time.Now(), plugins.Up)); err != nil {
		t.Errorf("finishing the job of a deleted asset: %v", err)
	}
	if _, err := s.Asset(ctx, b.ID); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("the deleted asset is back: %v", err)
	}
	if sum, err := s.Summary(ctx); err != nil || sum.Assets != 0 || len(sum.Slowest) != 0 {
		t.Errorf("summary: %+v, %v", sum, err)
	}
}

func TestOldBatchesAreForgotten(t *testing.T) {
	t.Parallel()
	c := newClock()
	c.ms.Store(time.Now().UnixMilli())
	s := storetest.Open(t, c.use)
	create(t, s, newAsset("http://a/"))
	batch, _ := enqueue(t, s, store.Selection{All: true})
	if err := s.ForgetBatches(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Batch(t.Context(), batch); err != nil {
		t.Errorf("a young batch: %v", err)
	}
	c.add(store.BatchAge + time.Minute)
	if err := s.ForgetBatches(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Batch(t.Context(), batch); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("an old batch: %v", err)
	}
}

// An executor does not go on with the jobs of a batch that was cancelled.
func TestCancelReachesExecutors(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t)
	create(t, s, newAsset("http://a/"))
	batch, jobs := enqueue(t, s, store.Selection{All: true})
	l, err := s.Lease(t.Context(), jobs[0], "one", time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.CancelBatch(t.Context(), batch); err != nil {
		t.Fatal(err)
	}
	if lost, err := s.Renew(t.Context(), []*store.Lease{l}, time.Minute); err != nil || !slices.Equal(lost, jobs) {
		t.Errorf("the lease is renewed: lost %v, %v", lost, err)
	}
	if b, err := s.Batch(t.Context(), batch); err != nil || b.Counts[store.Cancelled] != 1 || b.Counts[store.Leased] != 0 {
		t.Errorf("batch: %+v, %v", b, err)
	}
	if err := s.Finish(t.Context(), l, outcome(l, time.Now(), plugins.Up)); !errors.Is(err, store.ErrLeaseLost) {
		t.Errorf("a result that comes later: %v", err)
	}
}
