package backup_test

import (
	"bytes"
	"fmt"
	"sync"
	"testing"
	"time"

	"webmon/plugins"
	"webmon/store"
	"webmon/store/backup"
	"webmon/store/storetest"
)

// Of a busy asset a backup has one moment, and its counters are no older.
func TestBackupOfABusyStore(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	from, to := storetest.Open(t), storetest.Open(t)
	a := &store.Asset{URL: "http://a/", Timeout: store.Duration(time.Second), Enabled: true}
	if err := from.CreateAsset(ctx, a); err != nil {
		t.Fatal(err)
	}
	// Each check remembers its job, of which the latest result is.
	once := func() error {
		var job string
		if _, _, err := from.Enqueue(ctx, store.Selection{Assets: []string{a.ID}}, func(ids []string) { job = ids[0] }); err != nil {
			return err
		}
		l, err := from.Lease(ctx, job, "worker", time.Minute)
		if err != nil {
			return err
		}
		return from.Finish(ctx, l, store.Outcome{Memory: []byte(job), Result: store.Result{Job: job, At: time.Now(), Verdict: plugins.Up}})
	}
	if err := once(); err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	var running sync.WaitGroup
	running.Go(func() {
		for {
			select {
			case <-done:
				return
			default:
			}
			if err := once(); err != nil {
				t.Error(err)
				return
			}
		}
	})
	moments := map[string]bool{}
	for len(moments) < 50 && !t.Failed() {
		data := write(t, from)
		f, err := backup.Check(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			t.Fatal(err)
		}
		if err := f.Restore(ctx, to, store.RestoreOptions{Name: "test", Replace: true}, none); err != nil {
			t.Fatal(err)
		}
		r, err := to.Remembered(ctx, a.ID)
		if err != nil {
			t.Fatal(err)
		}
		page, err := to.Results(ctx, store.ResultQuery{Asset: a.ID, Limit: 1})
		if err != nil {
			t.Fatal(err)
		}
		latest := page.Results[0].Job
		if string(r.Memory) != latest {
			t.Errorf("the memory is of %s, the latest result of %s", r.Memory, latest)
		}
		n, err := to.Counters(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if highest := fmt.Sprintf("%s.%x", a.ID, n.Jobs); len(latest) > len(highest) || len(latest) == len(highest) && latest > highest {
			t.Errorf("a result of %s, but the highest job is %s", latest, highest)
		}
		moments[latest] = true
	}
	close(done)
	running.Wait()
}
