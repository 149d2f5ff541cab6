-- Makes queued jobs of a batch. Unknown assets are left out, and those up to the
-- last one of a call before: so a call whose answer was lost may be repeated.
-- KEYS: jobs queued batches index meta
-- ARGV: now, ms until the id is pushed again, batch, 1 to leave out disabled
--       assets, then asset ids (of one partition), in their order
-- Returns the ids of the new jobs.
local now, batch = clock(ARGV[1]), ARGV[3]
local again = now + ARGV[2]
if redis.call('HEXISTS', KEYS[3], batch .. '/x') == 1 then return {} end -- it was cancelled
local last = redis.call('HGET', KEYS[3], batch .. '/last') or ''
local ids = {}
for i = 5, #ARGV do
  local id = ARGV[i]
  local wanted = id > last and redis.call('ZSCORE', KEYS[4], 'a:' .. id)
  if wanted and ARGV[4] == '1' then wanted = not redis.call('ZSCORE', KEYS[4], 'd:' .. id) end
  if wanted then ids[#ids + 1] = id end
end
local made, records, queue, members = {}, {}, {}, {}
if #ids > 0 then
  local seq = redis.call('HINCRBY', KEYS[5], 'seq', #ids) - #ids
  local record = table.concat({'queued', batch, now, 0, 1, '', 0, ''}, '|')
  for i, id in ipairs(ids) do
    local job = id .. '.' .. string.format('%x', seq + i)
    made[i] = job
    records[2 * i - 1], records[2 * i] = job, record
    queue[2 * i - 1], queue[2 * i] = again, job
    members[2 * i - 1], members[2 * i] = 0, 'j:' .. batch .. ':' .. job
  end
  redis.call('HSET', KEYS[1], unpack(records))
  redis.call('ZADD', KEYS[2], unpack(queue))
  redis.call('ZADD', KEYS[4], unpack(members))
end
redis.call('HINCRBY', KEYS[3], batch .. '/queued', #made)
if ARGV[#ARGV] > last then redis.call('HSET', KEYS[3], batch .. '/last', ARGV[#ARGV]) end
redis.call('ZADD', KEYS[4], 0, 'b:' .. batch)
return made
