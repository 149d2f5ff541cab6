-- Looks at some of a partition's jobs, pending checks or plans, whatever the
-- sorted sets say of them, and mends what contradicts itself. So no job and no
-- asset is stuck for ever, however the damage came about.
-- KEYS: jobs queued leased pending batches index ended due plan skips
-- ARGV: now, what to look at ('jobs', 'pending' or 'plan'), cursor, about how
--       many, ms until an id is pushed again or a lease without an end runs out
-- Returns {next cursor ('0' at the end), how many were mended, ids to push}.
local now, what, again = clock(ARGV[1]), ARGV[2], ARGV[5]
local k = {jobs = KEYS[1], queued = KEYS[2], leased = KEYS[3], pending = KEYS[4], batches = KEYS[5], index = KEYS[6],
  ended = KEYS[7], due = KEYS[8], plan = KEYS[9], skips = KEYS[10]}
local mended, push = 0, {}

-- put makes a job a member of a sorted set, or of none, and counts when it was not so.
-- A score beyond the latest that can be is as good as none: the clock was ahead then.
local function put(key, job, score, latest)
  local had = redis.call('ZSCORE', key, job)
  if score and (not had or tonumber(had) > latest) then
    redis.call('ZADD', key, score, job)
  elseif had and not score then
    redis.call('ZREM', key, job)
  else
    return false
  end
  mended = mended + 1
  return true
end

-- How far ahead the scores may be, in ms: a little more than what redeliver.lua and
-- handback.lua write, the longest lease, and the next slot of a plan.
local slack = 120000
local latest_push, latest_lease = now + 64 * again + slack, now + 3600000 + slack

local look = {}

function look.jobs(job, record)
  local j = read_job(record)
  if not string.match(job, '^[0-9a-v]+%.[0-9a-f]+$') then -- no executor could ever take it
    redis.call('HDEL', k.jobs, job)
    mended = mended + 1
    put(k.queued, job)
    put(k.leased, job)
  elseif not j then
    local state, batch = string.match(record, '^(%a+)|([0-9a-v]*)|')
    if state ~= 'queued' and state ~= 'leased' then batch = '' end
    put(k.queued, job)
    put(k.leased, job)
    if batch ~= '' then put(k.index, 'j:' .. batch .. ':' .. job) end
    close(k, job, {state = state, batch = batch, created = now, attempts = 0, pushes = 0, executor = ''},
      'failed', 'its record in Redis was damaged', now)
    mended = mended + 1
  else
    local queued, leased = j.state == 'queued', j.state == 'leased'
    if put(k.queued, job, queued and now + again, latest_push) and queued then push[#push + 1] = job end
    put(k.leased, job, leased and now + again, latest_lease)
    if j.batch ~= '' then put(k.index, 'j:' .. j.batch .. ':' .. job, queued and 0, 0) end
    if not queued and not leased then put(k.ended, job, j.ended, math.huge) end
  end
end

function look.pending(asset, job)
  local j = read_job(redis.call('HGET', k.jobs, job))
  if not j or j.state == 'failed' or j.state == 'cancelled' then
    redis.call('HDEL', k.pending, asset)
    mended = mended + 1
  end
end

function look.plan(asset, interval)
  if not tonumber(interval) or tonumber(interval) < 1 then
    redis.call('HDEL', k.plan, asset)
    mended = mended + 1
  else
    interval = tonumber(interval)
    local at = tonumber(redis.call('ZSCORE', k.due, asset) or now)
    put(k.due, asset, slot(now, interval, at % interval), now + interval + slack)
  end
end

local found = redis.call('HSCAN', k[what], ARGV[3], 'COUNT', ARGV[4])
for i = 1, #found[2], 2 do look[what](found[2][i], found[2][i + 1]) end
return {found[1], mended, push}
