-- Drops notices that were to be looked at long ago.
-- KEYS: notices
-- ARGV: now, most notices, ms that they may be late
-- Returns how many were dropped.
local late = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', clock(ARGV[1]) - ARGV[3], 'LIMIT', 0, ARGV[2])
for _, notice in ipairs(late) do redis.call('ZREM', KEYS[1], notice) end
return #late
