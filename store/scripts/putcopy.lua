-- Writes an asset out of a backup, but for its sealed chunks of results.
-- KEYS: asset memory before open decisions index due plan skips slow incidents
--       warning critical closed notices, then counts of changes by day
-- ARGV: now, id, interval in ms (0: not scheduled), phase in ms, memory, memory
--       before the last alarm, open chunk, skips, failed jobs, seconds of its last
--       check, '' for what is not there; then four lists, each after its length: fields and
--       values of the asset, decisions, index members, and id and fields of an incident;
--       then the changes by day
local id = ARGV[2]
local function put(i, value) if value ~= '' then redis.call('SET', KEYS[i], value) end end
put(2, ARGV[5])
put(3, ARGV[6])
put(4, ARGV[7])
if ARGV[8] ~= '' then redis.call('HSET', KEYS[9], id, ARGV[8]) end
if ARGV[9] ~= '' then redis.call('HSET', KEYS[9], id .. '/failed', ARGV[9]) end
if ARGV[10] ~= '' then redis.call('ZADD', KEYS[10], ARGV[10], id) end
local at = 11
local function each(step, visit)
  local last = at + ARGV[at]
  for i = at + 1, last, step do visit(i) end
  at = last + 1
end
each(2, function(i) redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1]) end)
each(1, function(i) redis.call('RPUSH', KEYS[5], ARGV[i]) end)
each(1, function(i) redis.call('ZADD', KEYS[6], 0, ARGV[i]) end)
local incident = {}
each(1, function(i) incident[#incident + 1] = ARGV[i] end)
put_incident({incidents = KEYS[11], warning = KEYS[12], critical = KEYS[13], closed = KEYS[14], notices = KEYS[15]}, incident,
  clock(ARGV[1]))
for i = 16, #KEYS do
  redis.call('ZADD', KEYS[i], ARGV[at + i - 16], id)
  redis.call('EXPIRE', KEYS[i], 259200)
end
local interval = tonumber(ARGV[3])
if interval > 0 then
  redis.call('HSET', KEYS[8], id, ARGV[3])
  redis.call('ZADD', KEYS[7], slot(clock(ARGV[1]), interval, ARGV[4]), id)
end
return 1
