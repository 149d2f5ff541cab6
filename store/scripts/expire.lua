-- Takes jobs back whose lease ran out: into the queue, or to "failed" when they
-- were tried too often.
-- KEYS: jobs queued leased pending batches index ended skips meta
-- ARGV: now, most jobs, ms until the ids are pushed again, most attempts
-- Returns {number of leases that ran out, ids of the jobs to push again}.
local now = clock(ARGV[1])
local k = {jobs = KEYS[1], queued = KEYS[2], pending = KEYS[4], batches = KEYS[5], index = KEYS[6], ended = KEYS[7],
  skips = KEYS[8]}
local jobs = redis.call('ZRANGEBYSCORE', KEYS[3], '-inf', now, 'LIMIT', 0, ARGV[2])
local again = {}
for _, job in ipairs(jobs) do
  redis.call('ZREM', KEYS[3], job)
  local j = read_job(redis.call('HGET', KEYS[1], job))
  if j and j.state == 'leased' then
    if tonumber(j.attempts) >= tonumber(ARGV[4]) then
      close(k, job, j, 'failed', 'no executor finished it in ' .. j.attempts .. ' attempts, the last was ' .. j.executor, now)
      redis.call('HINCRBY', KEYS[9], 'failed', 1)
    elseif requeue(k, job, j, now + ARGV[3], now) then
      again[#again + 1] = job
    end
  end
end
return {#jobs, again}
