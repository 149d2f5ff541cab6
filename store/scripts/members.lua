-- Lists the members that live, and forgets those that were silent for too long.
-- Time is that of this server, so the members' clocks need not agree.
-- KEYS: members seen
-- ARGV: now, ms of silence that a member may keep
-- Returns record and time of the last beat in turn.
local oldest = clock(ARGV[1]) - ARGV[2]
for _, field in ipairs(redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', '(' .. oldest)) do
  redis.call('HDEL', KEYS[1], field)
  redis.call('ZREM', KEYS[2], field)
end
local answer = {}
local alive = redis.call('ZRANGE', KEYS[2], 0, -1, 'WITHSCORES')
for i = 1, #alive, 2 do
  local record = redis.call('HGET', KEYS[1], alive[i])
  if record then
    answer[#answer + 1] = record
    answer[#answer + 1] = alive[i + 1]
  end
end
return answer
