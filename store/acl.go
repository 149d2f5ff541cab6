package store

import (
	"fmt"
	"strings"

	"github.com/redis/rueidis"
)

// commands is every command of Redis that webmon sends, itself or from its scripts.
const commands = "append bgsave client|setname copy del eval evalsha exists expire get hdel hello hexists hget hgetall hincrby hmget hscan hset info " +
	"lindex lpop lpush lrange ltrim ping rpush scan script|load select set strlen time unlink xadd xrange xrevrange zadd zcard zincrby zlexcount zpopmin zrange zrangebylex " +
	"zrangebyscore zrem zremrangebyrank zscore"

// ACL is the rights that webmon needs in Redis, for keys with the prefix: what
// follows the name and the password of a user in ACL SETUSER. There is nothing
// in it that reads or writes anything of others, but for the names of their keys,
// which scan shows. That is for backup and restore only, and may be left out
// without them; without bgsave webmon takes no snapshots.
func ACL(prefix string) []string {
	rules := []string{"resetkeys", "~" + prefix + ":*", "resetchannels", "-@all"}
	for command := range strings.FieldsSeq(commands) {
		rules = append(rules, "+"+command)
	}
	return rules
}

// rightsError is a right that the user of Redis does not have.
type rightsError struct {
	prefix string
	err    error
}

func (e *rightsError) Error() string {
	return fmt.Sprintf("Redis does not let webmon's user do it: %v: give the user its rights with ACL SETUSER, as SECURITY.md lists them (keys ~%s:*)", e.err, e.prefix)
}

func (e *rightsError) Unwrap() error { return e.err }

// isDenied tells whether Redis refused for want of a right, to us or to one of
// our scripts.
func isDenied(err error) bool {
	answer, ok := rueidis.IsRedisErr(err)
	if !ok {
		return false
	}
	text := answer.Error()
	// The last two are what scripts hear, of Redis 7.0 and of later ones.
	return strings.HasPrefix(text, "NOPERM") || strings.Contains(text, "The user executing the script") || strings.Contains(text, "ACL failure in script")
}
