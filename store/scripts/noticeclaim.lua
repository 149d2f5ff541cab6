-- Lets one dispatcher send a notice to a channel, if it is to be sent now and
-- nobody else does. Each may be sent once: whoever gets 1 must say what became of
-- it by noticeend.lua, or it is unknown for ever. An owner, which is another one for
-- each message, may ask again when the answer was lost.
-- KEYS: incidents notices
-- ARGV: now, incident, kind, channel, owner, ms that sending may take
-- Returns 1, or 0.
local now, incident, kind = clock(ARGV[1]), ARGV[2], ARGV[3]
local list, by = read_deliveries(KEYS[1], incident)
local d = by[kind .. '/' .. ARGV[4]]
bury(list, now)
local mine = d and d.owner == ARGV[5] and (d.state == 'sending' or d.state == 'unknown')
local claimed = d and (mine or d.state == 'waiting' or d.state == 'failed' and tonumber(d.until_) <= now)
if claimed then
  if not mine then d.attempts = string.format('%.0f', d.attempts + 1) end
  d.state, d.at = 'sending', string.format('%.0f', now)
  d.until_, d.owner, d.error = string.format('%.0f', now + ARGV[6]), ARGV[5], ''
end
write_deliveries(KEYS[1], incident, list)
if d then reschedule(KEYS[2], incident, kind, list, now, ARGV[6]) end
return claimed and 1 or 0
