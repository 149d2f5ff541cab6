-- Notes that somebody acknowledged an open incident.
-- KEYS: incidents events
-- ARGV: now, asset, number of the incident, who and why as JSON, what the event says
-- Returns 1; 0 when it is closed; -1 when there is no such incident.
local now = clock(ARGV[1])
local inc = read_incident(KEYS[1], ARGV[2], ARGV[3])
if not inc then return -1 end
if inc.closed > 0 then return 0 end
inc.acked = now
redis.call('HSET', KEYS[1], inc.id .. '/ack', ARGV[4])
write_incident(KEYS[1], inc)
tell(KEYS[2], now, inc, 'acknowledged', ARGV[5])
return 1
