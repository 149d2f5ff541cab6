-- Deletes an asset and all that is known of it. A job of it that runs now will
-- find nothing to write to.
-- KEYS: asset index due plan pending skips slow memory open sealed before
--       decisions
-- ARGV: id, expected revision, then the index members to remove
-- Returns 1; -1 when it has another revision; -2 when it does not exist.
local id = ARGV[1]
local a = redis.call('HMGET', KEYS[1], 'r', 'v')
if not a[1] then return -2 end
if a[1] ~= ARGV[2] then return -1 end
redis.call('ZREM', KEYS[2], 'v:' .. a[2] .. ':' .. id)
for i = 3, #ARGV do redis.call('ZREM', KEYS[2], ARGV[i]) end
redis.call('ZREM', KEYS[3], id)
redis.call('HDEL', KEYS[4], id)
redis.call('HDEL', KEYS[5], id)
redis.call('HDEL', KEYS[6], id, id .. '/failed')
redis.call('ZREM', KEYS[7], id)
redis.call('UNLINK', KEYS[1], KEYS[8], KEYS[9], KEYS[10], KEYS[11], KEYS[12])
return 1
