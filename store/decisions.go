package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/redis/rueidis"

	"webmon/plugins"
)

// The actions of a [Decision].
const (
	Accept = "accept" // what was found is normal
	Never  = "never"  // what was found must never become normal
	Reset  = "reset"  // what is remembered is to be learned anew
)

// MaxDecisions is how many decisions of an asset are kept, the newest ones.
const MaxDecisions = 100

// Decision is what somebody decided of an asset.
type Decision struct {
	At     time.Time `json:"at"` // filled in by [Store.Decide]
	By     string    `json:"by"`
	Action string    `json:"action"`
	plugins.Target
	Found    []plugins.Target `json:"found,omitempty"`    // what the target stood for, one by one
	Restored []string         `json:"restored,omitempty"` // plugins that remember what they did before the alarm
	Note     string           `json:"note,omitempty"`
}

// ErrMemoryChanged says that a check was stored while somebody decided.
var ErrMemoryChanged = errors.New("the plugins remember something else by now")

// Remembered is what decisions are made from.
type Remembered struct {
	Asset  Asset
	Memory []byte // what the plugins remember; nil for nothing
	// Before is what they remembered when the last alarm began; nil when they
	// remembered nothing, or something was reset since.
	Before []byte
	// Alarmed is when the check began that raised that alarm; zero for none, or
	// when something was reset since.
	Alarmed time.Time
}

// Remembered reads what the plugins remember of an asset, or fails with
// ErrNotFound.
func (s *Store) Remembered(ctx context.Context, id string) (Remembered, error) {
	asset, err := s.Asset(ctx, id)
	if err != nil {
		return Remembered{}, err
	}
	c, err := s.conn(ctx)
	if err != nil {
		return Remembered{}, err
	}
	p := s.keys.of(id)
	answers, err := s.pipeline(ctx,
		c.B().Get().Key(p.memory(id)).Build(),
		c.B().Get().Key(p.before(id)).Build(),
		c.B().Hget().Key(p.asset(id)).Field("b").Build())
	if err != nil {
		return Remembered{}, err
	}
	texts := make([]string, len(answers))
	for i, answer := range answers {
		if texts[i], err = answer.ToString(); err != nil && !rueidis.IsRedisNil(err) {
			return Remembered{}, fmt.Errorf("asset %s: %w", id, err)
		}
	}
	r := Remembered{Asset: asset, Alarmed: parseMillis(texts[2])}
	if texts[0] != "" {
		r.Memory = []byte(texts[0])
	}
	if texts[1] != "" {
		r.Before = []byte(texts[1])
	}
	return r, nil
}

// Decide records a decision and stores what the plugins are to remember from
// now on. It fails with ErrMemoryChanged, and nothing is written, when they
// remember something else than r says by now, and with ErrNotFound when the
// asset is gone. A check under way will be run again.
//
// A reset drops what was remembered before the last alarm, too.
func (s *Store) Decide(ctx context.Context, r *Remembered, memory []byte, d *Decision) error {
	d.At = s.now().UTC().Truncate(time.Millisecond)
	id := r.Asset.ID
	p := s.keys.of(id)
	stored, err := s.runInt(ctx, scriptDecide, []string{p.asset(id), p.memory(id), p.before(id), p.decisions(id)},
		string(r.Memory), string(memory), boolArg(d.Action == Reset), text(d), strconv.Itoa(MaxDecisions))
	switch {
	case err != nil:
		return err
	case stored == 0:
		return fmt.Errorf("asset %s: %w", id, ErrMemoryChanged)
	case stored < 0:
		return fmt.Errorf("asset %s: %w", id, ErrNotFound)
	}
	return nil
}

// Decisions lists what was decided of an asset, the newest first, or fails with
// ErrNotFound.
func (s *Store) Decisions(ctx context.Context, id string) ([]Decision, error) {
	if _, err := s.Asset(ctx, id); err != nil {
		return nil, err
	}
	c, err := s.conn(ctx)
	if err != nil {
		return nil, err
	}
	texts, err := c.Do(ctx, c.B().Lrange().Key(s.keys.of(id).decisions(id)).Start(0).Stop(-1).Build()).AsStrSlice()
	if err = s.check(err); err != nil {
		return nil, err
	}
	decisions := make([]Decision, len(texts))
	for i, text := range texts {
		if err := json.Unmarshal([]byte(text), &decisions[i]); err != nil {
			return nil, fmt.Errorf("asset %s: a decision in Redis is damaged: %w", id, err)
		}
	}
	return decisions, nil
}
