-- Claims due assets: moves each to its next slot and makes its job, unless the
-- job of an earlier slot is still pending: then the check is skipped. Skipped are
-- the slots, too, that went by while nobody claimed. All of them are counted.
-- KEYS: due plan pending skips jobs queued meta
-- ARGV: now, most assets to claim, ms until the ids are pushed again
-- Returns {number of due assets handled, job ids}.
local now = clock(ARGV[1])
local due = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'WITHSCORES', 'LIMIT', 0, ARGV[2])
if #due == 0 then return {0, {}} end
local ids = {}
for i = 1, #due, 2 do ids[#ids + 1] = due[i] end
local plans = redis.call('HMGET', KEYS[2], unpack(ids))
local pendings = redis.call('HMGET', KEYS[3], unpack(ids))
local seq = redis.call('HINCRBY', KEYS[7], 'seq', #ids) - #ids
local made, next_due, records, queue, pend, skipped = {}, {}, {}, {}, {}, 0
for i, id in ipairs(ids) do
  local interval, at = tonumber(plans[i]), tonumber(due[2 * i])
  if not interval then
    redis.call('ZREM', KEYS[1], id) -- no plan, no schedule
  else
    local missed = math.floor((now - at) / interval)
    next_due[#next_due + 1] = at + interval * (missed + 1)
    next_due[#next_due + 1] = id
    if pendings[i] then missed = missed + 1 end
    if missed > 0 then
      skipped = skipped + missed
      redis.call('HINCRBY', KEYS[4], id, missed)
    end
    if not pendings[i] then
      local job = id .. '.' .. string.format('%x', seq + i)
      made[#made + 1] = job
      records[#records + 1] = job
      records[#records + 1] = 'queued||' .. now .. '|0|1||0|'
      queue[#queue + 1] = now + ARGV[3]
      queue[#queue + 1] = job
      pend[#pend + 1] = id
      pend[#pend + 1] = job
    end
  end
end
if #next_due > 0 then redis.call('ZADD', KEYS[1], unpack(next_due)) end
if skipped > 0 then redis.call('HINCRBY', KEYS[7], 'skipped', skipped) end
if #made > 0 then
  redis.call('HSET', KEYS[5], unpack(records))
  redis.call('ZADD', KEYS[6], unpack(queue))
  redis.call('HSET', KEYS[3], unpack(pend))
end
return {#ids, made}
