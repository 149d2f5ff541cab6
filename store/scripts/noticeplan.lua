-- Writes down to which channels a notice goes, beside those that are written
-- already. Without any it is over.
-- KEYS: incidents notices
-- ARGV: now, incident, kind, ms until it is looked at again,
--       kind of the reminder that follows and in how many ms ('' and 0 for none),
--       then the channels
-- Returns the lines of deliveries.lua, '' for none, also when there is no such
-- incident; and the time.
local now, incident, kind = clock(ARGV[1]), ARGV[2], ARGV[3]
if redis.call('HEXISTS', KEYS[1], incident) == 0 then
  redis.call('ZREM', KEYS[2], incident .. '/' .. kind)
  return {'', now}
end
local list, by = read_deliveries(KEYS[1], incident)
-- Of reminders the last one is enough.
if string.sub(kind, 1, 9) == 'reminder.' then
  for i = #list, 1, -1 do
    local what = list[i].what
    if final[list[i].state] and string.sub(what, 1, 9) == 'reminder.' and string.sub(what, 1, #kind + 1) ~= kind .. '/' then
      table.remove(list, i)
    end
  end
end
local stamp = string.format('%.0f', now)
for i = 7, #ARGV do
  local what = kind .. '/' .. ARGV[i]
  if not by[what] then
    list[#list + 1] = {what = what, state = 'waiting', at = stamp, attempts = '0', until_ = '0', owner = '', group = '', error = ''}
  end
end
bury(list, now)
reschedule(KEYS[2], incident, kind, list, now, ARGV[4])
-- A reminder that was made once is not made again; one that waits may come sooner.
local reminder = ARGV[5]
if reminder ~= '' then
  local made = false
  for what in pairs(by) do made = made or string.sub(what, 1, #reminder + 1) == reminder .. '/' end
  if not made then redis.call('ZADD', KEYS[2], 'LT', now + ARGV[6], incident .. '/' .. reminder) end
end
return {write_deliveries(KEYS[1], incident, list), now}
