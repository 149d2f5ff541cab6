-- Says what became of a notice that was claimed. Who comes so late that it counts
-- as unknown may still say so, as nobody else sends it.
-- KEYS: incidents notices
-- ARGV: now, incident, kind, channel, owner, state, ms until it is tried again (0
--       for never), group, error, 1 when the message said that the incident was over
-- Returns 1; 0 when it was not claimed by this owner.
local now, incident, kind = clock(ARGV[1]), ARGV[2], ARGV[3]
local list, by = read_deliveries(KEYS[1], incident)
local d = by[kind .. '/' .. ARGV[4]]
if not d or d.owner ~= ARGV[5] or d.state ~= 'sending' and d.state ~= 'unknown' then return 0 end
d.state, d.at, d.group, d.error, d.until_ = ARGV[6], string.format('%.0f', now), ARGV[8], ARGV[9], '0'
if d.state == 'sent' then d.until_ = ARGV[10] end
if ARGV[7] ~= '0' then d.until_ = string.format('%.0f', now + ARGV[7]) end
bury(list, now)
write_deliveries(KEYS[1], incident, list)
reschedule(KEYS[2], incident, kind, list, now, 60000)
return 1
