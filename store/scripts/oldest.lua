-- Finds the oldest queued job, as far as it looks: at those whose ids are pushed
-- again soonest and latest. With as many jobs or fewer that is all of them.
-- KEYS: jobs queued
-- ARGV: most jobs to look at
-- Returns when it was made, in ms; 0 when none waits.
local half = ARGV[1] / 2
local ids = redis.call('ZRANGE', KEYS[2], 0, half - 1)
for _, job in ipairs(redis.call('ZRANGE', KEYS[2], -half, -1)) do ids[#ids + 1] = job end
if #ids == 0 then return 0 end
local oldest = 0
for _, record in ipairs(redis.call('HMGET', KEYS[1], unpack(ids))) do
  local j = read_job(record)
  local created = j and tonumber(j.created)
  if created and (oldest == 0 or created < oldest) then oldest = created end
end
return oldest
