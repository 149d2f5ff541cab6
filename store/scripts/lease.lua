-- Leases a queued job to an executor, with all it needs to run it.
-- KEYS: jobs queued leased pending batches index ended asset memory open
-- ARGV: now, job id, executor, ms until the lease runs out, 1 when the answer
--       to a call before this one was lost: it may have taken the job, 1 when
--       other executors could have it
-- Returns {'gone'} when there is no such job any more, {'taken'} when another
-- executor has it, {'deleted'} when its asset is gone (the job failed),
-- {'elsewhere'} when it is to confirm what this executor found, and others could
-- have it, else {'leased', attempt, definition, revision, memory, open chunk of
-- results, generation of the memory, rank of the verdict, what is kept while
-- something is bad}.
local now, job = clock(ARGV[1]), ARGV[2]
local j = read_job(redis.call('HGET', KEYS[1], job))
if not j or j.state == 'failed' or j.state == 'cancelled' then return {'gone'} end
local mine = ARGV[5] == '1' and j.state == 'leased' and j.executor == ARGV[3]
if j.state == 'leased' and not mine then return {'taken'} end
local a = redis.call('HMGET', KEYS[8], 'd', 'r', 'g', 'v', 'i')
if not a[1] then
  local k = {jobs = KEYS[1], pending = KEYS[4], batches = KEYS[5], ended = KEYS[7]}
  redis.call('ZREM', KEYS[2], job)
  redis.call('ZREM', KEYS[3], job)
  if j.batch ~= '' then redis.call('ZREM', KEYS[6], 'j:' .. j.batch .. ':' .. job) end
  close(k, job, j, 'failed', 'the asset was deleted', now)
  return {'deleted'}
end
if ARGV[6] == '1' and not mine then
  local left, avoid = string.match(j.reason, '^confirm:(%d):(.*)$')
  if avoid == ARGV[3] and left ~= '0' then
    j.reason = 'confirm:' .. left - 1 .. ':' .. avoid
    write_job(KEYS[1], job, j)
    redis.call('ZADD', KEYS[2], now, job) -- so that its id is pushed again soon
    return {'elsewhere'}
  end
end
-- The record is written first: Redis refuses that when it is full, and nothing
-- is begun whose result could not be stored.
if not mine then
  count(KEYS[5], j.batch, 'queued', 'leased')
  j.state, j.executor, j.attempts = 'leased', ARGV[3], j.attempts + 1
end
write_job(KEYS[1], job, j)
redis.call('ZREM', KEYS[2], job)
if j.batch ~= '' then redis.call('ZREM', KEYS[6], 'j:' .. j.batch .. ':' .. job) end
redis.call('ZADD', KEYS[3], now + ARGV[4], job)
return {'leased', j.attempts, a[1], a[2], redis.call('GET', KEYS[9]) or '', redis.call('GET', KEYS[10]) or '',
  a[3] or '', a[4] or '', a[5] or ''}
