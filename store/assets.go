package store

import (
	"context"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"slices"
	"strconv"
	"time"

	"github.com/redis/rueidis"

	"webmon/plugins"
)

// CreateAsset stores a new asset and fills in its ID, Created, Updated and
// Revision. The asset's values must be valid and normalised already.
func (s *Store) CreateAsset(ctx context.Context, a *Asset) error {
	return s.CreateAssets(ctx, []*Asset{a})[0]
}

// CreateAssets stores new assets, each in or out: the answer holds an error or
// nil for each.
func (s *Store) CreateAssets(ctx context.Context, assets []*Asset) []error {
	errs := make([]error, len(assets))
	calls := make([]rueidis.LuaExec, len(assets))
	now := s.now().UTC().Truncate(time.Millisecond)
	for i, a := range assets {
		a.ID, a.Created, a.Updated = newID(), now, now
		calls[i] = s.putCall(a, "", false, nil, append(members(a), memberVerdict(plugins.Unknown, a.ID)))
	}
	s.runMany(ctx, scriptPutAsset, calls, func(i int, answer rueidis.RedisMessage, err error) {
		if err == nil {
			assets[i].Revision, err = answer.AsInt64()
		}
		if err == nil && assets[i].Revision < 1 {
			err = fmt.Errorf("asset %s exists already", assets[i].ID)
		}
		assets[i].Status = Status{Verdict: plugins.Unknown}
		errs[i] = err
	})
	return errs
}

// ReplaceAsset stores a new version of the asset with a.ID and fills in
// Created, Updated and Revision. When ifRevision is not 0 and not the asset's
// revision it fails with ErrRevision.
func (s *Store) ReplaceAsset(ctx context.Context, a *Asset, ifRevision int64) error {
	return s.change(ctx, a.ID, ifRevision, func(old *Asset) (int64, error) {
		a.Created, a.Updated = old.Created, s.now().UTC().Truncate(time.Millisecond)
		a.Status = old.Status
		remove := slices.DeleteFunc(members(old), func(m string) bool { return slices.Contains(members(a), m) })
		// Another page must not be measured by what was usual for the old one.
		other := a.URL != old.URL || text(a.Request) != text(old.Request)
		call := s.putCall(a, strconv.FormatInt(old.Revision, 10), other, remove, members(a))
		revision, err := s.runInt(ctx, scriptPutAsset, call.Keys, call.Args...)
		a.Revision = revision
		return revision, err
	})
}

// DeleteAsset deletes the asset with its results and whatever the plugins
// remember. ifRevision is as in ReplaceAsset.
func (s *Store) DeleteAsset(ctx context.Context, id string, ifRevision int64) error {
	return s.change(ctx, id, ifRevision, func(old *Asset) (int64, error) {
		p := s.keys.of(id)
		keys := []string{p.asset(id), p.index, p.due, p.plan, p.pending, p.skips, p.slow, p.memory(id), p.open(id), p.sealed(id), p.before(id), p.decisions(id)}
		keys = append(keys, p.incidentKeys()...)
		args := append([]string{s.nowArg(), id, strconv.FormatInt(old.Revision, 10)}, members(old)...)
		return s.runInt(ctx, scriptDeleteAsset, keys, args...)
	})
}

// Memory reads what the plugins remember of an asset; nil when they remember
// nothing, or there is no such asset.
func (s *Store) Memory(ctx context.Context, id string) ([]byte, error) {
	c, err := s.conn(ctx)
	if err != nil {
		return nil, err
	}
	memory, err := c.Do(ctx, c.B().Get().Key(s.keys.of(id).memory(id)).Build()).AsBytes()
	if rueidis.IsRedisNil(err) {
		return nil, nil
	}
	return memory, s.check(err)
}

// change reads an asset and applies a script that only succeeds on the
// revision that was read; when somebody else was faster it tries again, unless
// the caller asked for a certain revision.
func (s *Store) change(ctx context.Context, id string, ifRevision int64, apply func(old *Asset) (int64, error)) error {
	for {
		old, err := s.Asset(ctx, id)
		if err != nil {
			return err
		}
		if ifRevision != 0 && old.Revision != ifRevision {
			return fmt.Errorf("asset %s: %w", id, ErrRevision)
		}
		outcome, err := apply(&old)
		switch {
		case err != nil:
			return fmt.Errorf("asset %s: %w", id, err)
		case outcome == -2:
			return fmt.Errorf("asset %s: %w", id, ErrNotFound)
		case outcome > 0:
			return nil
		}
	}
}

// putCall is the call of putasset.lua for an asset.
func (s *Store) putCall(a *Asset, expected string, forget bool, remove, add []string) rueidis.LuaExec {
	p := s.keys.of(a.ID)
	interval := a.period()
	args := make([]string, 0, 8+len(remove)+len(add))
	args = append(args, s.nowArg(), a.ID, expected, text(a),
		strconv.FormatInt(interval, 10), strconv.FormatInt(phase(a.ID, interval), 10),
		boolArg(forget), strconv.Itoa(len(remove)))
	args = append(append(args, remove...), add...)
	keys := []string{p.asset(a.ID), p.index, p.due, p.plan, p.memory(a.ID), p.before(a.ID)}
	if !a.Enabled {
		keys = append(keys, p.incidentKeys()...)
	}
	return rueidis.LuaExec{Keys: keys, Args: args}
}

// period is how often the schedule checks the asset, in ms; 0: never.
func (a *Asset) period() int64 {
	if !a.Enabled {
		return 0
	}
	return time.Duration(a.Interval).Milliseconds()
}

// text is the JSON of an asset or of a part of it.
func text(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // assets hold nothing that JSON cannot, but for invalid raw JSON, which validation refuses
	}
	return string(b)
}

// phase is where in its interval an asset is checked: a hash of its id, so
// that checks are spread evenly over time.
func phase(id string, interval int64) int64 {
	if interval == 0 {
		return 0
	}
	h := fnv.New64a()
	h.Write([]byte(id))
	return int64(h.Sum64() % uint64(interval))
}

// members are an asset's entries in the index, but for its verdict's.
func members(a *Asset) []string {
	m := []string{memberAsset(a.ID)}
	if !a.Enabled {
		m = append(m, memberDisabled(a.ID))
	}
	for _, tag := range a.Tags {
		m = append(m, memberTag(tag, a.ID))
	}
	return m
}

// Asset reads an asset, or fails with ErrNotFound.
func (s *Store) Asset(ctx context.Context, id string) (Asset, error) {
	found, err := s.assets(ctx, []string{id})
	if err != nil {
		return Asset{}, err
	}
	if len(found) == 0 {
		return Asset{}, fmt.Errorf("asset %q: %w", id, ErrNotFound)
	}
	return found[0], nil
}

// assets reads the assets with these ids, leaving out those that are not there.
func (s *Store) assets(ctx context.Context, ids []string) ([]Asset, error) {
	ids = slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return !validID(id) })
	if len(ids) == 0 {
		return nil, nil
	}
	c, err := s.conn(ctx)
	if err != nil {
		return nil, err
	}
	commands := make([]rueidis.Completed, 0, 3*len(ids))
	for _, id := range ids {
		p := s.keys.of(id)
		commands = append(commands,
			c.B().Hmget().Key(p.asset(id)).Field("d", "r", "v", "s", "c", "i").Build(),
			c.B().Zscore().Key(p.due).Member(id).Build(),
			c.B().Hmget().Key(p.skips).Field(id, id+"/failed").Build())
	}
	answers, err := s.pipeline(ctx, commands...)
	if err != nil {
		return nil, err
	}
	found := make([]Asset, 0, len(ids))
	for i, id := range ids {
		fields, err := answers[3*i].AsStrSlice()
		if err != nil {
			return nil, fmt.Errorf("asset %s: %w", id, err)
		}
		if fields[0] == "" {
			continue
		}
		a, err := decodeAsset(id, fields[0], fields[1])
		if err != nil {
			return nil, err
		}
		a.Status = decodeStatus(fields[2], fields[3], fields[4])
		a.Status.Incident = openIncident(id, fields[5])
		if next, err := answers[3*i+1].AsFloat64(); err == nil {
			a.Status.Next = time.UnixMilli(int64(next)).UTC()
		}
		counts, err := answers[3*i+2].AsStrSlice()
		if err != nil {
			return nil, fmt.Errorf("asset %s: %w", id, err)
		}
		a.Status.Skipped, _ = strconv.ParseInt(counts[0], 10, 64) // absent: none
		a.Status.Failed, _ = strconv.ParseInt(counts[1], 10, 64)
		found = append(found, a)
	}
	return found, nil
}

func decodeAsset(id, definition, revision string) (Asset, error) {
	var a Asset
	err := json.Unmarshal([]byte(definition), &a)
	if err == nil {
		a.Revision, err = strconv.ParseInt(revision, 10, 64)
	}
	if err != nil {
		return Asset{}, fmt.Errorf("asset %s: its record in Redis is damaged: %w", id, err)
	}
	a.ID = id
	return a, nil
}

func decodeStatus(rank, since, checked string) Status {
	st := Status{Verdict: plugins.Unknown, Since: parseMillis(since), Checked: parseMillis(checked)}
	if n, err := strconv.Atoi(rank); err == nil && n >= 0 && n < len(plugins.Verdicts) {
		st.Verdict = plugins.Verdicts[n]
	}
	return st
}

// parseMillis reads a time as Redis holds it; the zero time when there is none.
func parseMillis(text string) time.Time {
	ms, err := strconv.ParseInt(text, 10, 64)
	if err != nil || ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}
