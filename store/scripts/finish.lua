-- Stores the result of a leased job and ends the job, once.
-- KEYS: jobs leased pending batches index done meta slow changed asset memory open
--       sealed before, and, when there may be something to tell, queued
--       incidents warning critical closed events notices
-- ARGV: now, job id, executor, attempt,
--       5 verdict's rank, 6 when the check began in ms, 7 frame of the result,
--       8 length the open chunk must have for the frame to fit,
--       9 the open chunk sealed ('' while it stays open; else the frame begins a new one),
--       10 most sealed chunks to keep, 11 oldest ms to keep,
--       12 1 to replace the memory, 13 the memory ('' deletes it),
--       14 seconds the check took ('' when nothing answered), 15 1 when the page changed,
--       16 the revision of the asset that was checked, 17 the generation of the
--       memory that it was checked with; and with the second part of KEYS:
--       18 the settings that judge.lua reads ('' for no incidents), 19 what the
--       check found in a sentence, 20 what the asset is, as JSON
-- Returns 1, or in a list the id of the job that is to confirm what was found;
-- or, with nothing written: 0 when the lease is gone, -1 when the asset has
-- another revision or its memory another generation, -2 when the second part of
-- KEYS is needed, the open chunk (a string) when it is not the one that the frame
-- was made for.
local job = ARGV[2]
local j = read_job(redis.call('HGET', KEYS[1], job))
if not j or j.state ~= 'leased' or j.executor ~= ARGV[3] or j.attempts ~= ARGV[4] then return 0 end
local id, at, rank = asset_of(job), ARGV[6], ARGV[5]
local a = redis.call('HMGET', KEYS[10], 'v', 'r', 'g', 'i')
local verdict = a[1]
local tells, confirm = KEYS[15] ~= nil, nil
if verdict then -- else the asset was deleted meanwhile, and there is nothing to keep
  if a[2] ~= ARGV[16] or (a[3] or '') ~= ARGV[17] then return -1 end
  if redis.call('STRLEN', KEYS[12]) ~= tonumber(ARGV[8]) then return redis.call('GET', KEYS[12]) or '' end
  if not tells and (a[4] or verdict ~= rank) then return -2 end
  if ARGV[9] == '' then
    redis.call('APPEND', KEYS[12], ARGV[7])
  else
    redis.call('RPUSH', KEYS[13], ARGV[9])
    redis.call('LTRIM', KEYS[13], -ARGV[10], -1)
    redis.call('SET', KEYS[12], ARGV[7])
    -- A sealed chunk begins with the time of its last result: 13 digits.
    local head = redis.call('LINDEX', KEYS[13], 0)
    while head and tonumber(string.sub(head, 1, 13)) < tonumber(ARGV[11]) do
      redis.call('LPOP', KEYS[13])
      head = redis.call('LINDEX', KEYS[13], 0)
    end
  end
  -- An alarm begins: what was remembered until now may be wanted back. The ranks
  -- 0 to 2 are calm, 3 and 4 are of a page that is another one, 5 is down.
  if tonumber(verdict) <= 2 and (rank == '3' or rank == '4') then
    if redis.call('COPY', KEYS[11], KEYS[14], 'REPLACE') == 0 then redis.call('DEL', KEYS[14]) end
    redis.call('HSET', KEYS[10], 'b', at)
  end
  if ARGV[12] == '1' then
    if ARGV[13] == '' then redis.call('DEL', KEYS[11]) else redis.call('SET', KEYS[11], ARGV[13]) end
  end
  if verdict == rank then
    redis.call('HSET', KEYS[10], 'c', at)
  else
    redis.call('HSET', KEYS[10], 'c', at, 'v', rank, 's', at)
    redis.call('ZREM', KEYS[5], 'v:' .. verdict .. ':' .. id)
    redis.call('ZADD', KEYS[5], 0, 'v:' .. rank .. ':' .. id)
    redis.call('XADD', KEYS[20], 'MAXLEN', '~', most_events, '*', 't', whole(clock(ARGV[1])), 'a', id, 'f', verdict, 'o', rank, 'm', ARGV[19])
  end
  if ARGV[14] == '' then
    redis.call('ZREM', KEYS[8], id)
  else
    if redis.call('ZADD', KEYS[8], ARGV[14], id) == 1 then redis.call('ZREMRANGEBYRANK', KEYS[8], 0, -33) end
  end
  if ARGV[15] == '1' then
    redis.call('ZINCRBY', KEYS[9], 1, id)
    redis.call('EXPIRE', KEYS[9], 259200)
  end
end
redis.call('HDEL', KEYS[1], job)
redis.call('ZREM', KEYS[2], job)
unpend(KEYS[3], job)
if verdict and tells and ARGV[18] ~= '' then
  local k = {jobs = KEYS[1], meta = KEYS[7], queued = KEYS[15], incidents = KEYS[16], warning = KEYS[17], critical = KEYS[18],
    closed = KEYS[19], events = KEYS[20], notices = KEYS[21]}
  local field
  field, confirm = judge(k, id, a[4], {settings = ARGV[18], rank = rank, reason = ARGV[19], about = ARGV[20], executor = ARGV[3]},
    clock(ARGV[1]))
  if field then redis.call('HSET', KEYS[10], 'i', field) elseif a[4] then redis.call('HDEL', KEYS[10], 'i') end
end
count(KEYS[4], j.batch, 'leased', 'done')
if redis.call('LPUSH', KEYS[6], job) > 192 then redis.call('LTRIM', KEYS[6], 0, 127) end
-- Checks so far, and how many there were when this minute and the one before began.
local total = redis.call('HINCRBY', KEYS[7], 'checks', 1)
local minute = math.floor(clock(ARGV[1]) / 60000)
local m = redis.call('HMGET', KEYS[7], 'minute', 'began')
if tonumber(m[1]) ~= minute then
  local before = total - 1
  if tonumber(m[1]) == minute - 1 then before = tonumber(m[2]) end
  redis.call('HSET', KEYS[7], 'minute', minute, 'began', total - 1, 'before', before)
end
return confirm and {confirm} or 1
