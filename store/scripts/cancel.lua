-- Cancels the queued jobs of a batch, some at a time.
-- KEYS: jobs queued pending batches index ended
-- ARGV: now, batch, most jobs
-- Returns how many were cancelled; fewer than asked means there are no more.
local now, batch = clock(ARGV[1]), ARGV[2]
if redis.call('HEXISTS', KEYS[4], batch .. '/queued') == 0 then return 0 end
redis.call('HSET', KEYS[4], batch .. '/x', 1)
local prefix = 'j:' .. batch .. ':'
local members = redis.call('ZRANGEBYLEX', KEYS[5], '[' .. prefix, '(j:' .. batch .. ';', 'LIMIT', 0, ARGV[3])
local k = {jobs = KEYS[1], pending = KEYS[3], batches = KEYS[4], ended = KEYS[6]}
for _, member in ipairs(members) do
  local job = string.sub(member, #prefix + 1)
  redis.call('ZREM', KEYS[5], member)
  local j = read_job(redis.call('HGET', KEYS[1], job))
  if j and j.state == 'queued' then
    redis.call('ZREM', KEYS[2], job)
    close(k, job, j, 'cancelled', 'its batch was cancelled', now)
  end
end
return #members
