-- Makes queued jobs of a batch. Unknown assets are left out, and those up to the
-- last one of a call before: so a call whose answer was lost may be repeated.
-- KEYS: jobs queued batches index meta
-- ARGV: now, ms until the id is pushed again, batch, 1 to leave out disabled
--       assets, then asset ids (of one partition), in their order
-- Returns the ids of the new jobs.
local now, batch = clock(ARGV[1]), ARGV[3]
local again = now + ARGV[2]
local made = {}
if redis.call('HEXISTS', KEYS[3], batch .. '/x') == 1 then return made end -- it was cancelled
local last = redis.call('HGET', KEYS[3], batch .. '/last') or ''
for i = 5, #ARGV do
  local id = ARGV[i]
  local wanted = id > last and redis.call('ZSCORE', KEYS[4], 'a:' .. id)
  if wanted and ARGV[4] == '1' then wanted = not redis.call('ZSCORE', KEYS[4], 'd:' .. id) end
  if wanted then
    local job = id .. '.' .. string.format('%x', redis.call('HINCRBY', KEYS[5], 'seq', 1))
    write_job(KEYS[1], job, {state = 'queued', batch = batch, created = now,
      attempts = 0, pushes = 1, executor = '', ended = 0, reason = ''})
    redis.call('ZADD', KEYS[2], again, job)
    redis.call('ZADD', KEYS[4], 0, 'j:' .. batch .. ':' .. job)
    made[#made + 1] = job
  end
end
redis.call('HINCRBY', KEYS[3], batch .. '/queued', #made)
if ARGV[#ARGV] > last then redis.call('HSET', KEYS[3], batch .. '/last', ARGV[#ARGV]) end
redis.call('ZADD', KEYS[4], 0, 'b:' .. batch)
return made
