-- Closes an incident because somebody says so. What was counted of the asset's
-- checks is forgotten: a page that is still bad makes a new incident.
-- KEYS: asset incidents warning critical closed events notices
-- ARGV: now, asset, number of the incident, who and why as JSON, what the event says
-- Returns 1; 0 when it is closed; -1 when there is no such incident.
local now = clock(ARGV[1])
local inc = read_incident(KEYS[2], ARGV[2], ARGV[3])
if not inc then return -1 end
if inc.closed > 0 then return 0 end
local k = {asset = KEYS[1], incidents = KEYS[2], warning = KEYS[3], critical = KEYS[4], closed = KEYS[5], events = KEYS[6], notices = KEYS[7]}
close_for_good(k, inc, ARGV[4], ARGV[5], now)
local field = redis.call('HGET', k.asset, 'i')
if read_state(field).number == inc.number then forget_state(k.asset, field) end
return 1
