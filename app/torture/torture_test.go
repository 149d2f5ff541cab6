// Package torture breaks webmon in every way it should survive, and counts.
package torture

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"webmon/app/apptest"
)

// The defaults are the short form of "make test"; "make torture" gives others.
var (
	seed     = flag.Uint64("seed", 1, "decides which fault comes when")
	times    = flag.Int("times", 1, "how often each fault is injected")
	duration = flag.Duration("duration", 20*time.Second, "over how long the faults are spread")
	race     = flag.Bool("race-detector", true, "build webmon with the race detector")
)

const interval = time.Second // of the scheduled assets

func TestTorture(t *testing.T) {
	t.Parallel()
	t.Logf("again: go test -count=1 -timeout 3h -v -run TestTorture ./app/torture -args -seed=%d -times=%d -duration=%v -race-detector=%t", *seed, *times, *duration, *race)
	binary, err := apptest.Build(t.TempDir(), *race)
	if err != nil {
		t.Fatal(err)
	}
	s := startSystem(t, binary)
	l := &load{sys: s, caller: http.Client{Timeout: 20 * time.Second}}
	must := func(what string, err error) {
		t.Helper()
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
	}
	var healed atomic.Bool
	url := site(t, &healed)
	onDemand, err := l.create(200, url, "0s")
	must("create assets", err)
	scheduled, err := l.create(30, url, interval.String())
	must("create scheduled assets", err)
	shaky, err := l.create(10, url+"/shaky", interval.String())
	must("create shaky assets", err)

	stop := make(chan struct{})
	var clients sync.WaitGroup
	const many = 4
	ends := make([]error, many)
	for i := range many {
		clients.Go(func() { ends[i] = l.client(i, onDemand, rand.New(rand.NewPCG(*seed, uint64(i))), stop) })
	}
	must("warm up", l.checked(scheduled, time.Now()))
	before := measure(s.watched())

	done, failure := torture(s, l, rand.New(rand.NewPCG(*seed, many)), *times, *duration)
	close(stop)
	clients.Wait()
	must("torture", failure)
	for _, err := range ends {
		must("a client", err)
	}

	for _, link := range s.links() {
		link.heal()
	}
	healed.Store(true)
	must("each scheduled asset is checked again", l.checked(scheduled, time.Now()))
	must("all batches end", l.quiet())
	must("no job that confirms is left", l.confirmed())
	incidents, err := l.incidents(shaky)
	must("incidents", err)
	a, err := l.reckon(onDemand)
	must("reckon", err)
	slots, err := l.schedule(scheduled, interval, &a)
	must("the schedule", err)

	t.Logf("seed %d, %d faults in %v\n%s", *seed, len(done), *duration, l.table(done, a))
	t.Logf("jobs: %d accepted, %d counted, %d failed with a reason", a.accepted, a.counted, a.failed)
	t.Logf("schedule: %d slots, %d checked, %d skipped and counted, %d failed with a reason", slots.slots, slots.checked, slots.skipped, slots.failed)
	t.Logf("false alarms: %v", a.alarms)
	t.Logf("incidents of %d shaky pages: %d, with %d bad checks; they came back %d times", len(shaky), incidents.count, incidents.checks, incidents.flaps)
	if len(a.lost)+len(a.doubled)+len(a.running)+len(a.alarms) > 0 {
		t.Errorf("lost %v\ndoubled %v\nnever ended %v\nfalse alarms %v", a.lost, a.doubled, a.running, a.alarms)
	}
	if err := s.leaked(before, t.Logf); err != nil {
		t.Error(err)
	}
}

// checked waits until each asset has been checked after a time.
func (l *load) checked(ids []string, after time.Time) error {
	for _, id := range ids {
		if err := patiently("asset "+id+" is checked", func() error {
			var got asset
			if err := l.get("/v1/assets/"+id, &got); err != nil {
				return err
			}
			if !got.Checked.After(after) || got.NextCheck.Before(after) {
				return fmt.Errorf("last %v, next %v", got.Checked, got.NextCheck)
			}
			return nil
		}); err != nil {
			return err
		}
	}
	return nil
}

// quiet waits until no batch runs any more.
func (l *load) quiet() error {
	for r := range slices.Values(l.requests) {
		if err := patiently("batch "+r.batch+" ends", func() error {
			var batch struct {
				State  string
				Counts map[string]int
			}
			if err := l.get("/v1/batches/"+r.batch, &batch); err != nil {
				return err
			}
			if batch.State == "running" {
				return fmt.Errorf("%+v", batch)
			}
			return nil
		}); err != nil {
			return err
		}
	}
	return nil
}
