-- Says that a member lives.
-- KEYS: members seen
-- ARGV: now, field, record
redis.call('HSET', KEYS[1], ARGV[2], ARGV[3])
redis.call('ZADD', KEYS[2], clock(ARGV[1]), ARGV[2])
return 1
