package executor

import (
	"context"
	"sync"
	"time"

	"webmon/store"
)

// leaseSet holds the leases of the jobs under way, each with what ends its job
// when the lease is lost.
type leaseSet struct {
	mu   sync.Mutex
	held map[string]heldLease // by job id
}

type heldLease struct {
	lease *store.Lease
	since time.Time
	lost  context.CancelFunc
}

func (s *leaseSet) add(l *store.Lease, lost context.CancelFunc) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.held == nil {
		s.held = map[string]heldLease{}
	}
	s.held[l.Job] = heldLease{l, time.Now(), lost}
}

func (s *leaseSet) remove(l *store.Lease) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.held[l.Job].lease == l {
		delete(s.held, l.Job)
	}
}

// olderThan gives the leases that are held longer than age.
func (s *leaseSet) olderThan(age time.Duration) []*store.Lease {
	s.mu.Lock()
	defer s.mu.Unlock()
	var leases []*store.Lease
	for _, h := range s.held {
		if time.Since(h.since) > age {
			leases = append(leases, h.lease)
		}
	}
	return leases
}

// lose ends the job of a lease.
func (s *leaseSet) lose(job string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if h, ok := s.held[job]; ok {
		h.lost()
	}
}

// renew prolongs the leases of long jobs until ctx ends. Most jobs are over
// before the first renewal.
func (e *Executor) renew(ctx context.Context) {
	every := e.opts.Lease / 3
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
		leases := e.leases.olderThan(every / 2)
		if len(leases) == 0 {
			continue
		}
		lost, err := e.opts.Store.Renew(ctx, leases, e.opts.Lease)
		if err != nil && ctx.Err() == nil {
			e.opts.Logger.Debug("renew leases", "err", err)
		}
		for _, job := range lost {
			e.leases.lose(job)
		}
	}
}
