package store

import (
	"context"
	"fmt"
	"strconv"
)

// MemoryInfo is what Redis says of its memory.
type MemoryInfo struct {
	Used    int64  // bytes
	Limit   int64  // bytes; 0: none but the machine's
	Policy  string // what Redis does at the limit; empty: it does not say
	Evicted int64  // keys that Redis dropped since it started
}

// RedisMemory asks Redis about its memory.
func (s *Store) RedisMemory(ctx context.Context) (MemoryInfo, error) {
	c, err := s.conn(ctx)
	if err != nil {
		return MemoryInfo{}, err
	}
	text, err := c.Do(ctx, c.B().Info().Section("memory", "stats").Build()).ToString()
	if err = s.check(err); err != nil {
		return MemoryInfo{}, err
	}
	return memoryInfo(infoFields(text)), nil
}

func memoryInfo(f map[string]string) MemoryInfo {
	number := func(name string) int64 {
		n, _ := strconv.ParseInt(f[name], 10, 64)
		return n
	}
	return MemoryInfo{Used: number("used_memory"), Limit: number("maxmemory"), Policy: f["maxmemory_policy"], Evicted: number("evicted_keys")}
}

// Evicts tells whether Redis may drop what webmon stored.
func (m MemoryInfo) Evicts() bool { return m.Policy != "" && m.Policy != "noeviction" }

// Warning says what is wrong, empty when nothing is.
func (m MemoryInfo) Warning() string {
	switch {
	case m.Evicts():
		return fmt.Sprintf("Redis may drop assets and jobs when its memory is full (maxmemory-policy is %s, %d keys dropped so far): set it to noeviction", m.Policy, m.Evicted)
	case m.Limit > 0 && m.Used >= m.Limit:
		return fmt.Sprintf("Redis has reached its memory limit of %d bytes and refuses writes: raise maxmemory, or keep fewer results or assets", m.Limit)
	}
	return ""
}
