package store

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/redis/rueidis"
)

// Member is a live process of the system.
type Member struct {
	Role     string             `json:"role"`     // api, dispatcher or executor
	Name     string             `json:"name"`     // unique to the process
	Since    time.Time          `json:"since"`    // when it started
	Seen     time.Time          `json:"seen"`     // when it last said so
	Counters map[string]float64 `json:"counters"` // what it counts about itself
}

// A member says that it lives every BeatEvery and is forgotten after three
// beats left out.
const BeatEvery = 5 * time.Second

// Beat says that a member lives. Seen is filled in.
func (s *Store) Beat(ctx context.Context, m Member) error {
	m.Seen = s.now().UTC()
	record, err := json.Marshal(m)
	if err != nil {
		return fmt.Errorf("member %s: %w", m.Name, err)
	}
	c, err := s.conn(ctx)
	if err != nil {
		return err
	}
	return s.check(c.Do(ctx, c.B().Hset().Key(s.keys.members).FieldValue().FieldValue(m.Role+"/"+m.Name, string(record)).Build()).Error())
}

// Leave says that a member is gone.
func (s *Store) Leave(ctx context.Context, m Member) error {
	c, err := s.conn(ctx)
	if err != nil {
		return err
	}
	return s.check(c.Do(ctx, c.B().Hdel().Key(s.keys.members).Field(m.Role+"/"+m.Name).Build()).Error())
}

// Members lists the live processes by role and name, and forgets the others.
func (s *Store) Members(ctx context.Context) ([]Member, error) {
	c, err := s.conn(ctx)
	if err != nil {
		return nil, err
	}
	records, err := c.Do(ctx, c.B().Hgetall().Key(s.keys.members).Build()).AsStrMap()
	if err = s.check(err); err != nil && !rueidis.IsRedisNil(err) {
		return nil, err
	}
	var members []Member
	var gone []string
	for field, record := range records {
		var m Member
		if json.Unmarshal([]byte(record), &m) != nil || s.now().Sub(m.Seen) > 3*BeatEvery {
			gone = append(gone, field)
			continue
		}
		members = append(members, m)
	}
	if gone != nil {
		if err := s.check(c.Do(ctx, c.B().Hdel().Key(s.keys.members).Field(gone...).Build()).Error()); err != nil {
			return nil, err
		}
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
