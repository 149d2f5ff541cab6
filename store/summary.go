package store

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/redis/rueidis"

	"webmon/plugins"
)

// Summary is the state of the whole fleet.
type Summary struct {
	Assets          int
	Verdicts        map[plugins.Verdict]int // every verdict is there
	Checks          int64                   // since the beginning
	ChecksPerMinute float64                 // over the last minute, about
	Skipped         int64                   // scheduled checks left out
	Failed          int64                   // jobs given up after all their attempts
	Slowest         []SlowAsset             // by their last check; at most ten
	MostChanged     []ChangedAsset          // at most ten
	ChangesSince    time.Time               // where the count of changes begins: yesterday, 0:00 UTC

	Incidents map[plugins.Severity]int // open ones; warning and critical are there
}

// SlowAsset is an asset and how long its last check took.
type SlowAsset struct {
	ID, URL, Name string
	Seconds       float64
}

// ChangedAsset is an asset and how often its page changed.
type ChangedAsset struct {
	ID, URL, Name string
	Changes       int
}

const summaryTop = 10

// Summary reads the state of the fleet.
func (s *Store) Summary(ctx context.Context) (Summary, error) {
	c, err := s.conn(ctx)
	if err != nil {
		return Summary{}, err
	}
	now := s.now().UTC()
	yesterday := now.AddDate(0, 0, -1).Truncate(24 * time.Hour)
	verdicts := len(plugins.Verdicts)
	var commands []rueidis.Completed
	for i := range s.keys.partitions {
		p := &s.keys.partitions[i]
		for _, v := range plugins.Verdicts {
			prefix := prefixVerdict(v)
			commands = append(commands, c.B().Zlexcount().Key(p.index).Min("["+prefix).Max("("+successor(prefix)).Build())
		}
		commands = append(commands,
			c.B().Hmget().Key(p.meta).Field("checks", "minute", "began", "before", "skipped", "failed").Build(),
			topOf(c, p.slow), topOf(c, p.changed(now)), topOf(c, p.changed(yesterday)),
			c.B().Zcard().Key(p.warning).Build(), c.B().Zcard().Key(p.critical).Build())
	}
	answers, err := s.pipeline(ctx, commands...)
	if err != nil {
		return Summary{}, err
	}
	sum := Summary{Verdicts: map[plugins.Verdict]int{}, ChangesSince: yesterday, Incidents: map[plugins.Severity]int{}}
	slow, changed := map[string]float64{}, map[string]float64{}
	for i := 0; i < len(answers); i += verdicts + 6 {
		for j, v := range plugins.Verdicts {
			n, err := answers[i+j].AsInt64()
			if err != nil {
				return Summary{}, err
			}
			sum.Verdicts[v] += int(n)
			sum.Assets += int(n)
		}
		meta, err := answers[i+verdicts].AsStrSlice()
		if err != nil {
			return Summary{}, err
		}
		sum.addMeta(meta, now)
		for j, into := range []map[string]float64{slow, changed, changed} {
			scores, err := answers[i+verdicts+1+j].AsZScores()
			if err != nil {
				return Summary{}, err
			}
			for _, score := range scores {
				into[score.Member] += score.Score
			}
		}
		for j, severity := range []plugins.Severity{plugins.Warning, plugins.Critical} {
			n, err := answers[i+verdicts+4+j].AsInt64()
			if err != nil {
				return Summary{}, err
			}
			sum.Incidents[severity] += int(n)
		}
	}
	slowest, err := s.top(ctx, slow)
	if err != nil {
		return Summary{}, err
	}
	for _, a := range slowest {
		sum.Slowest = append(sum.Slowest, SlowAsset{ID: a.ID, URL: a.URL, Name: a.Name, Seconds: slow[a.ID]})
	}
	most, err := s.top(ctx, changed)
	for _, a := range most {
		sum.MostChanged = append(sum.MostChanged, ChangedAsset{ID: a.ID, URL: a.URL, Name: a.Name, Changes: int(changed[a.ID])})
	}
	return sum, err
}

func topOf(c rueidis.Client, key string) rueidis.Completed {
	return c.B().Zrange().Key(key).Min("0").Max(strconv.Itoa(summaryTop - 1)).Rev().Withscores().Build()
}

// top reads the assets with the highest scores, the highest first.
func (s *Store) top(ctx context.Context, scores map[string]float64) ([]Asset, error) {
	ids := make([]string, 0, len(scores))
	for id := range scores {
		ids = append(ids, id)
	}
	slices.SortFunc(ids, func(a, b string) int {
		return cmp.Or(cmp.Compare(scores[b], scores[a]), cmp.Compare(a, b))
	})
	return s.assets(ctx, ids[:min(len(ids), summaryTop)])
}

// addMeta adds a partition's counters. The rate is the count of the minute
// that runs and the fitting part of the one before it.
func (sum *Summary) addMeta(meta []string, now time.Time) {
	n := make([]int64, len(meta))
	for i, text := range meta {
		n[i], _ = strconv.ParseInt(text, 10, 64) // absent: 0
	}
	checks, minute, began, before := n[0], n[1], n[2], n[3]
	sum.Checks += checks
	sum.Skipped += n[4]
	sum.Failed += n[5]
	part := float64(now.UnixMilli()%60_000) / 60_000
	switch now.UnixMilli() / 60_000 {
	case minute:
		sum.ChecksPerMinute += float64(checks-began) + (1-part)*float64(began-before)
	case minute + 1:
		sum.ChecksPerMinute += (1 - part) * float64(checks-began)
	}
}

// QueueDepths counts the jobs that wait and those under way.
func (s *Store) QueueDepths(ctx context.Context) (map[JobState]int, error) {
	c, err := s.conn(ctx)
	if err != nil {
		return nil, err
	}
	var commands []rueidis.Completed
	for i := range s.keys.partitions {
		p := &s.keys.partitions[i]
		commands = append(commands, c.B().Zcard().Key(p.queued).Build(), c.B().Zcard().Key(p.leased).Build())
	}
	answers, err := s.pipeline(ctx, commands...)
	if err != nil {
		return nil, err
	}
	depths := map[JobState]int{Queued: 0, Leased: 0}
	for i, answer := range answers {
		n, err := answer.AsInt64()
		if err != nil {
			return nil, err
		}
		depths[[]JobState{Queued, Leased}[i%2]] += int(n)
	}
	return depths, nil
}
