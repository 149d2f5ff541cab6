-- Records what somebody decided of an asset, with what the plugins are to
-- remember in view of it. Checks under way began with another memory: the new
-- generation makes finish.lua refuse what they bring.
-- KEYS: asset memory before decisions
-- ARGV: the memory that the decision was made for ('' for none), the memory to
--       write ('' deletes it), 1 to forget the last alarm and the memory from before it,
--       the decision, most decisions to keep
-- Returns 1; 0 when the memory is another one by now; -1 when there is no such
-- asset.
if redis.call('EXISTS', KEYS[1]) == 0 then return -1 end
if (redis.call('GET', KEYS[2]) or '') ~= ARGV[1] then return 0 end
if ARGV[2] == '' then redis.call('DEL', KEYS[2]) else redis.call('SET', KEYS[2], ARGV[2]) end
if ARGV[3] == '1' then
  redis.call('DEL', KEYS[3])
  redis.call('HDEL', KEYS[1], 'b')
end
redis.call('HINCRBY', KEYS[1], 'g', 1)
redis.call('LPUSH', KEYS[4], ARGV[4])
redis.call('LTRIM', KEYS[4], 0, ARGV[5] - 1)
return 1
