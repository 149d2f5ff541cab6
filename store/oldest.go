package store

import (
	"context"
	"strconv"
	"time"

	"github.com/redis/rueidis"
)

// lookAt is how many queued jobs of a partition are looked at for the oldest.
const lookAt = 64

// OldestQueued tells how long the oldest queued job has waited; 0 when none
// waits. It looks at 64 jobs of each partition: when more wait, one that it does
// not look at may be older.
func (s *Store) OldestQueued(ctx context.Context) (time.Duration, error) {
	calls := make([]rueidis.LuaExec, Partitions)
	for i := range calls {
		p := &s.keys.partitions[i]
		calls[i] = rueidis.LuaExec{Keys: []string{p.jobs, p.queued}, Args: []string{strconv.Itoa(lookAt)}}
	}
	var oldest int64
	var failed error
	s.runMany(ctx, scriptOldest, calls, func(_ int, answer rueidis.RedisMessage, err error) {
		var made int64
		if err == nil {
			made, err = answer.AsInt64()
		}
		if err != nil {
			failed = err
		} else if made != 0 && (oldest == 0 || made < oldest) {
			oldest = made
		}
	})
	if failed != nil || oldest == 0 {
		return 0, failed
	}
	return max(0, s.now().Sub(time.UnixMilli(oldest))), nil
}
