-- Finds queued jobs whose ids seem lost on the way, to be pushed again. The
-- wait doubles with every push up to 64 times, so that a long queue is not
-- pushed over and over.
-- KEYS: jobs queued
-- ARGV: now, most jobs, ms until the first push again
-- Returns {number of jobs handled, ids of the jobs to push again}.
local now = clock(ARGV[1])
local jobs = redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', now, 'LIMIT', 0, ARGV[2])
local again = {}
for _, job in ipairs(jobs) do
  local j = read_job(redis.call('HGET', KEYS[1], job))
  if not j or j.state ~= 'queued' then
    redis.call('ZREM', KEYS[2], job)
  else
    redis.call('ZADD', KEYS[2], now + ARGV[3] * 2 ^ math.min(j.pushes, 6), job)
    j.pushes = j.pushes + 1
    write_job(KEYS[1], job, j)
    again[#again + 1] = job
  end
end
return {#jobs, again}
