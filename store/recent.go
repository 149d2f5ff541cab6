package store

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/redis/rueidis"

	"webmon/plugins"
)

// Check is a check in short.
type Check struct {
	At       time.Time
	Verdict  plugins.Verdict
	Measured bool // whether there is a value
	Value    float64
}

// MaxRecent is how many checks of an asset [Store.Recent] gives at most. Fewer
// come of a page whose results are so large that a chunk holds only some of them.
const MaxRecent = chunkResults

// recentSealed is how many sealed chunks are looked at for that.
const recentSealed = 6

// Recent reads the last n checks of each asset, the oldest first, with the
// value of the metric "plugin.metric". It takes one or two round trips, however
// many assets there are. An asset that does not exist has no checks.
func (s *Store) Recent(ctx context.Context, assets []string, n int, metric string) ([][]Check, error) {
	if len(assets) == 0 {
		return nil, nil
	}
	c, err := s.conn(ctx)
	if err != nil {
		return nil, err
	}
	n = min(n, MaxRecent)
	open := make([]rueidis.Completed, len(assets))
	for i, id := range assets {
		open[i] = c.B().Get().Key(s.keys.of(id).open(id)).Build()
	}
	answers, err := s.pipeline(ctx, open...)
	if err != nil {
		return nil, err
	}
	found := make([][]Check, len(assets))
	var short []int // the assets whose open chunk has too few
	for i, answer := range answers {
		chunk, err := answer.ToString()
		if err != nil && !rueidis.IsRedisNil(err) {
			return nil, err
		}
		if found[i], err = s.checksIn(chunk, metric); err != nil {
			return nil, err
		}
		if len(found[i]) < n {
			short = append(short, i)
		}
	}
	if len(short) > 0 {
		if err := s.sealedChecks(ctx, assets, short, n, metric, found); err != nil {
			return nil, err
		}
	}
	for i := range found {
		found[i] = found[i][max(0, len(found[i])-n):]
	}
	return found, nil
}

// sealedChecks puts the checks of the newest sealed chunks before those that
// were found, for the assets whose places are in short.
func (s *Store) sealedChecks(ctx context.Context, assets []string, short []int, n int, metric string, found [][]Check) error {
	c, err := s.conn(ctx)
	if err != nil {
		return err
	}
	commands := make([]rueidis.Completed, len(short))
	for j, i := range short {
		commands[j] = c.B().Lrange().Key(s.keys.of(assets[i]).sealed(assets[i])).Start(-recentSealed).Stop(-1).Build()
	}
	answers, err := s.pipeline(ctx, commands...)
	if err != nil {
		return err
	}
	for j, i := range short {
		sealed, err := answers[j].AsStrSlice()
		if err != nil {
			return err
		}
		for _, one := range slices.Backward(sealed) {
			if len(found[i]) >= n {
				break
			}
			_, chunk, err := unseal(one)
			if err := s.excuse(err); err != nil {
				return err
			}
			before, err := s.checksIn(chunk, metric)
			if err != nil {
				return err
			}
			// What was open a moment ago may be sealed now.
			if len(found[i]) > 0 {
				first := found[i][0].At
				before = slices.DeleteFunc(before, func(c Check) bool { return !c.At.Before(first) })
			}
			found[i] = append(before, found[i]...)
		}
	}
	return nil
}

// checksIn reads a chunk.
func (s *Store) checksIn(chunk, metric string) ([]Check, error) {
	plugin, name, _ := strings.Cut(metric, ".")
	var checks []Check
	slot, known := -1, 0
	err := readChunk(chunk, func(c *chunkState) bool {
		for ; known < len(c.metrics); known++ {
			if m := &c.metrics[known]; m.name == name && c.plugins[m.plugin].name == plugin {
				slot = known
			}
		}
		one := Check{At: timeOf(c.at), Verdict: c.verdict}
		if slot >= 0 && c.metrics[slot].present {
			one.Measured, one.Value = true, c.metrics[slot].value
		}
		checks = append(checks, one)
		return true
	})
	return checks, s.excuse(err)
}
