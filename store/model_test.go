package store_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"webmon/store"
	"webmon/store/storetest"
)

const (
	modelAttempts  = 3
	modelRedeliver = 10 * time.Second
	modelLease     = 30 * time.Second
)

// model is what the tables in docs/reliability.md and docs/incidents.md say, in memory. Random
// actors do random things to it and to a real Redis, and the two must agree.
type model struct {
	t      *testing.T
	s      *store.Store
	clock  *clock
	random *rand.Rand
	rescue *store.Rescue

	assets  map[string]*modelAsset
	jobs    map[string]*modelJob
	batches map[string]*modelBatch
	leases  []*store.Lease // all that were ever given: actors may be late
}

type modelAsset struct {
	asset   *store.Asset
	deleted bool
	due     time.Time // zero: on demand only
	pending string
	skipped int64
	failed  int64
	results int
	watch   modelWatch
	bad     bool // the page, of late
}

type modelJob struct {
	asset, batch, executor string
	state                  store.JobState
	attempts, pushes       int
	until                  time.Time // the lease's end, or the next push
	avoid                  string    // the executor that it is to confirm
	refusals               int       // of that one that are left
}

type modelBatch struct {
	key       string
	assets    []string
	cancelled bool
}

func TestModel(t *testing.T) {
	t.Parallel()
	for seed := range uint64(3) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			c := newClock()
			s := storetest.Open(t, c.use, func(o *store.Options) {
				o.MaxAttempts, o.Redeliver = modelAttempts, modelRedeliver
			})
			m := &model{t: t, s: s, clock: c, random: rand.New(rand.NewPCG(seed, 0)), rescue: s.NewRescue(),
				assets: map[string]*modelAsset{}, jobs: map[string]*modelJob{}, batches: map[string]*modelBatch{}}
			m.run(300)
		})
	}
}

func (m *model) run(steps int) {
	acts := []struct {
		name string
		odds int
		act  func() string
	}{
		{"time passes", 6, m.wait}, {"enqueue", 4, m.enqueue}, {"enqueue again", 2, m.enqueueAgain}, {"claim", 6, m.claim},
		{"lease", 16, m.lease}, {"lease among others", 12, m.leaseAmongOthers}, {"lease again", 4, m.leaseAgain}, {"renew", 4, m.renew}, {"finish", 12, m.finish}, {"check", 24, m.check},
		{"hand back", 6, m.handBack}, {"expire", 6, m.expire}, {"redeliver", 6, m.redeliver}, {"cancel", 1, m.cancel},
		{"create", 2, m.create}, {"change", 2, m.change}, {"delete", 1, m.delete},
	}
	var wheel []int
	for i, a := range acts {
		wheel = append(wheel, slices.Repeat([]int{i}, a.odds)...)
	}
	for range 6 {
		m.create()
	}
	for step := range steps {
		a := acts[wheel[m.random.IntN(len(wheel))]]
		wrong := a.act()
		if wrong == "" {
			wrong = m.invariants(step%20 == 0 || step == steps-1)
		}
		if wrong != "" {
			m.t.Fatalf("step %d, %s: %s", step, a.name, wrong)
		}
	}
}

// pick gives one of the keys, or nothing of an empty map.
func pick[V any](m *model, from map[string]V) string {
	keys := slices.Sorted(maps.Keys(from))
	if len(keys) == 0 {
		return ""
	}
	return keys[m.random.IntN(len(keys))]
}

// pickLease gives one of the latest leases, or one that is late: its job has been
// leased anew.
func (m *model) pickLease() *store.Lease {
	if len(m.leases) == 0 {
		return nil
	}
	if m.random.IntN(4) == 0 {
		for _, l := range m.leases {
			if m.jobs[l.Job].state == store.Leased && !m.holds(l) {
				return l
			}
		}
	}
	return m.leases[max(0, len(m.leases)-1-m.random.IntN(12))]
}
