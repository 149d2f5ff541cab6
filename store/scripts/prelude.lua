-- Prepended to every script: the clock, and what a job's record is.

-- clock: the time in ms, the caller's or, when that is 0, this server's own.
local function clock(given)
  given = tonumber(given)
  if given > 0 then return given end
  local t = redis.call('TIME')
  return t[1] * 1000 + math.floor(t[2] / 1000)
end

-- A job's record in the hash "jobs" is
--   state|batch|created|attempts|pushes|executor|ended|reason
-- created and ended in ms, ended 0 until then; batch empty for the schedule's
-- own jobs and for those that confirm. reason is why it failed; of a job that is
-- to confirm a bad check it is, until it ends, "confirm:<n>:<executor>": whose
-- check that was, and how often that executor may still be refused the job.
-- A job that is done has no record: its result tells of it.
-- read_job gives nil for a record that is missing or damaged; rescue.lua ends
-- such jobs.
local known_state = {queued = true, leased = true, failed = true, cancelled = true}
local function read_job(record)
  local j = {}
  j.state, j.batch, j.created, j.attempts, j.pushes, j.executor, j.ended, j.reason =
    string.match(record or '', '^(%a+)|([^|]*)|(%d+)|(%d+)|(%d+)|([^|]*)|(%d+)|(.*)$')
  return known_state[j.state] and j or nil
end

local function write_job(jobs, id, j)
  redis.call('HSET', jobs, id, table.concat(
    {j.state, j.batch, j.created, j.attempts, j.pushes, j.executor, j.ended, j.reason}, '|'))
end

-- count moves a job from one state to another in its batch's counts.
local function count(batches, batch, from, to)
  if batch == '' then return end
  redis.call('HINCRBY', batches, batch .. '/' .. from, -1)
  redis.call('HINCRBY', batches, batch .. '/' .. to, 1)
end

-- asset_of is the asset's part of a job id.
local function asset_of(job) return string.match(job, '^[^.]+') end

-- unpend lets the schedule start the asset's next check.
local function unpend(pending, job)
  local asset = asset_of(job) or ''
  if redis.call('HGET', pending, asset) == job then redis.call('HDEL', pending, asset) end
end

-- close ends a job as failed or cancelled. The latest 1,000 such records of a
-- partition are kept. k names the keys jobs, batches, pending and ended, and index
-- and skips where the asset is to be told of it.
local function close(k, job, j, state, reason, now)
  count(k.batches, j.batch, j.state, state)
  j.state, j.ended, j.reason = state, now, reason
  write_job(k.jobs, job, j)
  unpend(k.pending, job)
  if state == 'failed' and k.skips and redis.call('ZSCORE', k.index, 'a:' .. (asset_of(job) or '')) then
    redis.call('HINCRBY', k.skips, asset_of(job) .. '/failed', 1)
  end
  redis.call('ZADD', k.ended, now, job)
  local excess = redis.call('ZCARD', k.ended) - 1000
  if excess > 0 then
    local oldest = redis.call('ZPOPMIN', k.ended, excess)
    for i = 1, #oldest, 2 do redis.call('HDEL', k.jobs, oldest[i]) end
  end
end

-- batch_cancelled tells whether the batch of a job, if it has one, was cancelled.
local function batch_cancelled(k, j)
  return j.batch ~= '' and redis.call('HEXISTS', k.batches, j.batch .. '/x') == 1
end

-- requeue puts a leased job back into the queue, or cancels it when its batch
-- was cancelled meanwhile. k names the keys of close, and queued and index.
local function requeue(k, job, j, at, now)
  if batch_cancelled(k, j) then
    close(k, job, j, 'cancelled', 'its batch was cancelled', now)
    return false
  end
  count(k.batches, j.batch, j.state, 'queued')
  j.state = 'queued'
  write_job(k.jobs, job, j)
  redis.call('ZADD', k.queued, at, job)
  if j.batch ~= '' then redis.call('ZADD', k.index, 0, 'j:' .. j.batch .. ':' .. job) end
  return true
end

-- slot is the first time from now on at which an asset is checked. Checks happen
-- at t = phase (mod interval), phase being a hash of the id: so they are spread
-- evenly and never drift.
local function slot(now, interval, phase)
  local at = now - now % interval + phase
  if at < now then at = at + interval end
  return at
end

