-- Deletes an asset and all that is known of it, but for its incidents: an open one
-- is closed. A job of it that runs now will find nothing to write to.
-- KEYS: asset index due plan pending skips slow memory open sealed before
--       decisions incidents warning critical closed events notices
-- ARGV: now, id, expected revision, then the index members to remove
-- Returns 1; -1 when it has another revision; -2 when it does not exist.
local id = ARGV[2]
local a = redis.call('HMGET', KEYS[1], 'r', 'v', 'i')
if not a[1] then return -2 end
if a[1] ~= ARGV[3] then return -1 end
redis.call('ZREM', KEYS[2], 'v:' .. a[2] .. ':' .. id)
for i = 4, #ARGV do redis.call('ZREM', KEYS[2], ARGV[i]) end
redis.call('ZREM', KEYS[3], id)
redis.call('HDEL', KEYS[4], id)
redis.call('HDEL', KEYS[5], id)
redis.call('HDEL', KEYS[6], id, id .. '/failed')
redis.call('ZREM', KEYS[7], id)
end_incident({incidents = KEYS[13], warning = KEYS[14], critical = KEYS[15], closed = KEYS[16], events = KEYS[17], notices = KEYS[18]},
  id, a[3], 'the asset was deleted', clock(ARGV[1]))
redis.call('UNLINK', KEYS[1], KEYS[8], KEYS[9], KEYS[10], KEYS[11], KEYS[12])
return 1
