-- Makes somebody the holder of something that one at a time has, or stays it.
-- KEYS: the holder
-- ARGV: who, for how many ms; 0 to hold it no more
-- Returns 1 when it is held by who asks, 0 when by another or, now, by nobody.
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
if ARGV[2] == '0' then
  redis.call('DEL', KEYS[1])
  return 0
end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
