-- Leases a queued job to an executor, with all it needs to run it.
-- KEYS: jobs queued leased pending batches index ended asset memory open
-- ARGV: now, job id, executor, ms until the lease runs out
-- Returns {'gone'} when there is no such job any more, {'taken'} when another
-- executor has it, {'deleted'} when its asset is gone (the job failed), else
-- {'leased', attempt, definition, revision, memory, open chunk of results,
-- generation of the memory}.
local now, job = clock(ARGV[1]), ARGV[2]
local record = redis.call('HGET', KEYS[1], job)
if not record then return {'gone'} end
local j = read_job(record)
if j.state == 'leased' then return {'taken'} end
if j.state ~= 'queued' then return {'gone'} end
redis.call('ZREM', KEYS[2], job)
if j.batch ~= '' then redis.call('ZREM', KEYS[6], 'j:' .. j.batch .. ':' .. job) end
local a = redis.call('HMGET', KEYS[8], 'd', 'r', 'g')
if not a[1] then
  local k = {jobs = KEYS[1], pending = KEYS[4], batches = KEYS[5], ended = KEYS[7]}
  close(k, job, j, 'failed', 'the asset was deleted', now)
  return {'deleted'}
end
count(KEYS[5], j.batch, 'queued', 'leased')
j.state, j.executor, j.attempts = 'leased', ARGV[3], j.attempts + 1
write_job(KEYS[1], job, j)
redis.call('ZADD', KEYS[3], now + ARGV[4], job)
return {'leased', j.attempts, a[1], a[2], redis.call('GET', KEYS[9]) or '', redis.call('GET', KEYS[10]) or '',
  a[3] or ''}
