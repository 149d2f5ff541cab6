package store

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// Member is a live process of the system.
type Member struct {
	Role     string             `json:"role"`     // api, dispatcher or executor
	Name     string             `json:"name"`     // unique to the process
	Since    time.Time          `json:"since"`    // when it started
	Seen     time.Time          `json:"-"`        // when it last said so, by the clock of Redis
	Counters map[string]float64 `json:"counters"` // what it counts about itself
}

// A member says that it lives every BeatEvery and is forgotten after three
// beats left out.
const BeatEvery = 5 * time.Second

// Beat says that a member lives. Seen need not be filled in.
func (s *Store) Beat(ctx context.Context, m Member) error {
	record, err := json.Marshal(m)
	if err != nil {
		return fmt.Errorf("member %s: %w", m.Name, err)
	}
	_, err = s.runInt(ctx, scriptBeat, s.keys.members[:], s.nowArg(), m.Role+"/"+m.Name, string(record))
	return err
}

// Leave says that a member is gone.
func (s *Store) Leave(ctx context.Context, m Member) error {
	c, err := s.conn(ctx)
	if err != nil {
		return err
	}
	field := m.Role + "/" + m.Name
	_, err = s.pipeline(ctx,
		c.B().Hdel().Key(s.keys.members[0]).Field(field).Build(),
		c.B().Zrem().Key(s.keys.members[1]).Member(field).Build())
	return err
}

// Members lists the live processes by role and name, and forgets the others.
func (s *Store) Members(ctx context.Context) ([]Member, error) {
	answer, err := s.runStrings(ctx, scriptMembers, s.keys.members[:], s.nowArg(), msArg(3*BeatEvery))
	if err != nil {
		return nil, err
	}
	var members []Member
	for i := 0; i+1 < len(answer); i += 2 {
		var m Member
		if err := json.Unmarshal([]byte(answer[i]), &m); err != nil {
			return nil, fmt.Errorf("a member's record in Redis is damaged: %w", err)
		}
		m.Seen = parseMillis(answer[i+1])
		members = append(members, m)
	}
	slices.SortFunc(members, func(a, b Member) int {
		return cmp.Or(cmp.Compare(a.Role, b.Role), cmp.Compare(a.Name, b.Name))
	})
	return members, nil
}

// Attend says that a member lives, again and again until ctx ends, and then
// that it is gone. counters is called for each beat.
func (s *Store) Attend(ctx context.Context, m Member, counters func() map[string]float64) {
	m.Since = s.now().UTC()
	tick := time.NewTicker(BeatEvery)
	defer tick.Stop()
	for {
		m.Counters = counters()
		_ = s.Beat(ctx, m) // a Redis that is away is said once, by the store
		select {
		case <-tick.C:
		case <-ctx.Done():
			leave, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
			defer cancel()
			_ = s.Leave(leave, m) // else it is forgotten after three beats
			return
		}
	}
}
