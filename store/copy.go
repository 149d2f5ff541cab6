package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/redis/rueidis"

	"webmon/plugins"
)

// AssetCopy is all that is stored of an asset, as a backup holds it: nothing in
// it depends on where or in which Redis the asset is kept. Its jobs are no part
// of it.
type AssetCopy struct {
	ID         string
	Definition string // an [Asset] as JSON
	State      CopyState
	Memory     string   // what the plugins remember; empty for nothing
	Before     string   // what they remembered before the last alarm; empty for nothing
	Decisions  []string // each a [Decision] as JSON, the newest first
	Open       string   // the chunk of results that grows
	Sealed     []string // full chunks of results, the oldest first
}

// CopyState is what is counted and noted of an asset. Times are in milliseconds
// since 1970, 0 for never.
type CopyState struct {
	Revision int64            `json:"revision"`
	Verdict  plugins.Verdict  `json:"verdict"`
	Since    int64            `json:"since,omitempty"`
	Checked  int64            `json:"checked,omitempty"`
	Alarmed  int64            `json:"alarmed,omitempty"` // when the check began that raised the last alarm
	Decided  int64            `json:"decided,omitempty"` // how many decisions were made of its memory
	Skipped  int64            `json:"skipped,omitempty"` // checks
	Failed   int64            `json:"failed,omitempty"`  // jobs
	Seconds  *float64         `json:"seconds,omitempty"` // that the last check took; nil when it was none of the slowest
	Changes  map[string]int64 `json:"changes,omitempty"` // by day (UTC, 20060102), of today and yesterday

	Watched  string        `json:"watched,omitempty"`  // what is kept while something is bad: see scripts/incidents.lua
	Incident *IncidentCopy `json:"incident,omitempty"` // the one that Watched names; nil for none
}

// CopyCounters are the counters that belong to no single asset.
type CopyCounters struct {
	Jobs    int64 `json:"jobs"`    // the highest number of a job
	Checks  int64 `json:"checks"`  // since the beginning
	Skipped int64 `json:"skipped"` // scheduled checks left out, since the beginning
}

// copiesAtOnce is how many assets one round trip reads. It bounds the memory
// that a backup needs: some 0.3 MB for each asset with 10,000 results.
const copiesAtOnce = 32

// Copies visits a copy of every asset. Each is as of one moment; an asset that
// is made or deleted meanwhile is visited or not. The copy is the visitor's.
func (s *Store) Copies(ctx context.Context, visit func(*AssetCopy) error) error {
	for i := range s.keys.partitions {
		p := &s.keys.partitions[i]
		err := s.eachMember(ctx, p, memberAsset(""), func(ids []string) error {
			for part := range slices.Chunk(ids, copiesAtOnce) {
				if err := s.copies(ctx, p, part, visit); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) copies(ctx context.Context, p *partition, ids []string, visit func(*AssetCopy) error) error {
	today := s.now().UTC()
	days := []time.Time{today, today.AddDate(0, 0, -1)}
	calls := make([]rueidis.LuaExec, len(ids))
	for i, id := range ids {
		keys := []string{p.asset(id), p.memory(id), p.before(id), p.open(id), p.sealed(id), p.decisions(id), p.skips, p.slow, p.incidents}
		for _, day := range days {
			keys = append(keys, p.changed(day))
		}
		calls[i] = rueidis.LuaExec{Keys: keys, Args: []string{id}}
	}
	var failure error
	s.runMany(ctx, scriptCopyAsset, calls, func(i int, answer rueidis.RedisMessage, err error) {
		if failure != nil {
			return
		}
		var c *AssetCopy
		if err == nil {
			c, err = decodeCopy(ids[i], answer, days)
		}
		if err == nil && c != nil { // else it was deleted
			err = visit(c)
		}
		failure = err
	})
	return failure
}

// decodeCopy reads the answer of copyasset.lua; nil when there is no such asset.
func decodeCopy(id string, answer rueidis.RedisMessage, days []time.Time) (*AssetCopy, error) {
	parts, err := answer.ToArray()
	if err != nil || len(parts) == 0 {
		return nil, err
	}
	const texts = 10 // the parts before the days; of them 0, 4, 5 and 9 are lists
	c := &AssetCopy{ID: id}
	one := make([]string, len(parts))
	for i := range parts {
		if i != 0 && i != 4 && i != 5 && i != 9 {
			if one[i], err = parts[i].ToString(); err != nil {
				return nil, err
			}
		}
	}
	c.Memory, c.Before, c.Open = one[1], one[2], one[3]
	if c.Sealed, err = parts[4].AsStrSlice(); err != nil {
		return nil, err
	}
	if c.Decisions, err = parts[5].AsStrSlice(); err != nil {
		return nil, err
	}
	fields, err := parts[0].AsStrMap()
	if err != nil {
		return nil, err
	}
	fields["skips"], fields["failed"] = one[6], one[7]
	if err := c.setFields(fields); err != nil {
		return nil, fmt.Errorf("asset %s: %w", id, err)
	}
	incident, err := parts[9].AsStrSlice()
	if err != nil {
		return nil, err
	}
	if len(incident) > 1 && incident[1] != "" {
		c.State.Incident = &IncidentCopy{ID: incident[0], Fields: incident[1:]}
	}
	if seconds, err := strconv.ParseFloat(one[8], 64); err == nil { // absent: empty
		c.State.Seconds = &seconds
	}
	for i, day := range days {
		if n, err := strconv.ParseFloat(one[texts+i], 64); err == nil {
			if c.State.Changes == nil {
				c.State.Changes = map[string]int64{}
			}
			c.State.Changes[day.Format(dayForm)] = int64(n)
		}
	}
	return c, c.Check()
}

// setFields takes over the fields of an asset's hash. One that is not known
// here would be lost in silence, so it is an error.
func (c *AssetCopy) setFields(fields map[string]string) error {
	c.Definition, c.State.Watched = fields["d"], fields["i"]
	rank, err := strconv.Atoi(fields["v"])
	if err != nil || rank < 0 || rank >= len(plugins.Verdicts) {
		return fmt.Errorf("its record in Redis is damaged: %q is the rank of no verdict", fields["v"])
	}
	c.State.Verdict = plugins.Verdicts[rank]
	numbers := map[string]*int64{"r": &c.State.Revision, "s": &c.State.Since, "c": &c.State.Checked,
		"b": &c.State.Alarmed, "g": &c.State.Decided, "skips": &c.State.Skipped, "failed": &c.State.Failed}
	for name, text := range fields {
		number := numbers[name]
		switch {
		case name == "d" || name == "v" || name == "i" || text == "":
			continue
		case number == nil:
			return fmt.Errorf("its record in Redis has a field %q: it was written by a newer webmon, use that one", name)
		}
		if *number, err = strconv.ParseInt(text, 10, 64); err != nil {
			return fmt.Errorf("its record in Redis is damaged: field %s: %w", name, err)
		}
	}
	return nil
}

// Check tells whether the copy can be stored.
func (c *AssetCopy) Check() error {
	if !validID(c.ID) {
		return fmt.Errorf("%q is no id of an asset", c.ID)
	}
	st := &c.State
	var err error
	switch {
	case st.Revision < 1:
		err = fmt.Errorf("revision %d: it must be 1 or more", st.Revision)
	case st.Verdict.Rank() < 0:
		err = fmt.Errorf("%q is no verdict", st.Verdict)
	case min(st.Since, st.Checked, st.Alarmed, st.Decided, st.Skipped, st.Failed) < 0:
		err = errors.New("a time or a count is negative")
	}
	for day, n := range st.Changes {
		if _, failure := time.Parse(dayForm, day); failure != nil || n < 0 {
			err = fmt.Errorf("%d changes on day %q", n, day)
		}
	}
	if err == nil && st.Incident != nil {
		err = st.Incident.Check()
	}
	if err == nil {
		_, err = c.asset()
	}
	if err != nil {
		return fmt.Errorf("asset %s: %w", c.ID, err)
	}
	return nil
}

// asset reads the copy's definition.
func (c *AssetCopy) asset() (Asset, error) {
	a := Asset{ID: c.ID, Revision: c.State.Revision}
	if err := json.Unmarshal([]byte(c.Definition), &a); err != nil {
		return Asset{}, fmt.Errorf("its definition cannot be read: %w", err)
	}
	if a.Interval < 0 || time.Duration(a.Interval) > MaxInterval {
		return Asset{}, fmt.Errorf("its interval is %v", time.Duration(a.Interval))
	}
	return a, nil
}

// Counters reads the counters that a backup holds. Read them after the assets:
// then no result is of a job with a higher number.
func (s *Store) Counters(ctx context.Context) (CopyCounters, error) {
	c, err := s.conn(ctx)
	if err != nil {
		return CopyCounters{}, err
	}
	commands := make([]rueidis.Completed, Partitions)
	for i := range commands {
		commands[i] = c.B().Hmget().Key(s.keys.partitions[i].meta).Field("seq", "checks", "skipped").Build()
	}
	answers, err := s.pipeline(ctx, commands...)
	if err != nil {
		return CopyCounters{}, err
	}
	var sum CopyCounters
	for _, answer := range answers {
		values, err := answer.ToArray()
		if err != nil {
			return CopyCounters{}, err
		}
		var n [3]int64
		for i := range n {
			n[i], _ = values[i].AsInt64() // absent: 0
		}
		sum.Jobs = max(sum.Jobs, n[0])
		sum.Checks += n[1]
		sum.Skipped += n[2]
	}
	return sum, nil
}

// putCall is the call of putcopy.lua that writes the copy.
func (c *AssetCopy) putCall(s *Store) (rueidis.LuaExec, error) {
	a, err := c.asset()
	if err != nil {
		return rueidis.LuaExec{}, err
	}
	st, id := &c.State, c.ID
	p := s.keys.of(id)
	number := func(n int64) string { return strconv.FormatInt(n, 10) }
	orNone := func(n int64) string {
		if n == 0 {
			return ""
		}
		return number(n)
	}
	fields := []string{"d", c.Definition, "r", number(st.Revision), "v", strconv.Itoa(st.Verdict.Rank())}
	for _, f := range []struct {
		name  string
		value int64
	}{{"s", st.Since}, {"c", st.Checked}, {"b", st.Alarmed}, {"g", st.Decided}} {
		if f.value != 0 {
			fields = append(fields, f.name, number(f.value))
		}
	}
	if st.Watched != "" {
		fields = append(fields, "i", st.Watched)
	}
	var incident []string
	if st.Incident != nil {
		incident = st.Incident.args()
	}
	seconds := ""
	if st.Seconds != nil {
		seconds = strconv.FormatFloat(*st.Seconds, 'g', -1, 64)
	}
	interval := a.period()
	keys := []string{p.asset(id), p.memory(id), p.before(id), p.open(id), p.decisions(id), p.index, p.due, p.plan, p.skips, p.slow, p.incidents, p.warning, p.critical, p.closed, p.notices}
	args := []string{s.nowArg(), id, number(interval), number(phase(id, interval)),
		c.Memory, c.Before, c.Open, orNone(st.Skipped), orNone(st.Failed), seconds}
	for _, list := range [][]string{fields, c.Decisions, append(members(&a), memberVerdict(st.Verdict, id)), incident} {
		args = append(append(args, strconv.Itoa(len(list))), list...)
	}
	for _, day := range slices.Sorted(maps.Keys(st.Changes)) {
		keys = append(keys, p.changedOn(day))
		args = append(args, number(st.Changes[day]))
	}
	return rueidis.LuaExec{Keys: keys, Args: args}, nil
}
