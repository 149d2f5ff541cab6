package store

import (
	"context"
	"fmt"

	"github.com/redis/rueidis"
)

// IncidentCopy is an incident as a backup holds it.
type IncidentCopy struct {
	ID     string   `json:"id"`
	Fields []string `json:"fields"` // see scripts/incidents.lua
}

// Check tells whether the copy can be stored.
func (c *IncidentCopy) Check() error {
	if _, _, ok := splitIncidentID(c.ID); !ok || len(c.Fields) != len(incidentFields(c.ID)) {
		return fmt.Errorf("%q with %d fields is no incident", c.ID, len(c.Fields))
	}
	_, there, err := decodeIncident(c.ID, c.Fields)
	if err == nil && !there {
		err = fmt.Errorf("incident %s: it has no record", c.ID)
	}
	return err
}

// args are the arguments of scripts that write the copy.
func (c *IncidentCopy) args() []string {
	args := append([]string{c.ID}, c.Fields...)
	args[len(args)-1] = endDeliveries(args[len(args)-1])
	return args
}

// IncidentCopies visits a copy of every closed incident. Those that are open
// come with their assets. Read them after the assets: then none is missing that
// was open before.
func (s *Store) IncidentCopies(ctx context.Context, visit func(*IncidentCopy) error) error {
	for i := range s.keys.partitions {
		p := &s.keys.partitions[i]
		c, err := s.conn(ctx)
		if err != nil {
			return err
		}
		ids, err := c.Do(ctx, c.B().Zrange().Key(p.closed).Min("0").Max("-1").Build()).AsStrSlice()
		if err = s.check(err); err != nil {
			return err
		}
		commands := make([]rueidis.Completed, len(ids))
		for j, id := range ids {
			commands[j] = c.B().Hmget().Key(p.incidents).Field(incidentFields(id)...).Build()
		}
		answers, err := s.pipeline(ctx, commands...)
		if err != nil {
			return err
		}
		for j, answer := range answers {
			fields, err := answer.AsStrSlice()
			if err != nil {
				return err
			}
			one := &IncidentCopy{ID: ids[j], Fields: fields}
			if fields[0] == "" {
				continue // it was forgotten meanwhile
			}
			if err = one.Check(); err == nil {
				err = visit(one)
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// Incident writes a closed incident, sooner or later. One that came with its asset
// stays as that said.
func (r *Restoration) Incident(ctx context.Context, c *IncidentCopy) error {
	asset, _, _ := splitIncidentID(c.ID)
	p := r.store.keys.of(asset)
	r.incidents = append(r.incidents, rueidis.LuaExec{Keys: []string{p.incidents, p.warning, p.critical, p.closed}, Args: c.args()})
	for _, field := range c.Fields {
		r.bytes += len(field)
	}
	return r.flushSome(ctx)
}
