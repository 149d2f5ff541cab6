-- Prolongs leases that an executor still holds. A job whose batch was cancelled is
-- not prolonged but cancelled, so that the executor leaves it.
-- KEYS: jobs leased pending batches ended
-- ARGV: now, executor, ms until the leases run out, then job id and attempt in turn
-- Returns the ids of the jobs whose lease is gone.
local now = clock(ARGV[1])
local k = {jobs = KEYS[1], pending = KEYS[3], batches = KEYS[4], ended = KEYS[5]}
local lost = {}
for i = 4, #ARGV, 2 do
  local job = ARGV[i]
  local j = read_job(redis.call('HGET', KEYS[1], job))
  local held = j and j.state == 'leased' and j.executor == ARGV[2] and j.attempts == ARGV[i + 1]
  if held and batch_cancelled(k, j) then
    redis.call('ZREM', KEYS[2], job)
    close(k, job, j, 'cancelled', 'its batch was cancelled', now)
    held = false
  end
  if held then
    redis.call('ZADD', KEYS[2], now + ARGV[3], job)
  else
    lost[#lost + 1] = job
  end
end
return lost
