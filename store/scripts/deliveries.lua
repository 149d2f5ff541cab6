-- Prepended to the scripts of notices: who was told of an incident.

-- In the field "<incident id>/sent" of the hash "incidents" is a line for each
-- notice and channel:
--   kind/channel|state|at|attempts|until|owner|group|error
-- state: waiting, sending, sent, failed, given up or unknown; the last two and
-- sent are for good. at: when it became so, in ms. until: when whoever is sending
-- must have died, or when it is tried again; of what was sent 1 when the message said
-- that the incident was over; 0 otherwise. owner: who is or was sending. group: of the notices that were sent with it.
local delivery = {'what', 'state', 'at', 'attempts', 'until_', 'owner', 'group', 'error'}
local final = {sent = true, ['given up'] = true, unknown = true}

-- read_deliveries gives the lines in their order, and by notice and channel.
local function read_deliveries(incidents, incident)
  local list, by = {}, {}
  for line in string.gmatch(redis.call('HGET', incidents, incident .. '/sent') or '', '[^\n]+') do
    local d, i = {}, 0
    for value in string.gmatch(line .. '|', '([^|]*)|') do
      i = i + 1
      if delivery[i] then d[delivery[i]] = value end
    end
    if i == #delivery then
      list[#list + 1] = d
      by[d.what] = d
    end
  end
  return list, by
end

local function write_deliveries(incidents, incident, list)
  local lines = {}
  for _, d in ipairs(list) do
    local t = {}
    for i, name in ipairs(delivery) do t[i] = d[name] end
    lines[#lines + 1] = table.concat(t, '|')
  end
  local text = table.concat(lines, '\n')
  if text ~= '' then redis.call('HSET', incidents, incident .. '/sent', text) end
  return text
end

-- bury makes deliveries unknown whose sender has died: nobody knows whether the
-- message left, so it is never sent again.
local function bury(list, now)
  for _, d in ipairs(list) do
    if d.state == 'sending' and tonumber(d.until_) < now then
      d.state, d.at, d.until_, d.error = 'unknown', string.format('%.0f', now), '0', 'the dispatcher that was sending it died'
    end
  end
end

-- reschedule says when a notice is looked at again: never when all of it is
-- final, else when something must be done, or after so many ms. What should be done
-- already waits for its channel: if it came first each time, nothing else came.
local function reschedule(notices, incident, kind, list, now, again)
  local at
  for _, d in ipairs(list) do
    if not final[d.state] and string.sub(d.what, 1, #kind + 1) == kind .. '/' then
      local due = tonumber(d.until_)
      if due <= now then due = now + again end
      at = math.min(at or due, due)
    end
  end
  if at then
    redis.call('ZADD', notices, at, incident .. '/' .. kind)
  else
    redis.call('ZREM', notices, incident .. '/' .. kind)
  end
end
