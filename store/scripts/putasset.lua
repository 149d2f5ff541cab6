-- Writes an asset's definition, its index entries and its place in the schedule.
-- One that is paused has no open incident.
-- KEYS: asset index due plan memory before; for one that is paused also incidents
--       warning critical closed events notices
-- ARGV: now, id, expected revision ('' when it must not exist), definition,
--       interval in ms (0: not scheduled), phase in ms, 1 to forget what the
--       plugins remember, number of index members to remove, those members,
--       then the members to add
-- Returns the new revision; 0 when the asset exists but must not; -1 when it
-- has another revision; -2 when it does not exist.
local now, id, expected = clock(ARGV[1]), ARGV[2], ARGV[3]
local interval, phase = tonumber(ARGV[5]), tonumber(ARGV[6])
local a = redis.call('HMGET', KEYS[1], 'r', 'i')
local revision = a[1]
if expected == '' then
  if revision then return 0 end
  revision = 0
  redis.call('HSET', KEYS[1], 'v', 0)
else
  if not revision then return -2 end
  if revision ~= expected then return -1 end
end
revision = tonumber(revision) + 1
redis.call('HSET', KEYS[1], 'd', ARGV[4], 'r', revision)
if ARGV[7] == '1' then redis.call('DEL', KEYS[5], KEYS[6]) end
if KEYS[7] and a[2] then
  end_incident({incidents = KEYS[7], warning = KEYS[8], critical = KEYS[9], closed = KEYS[10], events = KEYS[11], notices = KEYS[12]},
    id, a[2], 'paused', now)
  forget_state(KEYS[1], a[2])
end
local removals = tonumber(ARGV[8])
for i = 9, 8 + removals do redis.call('ZREM', KEYS[2], ARGV[i]) end
for i = 9 + removals, #ARGV do redis.call('ZADD', KEYS[2], 0, ARGV[i]) end
if interval == 0 then
  redis.call('ZREM', KEYS[3], id)
  redis.call('HDEL', KEYS[4], id)
elseif redis.call('HGET', KEYS[4], id) ~= ARGV[5] then
  redis.call('HSET', KEYS[4], id, ARGV[5])
  redis.call('ZADD', KEYS[3], slot(now, interval, phase), id)
end
return revision
