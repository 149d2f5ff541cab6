package store_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"webmon/plugins"
	"webmon/store"
	"webmon/store/storetest"
)

// What a newer webmon wrote is not lost in silence.
func TestCopyOfUnknownField(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	visit := func(*store.AssetCopy) error { return nil }
	for field, value := range map[string]string{"future": "1", "s": "soon", "v": "99", "d": "{", "r": "0"} {
		s := storetest.Open(t)
		a := create(t, s, newAsset("http://a/"))
		if err := s.Copies(ctx, visit); err != nil {
			t.Fatal(err)
		}
		if err := s.SetField(ctx, a.ID, field, value); err != nil {
			t.Fatal(err)
		}
		if err := s.Copies(ctx, visit); err == nil || !strings.Contains(err.Error(), a.ID) {
			t.Errorf("field %s is %s: %v", field, value, err)
		}
	}
}

// Each copy is as of one moment, however busy the asset is.
func TestCopiesOfABusyStore(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	from, to := storetest.Open(t), storetest.Open(t)
	a := create(t, from, newAsset("http://a/"))
	checked(t, from, a.ID, time.Now(), plugins.Up, "none")
	copied := make(chan struct{})
	var running sync.WaitGroup
	running.Go(func() {
		for {
			select {
			case <-copied:
				return
			default:
			}
			var job string
			if _, _, err := from.Enqueue(ctx, store.Selection{Assets: []string{a.ID}}, func(ids []string) { job = ids[0] }); err != nil {
				t.Error(err)
				return
			}
			l, err := from.Lease(ctx, job, "worker", time.Minute)
			if err != nil {
				t.Error(err)
				return
			}
			o := outcome(l, time.Now(), plugins.Up)
			o.Memory = []byte(job) // as the latest result has it
			if err := from.Finish(ctx, l, o); err != nil {
				t.Error(err)
				return
			}
		}
	})
	moments := map[string]bool{}
	for len(moments) < 100 && !t.Failed() {
		copyAll(t, from, to, store.RestoreOptions{Name: "test", Replace: true})
		memory, latest := string(remembered(t, to, a.ID).Memory), results(t, to, a.ID)[0].Job
		if memory != latest && memory != "none" {
			t.Errorf("the memory is of %s, the latest result of %s", memory, latest)
		}
		n, err := to.Counters(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if highest := fmt.Sprintf("%s.%x", a.ID, n.Jobs); len(latest) == len(highest) && latest > highest {
			t.Errorf("result of %s, but the highest job is %s", latest, highest)
		}
		moments[latest] = true
	}
	close(copied)
	running.Wait()
}
