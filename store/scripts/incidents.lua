-- Prepended to the scripts that decide of incidents: what is kept of them, and
-- how one closes.

-- The limits of a partition: closed incidents, for how many ms they are kept when
-- others come, events, and notices.
local most_closed, closed_age, most_events, most_notices = 1000, 7776000000, 1000, 10000

-- What is kept of an asset while something is bad, in the field "i" of its hash:
--   number|window|good|confirm|rank|critical|reason
-- "+" and the number of the incident that is open, or "-" and that of one that
-- closed so lately that it may come back, empty for none; the window of the latest checks that are in no incident, the
-- newest last, "." for a good one and the verdict's rank for a bad one; how many
-- were good in a row while the incident is open; number of the job that is to
-- confirm; and of the bad checks in the window the worst rank, 1 when one was
-- critical, and what that one found.
local function read_state(field)
  local s = {}
  s.sign, s.number, s.window, s.good, s.confirm, s.rank, s.critical, s.reason =
    string.match(field or '', '^([+-]?)(%x*)|([%.%d]*)|(%d+)|(%x*)|(%d+)|([01])|(.*)$')
  if not s.number then return {sign = '', number = '', window = '', good = 0, confirm = '', rank = 0, critical = 0, reason = ''} end
  s.good, s.rank, s.critical = tonumber(s.good), tonumber(s.rank), tonumber(s.critical)
  return s
end

-- forget_state forgets what is kept of an asset in the field "i", which is given, but
-- for a job that is to confirm: while it waits there is no other.
local function forget_state(asset, field)
  local s = read_state(field)
  if s.confirm == '' then
    redis.call('HDEL', asset, 'i')
  else
    redis.call('HSET', asset, 'i', '||0|' .. s.confirm .. '|0|0|')
  end
end

-- whole writes a number without the exponent that Lua gives great ones.
local function whole(n) return string.format('%.0f', n) end

-- An incident's record in the hash "incidents" is, under its id "<asset>!<number>",
--   opened|closed|rank|critical|checks|flaps|muted|remind|told|reminded|acked
-- opened, closed, remind and acked in ms, 0 for not; rank and critical the worst
-- so far; told 1 when there was a notice that it opened; reminded how many
-- reminders there were. Under "<id>/about", "/reason", "/ack" and "/closed" is
-- text for people, written by incident.go, and under "<id>/sent" who was told: see
-- deliveries.lua.
local record = {'opened', 'closed', 'rank', 'critical', 'checks', 'flaps', 'muted', 'remind', 'told', 'reminded', 'acked'}

local function read_incident(incidents, asset, number)
  local id = asset .. '!' .. number
  local inc, i = {id = id, asset = asset, number = number}, 0
  for n in string.gmatch(redis.call('HGET', incidents, id) or '', '%d+') do
    i = i + 1
    inc[record[i] or ''] = tonumber(n)
  end
  return i == #record and inc or nil
end

local function write_incident(incidents, inc)
  local t = {}
  for i, name in ipairs(record) do t[i] = whole(inc[name]) end
  redis.call('HSET', incidents, inc.id, table.concat(t, '|'))
end

-- tell writes an event: what became of an incident.
local function tell(events, now, inc, what, message)
  redis.call('XADD', events, 'MAXLEN', '~', most_events, '*', 't', whole(now), 'a', inc.asset, 'i', inc.number, 'w', what,
    'o', inc.rank, 'm', message)
end

-- notice adds that there is something to tell of an incident, unless nobody is
-- to be told.
local function notice(notices, now, inc, kind)
  if inc.muted == 1 then return end
  redis.call('ZADD', notices, now, inc.id .. '/' .. kind)
  if redis.call('ZCARD', notices) > most_notices then redis.call('ZREMRANGEBYRANK', notices, 0, 0) end
end

-- close_incident makes an open incident a closed one, and forgets those that are
-- too many or too old. k names the keys of incidents; why is JSON.
local function close_incident(k, inc, why, now)
  inc.closed = now
  write_incident(k.incidents, inc)
  redis.call('HSET', k.incidents, inc.id .. '/closed', why)
  redis.call('ZREM', inc.critical == 1 and k.critical or k.warning, inc.id)
  redis.call('ZADD', k.closed, now, inc.id)
  local excess = math.max(redis.call('ZCARD', k.closed) - most_closed, 0)
  local old = redis.call('ZRANGE', k.closed, 0, math.max(excess, 10) - 1, 'WITHSCORES')
  for i = 1, #old, 2 do
    if i < 2 * excess or tonumber(old[i + 1]) < now - closed_age then
      redis.call('ZREM', k.closed, old[i])
      redis.call('HDEL', k.incidents, old[i], old[i] .. '/about', old[i] .. '/reason', old[i] .. '/ack', old[i] .. '/closed', old[i] .. '/sent')
    end
  end
end

-- close_for_good closes an open incident that cannot come back.
local function close_for_good(k, inc, why, message, now)
  close_incident(k, inc, why, now)
  local what = inc.flaps == 0 and 'closed' or 'settled'
  tell(k.events, now, inc, what, message)
  if inc.told == 1 then notice(k.notices, now, inc, what) end
end

-- settle says that an incident that flapped is closed for good.
local function settle(k, inc, now)
  tell(k.events, now, inc, 'settled', 'it did not come back')
  if inc.told == 1 then notice(k.notices, now, inc, 'settled') end
end

-- end_incident ends whatever there is of incidents of an asset, because of its
-- field "i", which the caller forgets.
local function end_incident(k, asset, field, why, now)
  local s = read_state(field)
  local inc = s.number ~= '' and read_incident(k.incidents, asset, s.number)
  if not inc then return end
  if inc.closed == 0 then
    close_for_good(k, inc, '{"why":"' .. why .. '"}', why, now)
  elseif inc.flaps > 0 then
    settle(k, inc, now)
  end
end

-- put_incident writes an incident out of a backup: its id, and the values of its
-- fields. It leaves one alone that is there. An open one that comes with its asset is
-- noticed: reminders go on, and whoever was not told yet is.
local function put_incident(k, values, now)
  local id = values[1]
  if not id or redis.call('HEXISTS', k.incidents, id) == 1 then return end
  for i, field in ipairs({'', '/about', '/reason', '/ack', '/closed', '/sent'}) do
    if values[i + 1] ~= '' then redis.call('HSET', k.incidents, id .. field, values[i + 1]) end
  end
  local asset, number = string.match(id, '^(.*)!(.*)$')
  local inc = read_incident(k.incidents, asset, number)
  if inc.closed > 0 then
    redis.call('ZADD', k.closed, inc.closed, id)
  else
    redis.call('ZADD', inc.critical == 1 and k.critical or k.warning, inc.opened, id)
    if k.notices and inc.told == 1 then notice(k.notices, now, inc, 'opened') end
  end
end

