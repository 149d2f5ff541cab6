-- Finds the notices that are to be looked at, those that waited longest first.
-- KEYS: notices
-- ARGV: now, most notices, ms
-- Returns the notices. They are to be looked at again after so many ms, however
-- that goes on.
local now = clock(ARGV[1])
local due = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'LIMIT', 0, ARGV[2])
for _, notice in ipairs(due) do redis.call('ZADD', KEYS[1], now + ARGV[3], notice) end
return due
