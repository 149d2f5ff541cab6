-- Prolongs leases that an executor still holds.
-- KEYS: jobs leased
-- ARGV: now, executor, ms until the leases run out, then job id and attempt in turn
-- Returns the ids of the jobs whose lease is gone.
local until_ms = clock(ARGV[1]) + ARGV[3]
local lost = {}
for i = 4, #ARGV, 2 do
  local j = read_job(redis.call('HGET', KEYS[1], ARGV[i]))
  if j and j.state == 'leased' and j.executor == ARGV[2] and j.attempts == ARGV[i + 1] then
    redis.call('ZADD', KEYS[2], until_ms, ARGV[i])
  else
    lost[#lost + 1] = ARGV[i]
  end
end
return lost
