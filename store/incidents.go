package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/redis/rueidis"

	"webmon/plugins"
)

// Incident reads an incident, or fails with ErrNotFound. Of those that are
// closed the latest 1,000 of each partition are kept.
func (s *Store) Incident(ctx context.Context, id string) (*Incident, error) {
	var damaged error
	found, err := s.readIncidents(ctx, []string{id}, func(why error) { damaged = why })
	if err = cmp.Or(err, damaged); err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("incident %q: %w", id, ErrNotFound)
	}
	return &found[0], nil
}

// leaveOut says in the log that an incident cannot be read. The others are worth more
// than none.
func (s *Store) leaveOut(why error) {
	s.opts.Logger.Error("an incident cannot be read and is left out: nobody is told of it", "err", why)
}

// readIncidents reads the incidents with these ids, leaving out those that are
// not there, and those of which damaged is told why they cannot be read.
func (s *Store) readIncidents(ctx context.Context, ids []string, damaged func(error)) ([]Incident, error) {
	c, err := s.conn(ctx)
	if err != nil {
		return nil, err
	}
	var known []string
	var commands []rueidis.Completed
	for _, id := range ids {
		if asset, _, ok := splitIncidentID(id); ok {
			known = append(known, id)
			commands = append(commands, c.B().Hmget().Key(s.keys.of(asset).incidents).Field(incidentFields(id)...).Build())
		}
	}
	if known == nil {
		return nil, nil
	}
	answers, err := s.pipeline(ctx, commands...)
	if err != nil {
		return nil, err
	}
	incidents := make([]Incident, 0, len(known))
	for i, answer := range answers {
		fields, err := answer.AsStrSlice()
		if err != nil {
			return nil, fmt.Errorf("incident %s: %w", known[i], err)
		}
		one, there, err := decodeIncident(known[i], fields)
		if err != nil {
			damaged(err)
		} else if there {
			incidents = append(incidents, one)
		}
	}
	return incidents, nil
}

// Incidents lists incidents. A cursor that was not made here fails with
// ErrCursor.
func (s *Store) Incidents(ctx context.Context, q IncidentQuery) (IncidentPage, error) {
	states, from, err := q.begin()
	if err != nil {
		return IncidentPage{}, err
	}
	var page IncidentPage
	looked := 0
	for _, state := range states {
		for {
			want := q.Limit - len(page.Incidents)
			if q.Tag != "" || q.Severity != "" && state == IncidentClosed {
				want = max(want, 500)
			}
			entries, more, err := s.incidentEntries(ctx, q, state, from, want)
			if err != nil {
				return IncidentPage{}, err
			}
			ids := make([]string, len(entries))
			for i, e := range entries {
				ids[i] = e.id
			}
			found, err := s.readIncidents(ctx, ids, s.leaveOut)
			if err != nil {
				return IncidentPage{}, err
			}
			at := 0
			for i := range found {
				for entries[at].id != found[i].ID {
					at++
				}
				from = &entries[at]
				if !q.fits(&found[i]) {
					continue
				}
				page.Incidents = append(page.Incidents, found[i])
				if len(page.Incidents) == q.Limit {
					if more || at+1 < len(entries) || state != states[len(states)-1] {
						page.Next = from.cursor(state)
					}
					return page, nil
				}
			}
			if !more {
				break
			}
			from = &entries[len(entries)-1]
			if looked += len(entries); looked >= scanBudget {
				page.Next = from.cursor(state)
				return page, nil
			}
		}
		from = nil
	}
	return page, nil
}

// fits tells whether an incident passes the filters that the index does not
// answer, or only did when it was read.
func (q *IncidentQuery) fits(i *Incident) bool {
	return (q.Tag == "" || slices.Contains(i.Tags, q.Tag)) && (q.Severity == "" || i.Severity == q.Severity)
}

// begin gives the states to list, and after which entry of the first.
func (q *IncidentQuery) begin() (states []IncidentState, from *incidentEntry, err error) {
	states = IncidentStates
	if q.State != "" {
		states = []IncidentState{q.State}
	}
	text, err := decodeCursor(q.Cursor)
	if err != nil || text == "" {
		return states, nil, err
	}
	f := strings.SplitN(text, "/", 3)
	if len(f) != 3 {
		return nil, nil, ErrCursor
	}
	first := slices.Index(states, IncidentState(f[0]))
	score, failure := strconv.ParseInt(f[1], 10, 64)
	if _, _, ok := splitIncidentID(f[2]); first < 0 || failure != nil || !ok {
		return nil, nil, ErrCursor
	}
	return states[first:], &incidentEntry{score, f[2]}, nil
}

// incidentEntry is an incident in one of the sorted sets.
type incidentEntry struct {
	score int64 // ms: when it opened, or closed
	id    string
}

func (e *incidentEntry) cursor(state IncidentState) string {
	return encodeCursor(fmt.Sprintf("%s/%d/%s", state, e.score, e.id))
}

// after tells whether e comes after other in lists: it is older.
func (e incidentEntry) after(other incidentEntry) bool {
	return e.score < other.score || e.score == other.score && e.id < other.id
}

// incidentEntries gives the first entries of a state after a given one, and
// whether there are more.
func (s *Store) incidentEntries(ctx context.Context, q IncidentQuery, state IncidentState, from *incidentEntry, limit int) ([]incidentEntry, bool, error) {
	keys, chunk := s.incidentKeys(q, state), limit/Partitions*3/2+8
	if q.Asset != "" {
		chunk = maxClosed // one partition, of which few are this asset's
	}
	var entries []incidentEntry
	for {
		part, horizon, err := s.incidentChunk(ctx, keys, from, chunk)
		if err != nil {
			return nil, false, err
		}
		if horizon != nil && from != nil && !horizon.after(*from) {
			chunk *= 2 // more than that are of the same moment
			continue
		}
		for _, e := range part {
			if horizon != nil && e.after(*horizon) {
				continue // some partition may have one before it, that was not read
			}
			if asset, _, _ := splitIncidentID(e.id); q.Asset == "" || asset == q.Asset {
				entries = append(entries, e)
			}
		}
		if len(entries) > limit {
			return entries[:limit], true, nil
		}
		if horizon == nil {
			return entries, false, nil
		}
		from = horizon
	}
}

// maxClosed is how many closed incidents of a partition are kept.
const maxClosed = 1000

// incidentKeys are the sorted sets that hold what a query asks for.
func (s *Store) incidentKeys(q IncidentQuery, state IncidentState) []string {
	parts := s.keys.partitions[:]
	if q.Asset != "" {
		i := partitionOf(q.Asset)
		parts = parts[i : i+1]
	}
	var keys []string
	for i := range parts {
		p := &parts[i]
		if state == IncidentClosed {
			keys = append(keys, p.closed)
			continue
		}
		if q.Severity != plugins.Warning {
			keys = append(keys, p.critical)
		}
		if q.Severity != plugins.Critical {
			keys = append(keys, p.warning)
		}
	}
	return keys
}

// incidentChunk reads the first entries after a given one of each sorted set,
// and gives them in order. Beyond the horizon, if there is one, entries may be
// missing.
func (s *Store) incidentChunk(ctx context.Context, keys []string, from *incidentEntry, chunk int) (entries []incidentEntry, horizon *incidentEntry, err error) {
	c, err := s.conn(ctx)
	if err != nil {
		return nil, nil, err
	}
	highest := "+inf"
	if from != nil {
		highest = strconv.FormatInt(from.score, 10)
	}
	commands := make([]rueidis.Completed, len(keys))
	for i, key := range keys {
		commands[i] = c.B().Zrange().Key(key).Min(highest).Max("-inf").Byscore().Rev().Limit(0, int64(chunk)).Withscores().Build()
	}
	answers, err := s.pipeline(ctx, commands...)
	if err != nil {
		return nil, nil, err
	}
	for _, answer := range answers {
		scores, err := answer.AsZScores()
		if err != nil {
			return nil, nil, err
		}
		for _, score := range scores {
			e := incidentEntry{int64(score.Score), score.Member}
			if from == nil || e.after(*from) {
				entries = append(entries, e)
			}
		}
		if len(scores) == chunk {
			last := incidentEntry{int64(scores[chunk-1].Score), scores[chunk-1].Member}
			if horizon == nil || horizon.after(last) {
				horizon = &last
			}
		}
	}
	slices.SortFunc(entries, func(a, b incidentEntry) int {
		return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(b.id, a.id))
	})
	return entries, horizon, nil
}
