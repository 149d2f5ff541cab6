-- Finds the notices that are to be looked at, those that waited longest first, and
-- forgets those whose incident is forgotten.
-- KEYS: notices incidents
-- ARGV: now, most notices, ms
-- Returns the notices. They are to be looked at again after so many ms, however
-- that goes on.
local now = clock(ARGV[1])
local due = {}
for _, notice in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'LIMIT', 0, ARGV[2])) do
  if redis.call('HEXISTS', KEYS[2], string.match(notice, '^[^/]*')) == 1 then
    redis.call('ZADD', KEYS[1], now + ARGV[3], notice)
    due[#due + 1] = notice
  else
    redis.call('ZREM', KEYS[1], notice)
  end
end
return due
