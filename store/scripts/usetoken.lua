-- Notes that a token was used. One that is revoked is not brought back.
-- KEYS: tokens
-- ARGV: now, token, field of its last use
if redis.call('HEXISTS', KEYS[1], ARGV[2]) == 0 then return 0 end
redis.call('HSET', KEYS[1], ARGV[3], string.format('%.0f', clock(ARGV[1])))
return 1
