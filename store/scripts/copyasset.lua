-- Reads all that a backup holds of an asset, as of one moment.
-- KEYS: asset memory before open sealed decisions skips slow incidents, then counts
--       of changes by day
-- ARGV: id
-- Returns {fields and values of the asset, memory, memory before the last alarm,
-- open chunk, sealed chunks, decisions, skips, failed jobs, seconds of its last
-- check, id and fields of the incident that is open or closed lately, then its changes by
-- day}, '' for what is not there; an empty list when there is no such asset.
local asset = redis.call('HGETALL', KEYS[1])
if #asset == 0 then return {} end
local function read(i) return redis.call('GET', KEYS[i]) or '' end
local copy = {asset, read(2), read(3), read(4),
  redis.call('LRANGE', KEYS[5], 0, -1), redis.call('LRANGE', KEYS[6], 0, -1),
  redis.call('HGET', KEYS[7], ARGV[1]) or '', redis.call('HGET', KEYS[7], ARGV[1] .. '/failed') or '',
  redis.call('ZSCORE', KEYS[8], ARGV[1]) or '', {}}
local number = string.match(redis.call('HGET', KEYS[1], 'i') or '', '^[+-](%x+)|')
if number then
  local id = ARGV[1] .. '!' .. number
  copy[10] = {id}
  for i, value in ipairs(redis.call('HMGET', KEYS[9], id, id .. '/about', id .. '/reason', id .. '/ack', id .. '/closed', id .. '/sent')) do
    copy[10][i + 1] = value or ''
  end
end
for i = 10, #KEYS do copy[i + 1] = redis.call('ZSCORE', KEYS[i], ARGV[1]) or '' end
return copy
