package executor

import (
	"context"
	"sync/atomic"
	"time"

	"webmon/store"
)

// company knows whether other executors live. As long as that is not known,
// there neither are others nor is this one alone.
type company struct{ known atomic.Int32 }

const (
	unknownCompany = iota
	noCompany
	goodCompany
)

func (c *company) alone() bool  { return c.known.Load() == noCompany }
func (c *company) others() bool { return c.known.Load() == goodCompany }

// watch looks who lives with every beat, until ctx ends.
func (c *company) watch(ctx context.Context, s *store.Store, name string) {
	tick := time.NewTicker(store.BeatEvery)
	defer tick.Stop()
	for {
		c.known.Store(c.look(ctx, s, name))
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

func (c *company) look(ctx context.Context, s *store.Store, name string) int32 {
	members, err := s.Members(ctx)
	if err != nil {
		return unknownCompany
	}
	for _, m := range members {
		if m.Role == "executor" && m.Name != name {
			return goodCompany
		}
	}
	return noCompany
}
