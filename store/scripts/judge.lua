-- Prepended to finish.lua: what a check means for the incidents of its asset.
-- docs/incidents.md has it as a table.

local refusals = 5 -- how often a job that confirms is refused to whom it confirms
local doublings = 4 -- of the good checks that close an incident that flaps

-- worse takes over into an open incident what a check found, if it is worse. Who
-- is told of critical ones only has to hear that this became one, and who is told of
-- some verdicts only, that it has one of these: to them it opens now.
local function worse(k, inc, rank, critical, reason, now)
  local rose, became = rank > inc.rank, critical > inc.critical
  if rose or became then redis.call('HSET', k.incidents, inc.id .. '/reason', reason) end
  inc.rank, inc.critical = math.max(inc.rank, rank), math.max(inc.critical, critical)
  if became then
    redis.call('ZREM', k.warning, inc.id)
    redis.call('ZADD', k.critical, inc.opened, inc.id)
    tell(k.events, now, inc, 'worse', reason)
    if inc.told == 1 then notice(k.notices, now, inc, 'worse') end
  elseif rose and inc.told == 1 then
    notice(k.notices, now, inc, 'opened')
  end
end

-- announce notices that an incident opened, once somebody is to be told.
local function announce(k, inc, now)
  if inc.told == 1 or inc.muted == 1 then return end
  inc.told = 1
  notice(k.notices, now, inc, 'opened')
end

-- remind notices that an incident is still open.
local function remind(k, inc, now)
  if inc.remind == 0 or inc.acked > 0 or inc.told == 0 then return end
  local n = math.floor((now - inc.opened) / inc.remind)
  if n > inc.reminded then
    inc.reminded = n
    notice(k.notices, now, inc, 'reminder.' .. n)
  end
end

-- go_on counts a check of an asset with an open incident.
local function go_on(k, s, inc, c, now)
  local lifted = inc.muted == 1 and c.muted == 0
  inc.muted, inc.remind = c.muted, c.remind
  if c.bad then
    s.good = 0
    inc.checks = inc.checks + 1
    worse(k, inc, c.rank, c.critical, c.reason, now)
  else
    s.good = s.good + 1
  end
  if s.good < c.good * 2 ^ math.min(inc.flaps, doublings) then
    if lifted and inc.told == 1 then notice(k.notices, now, inc, 'opened') end -- who was to be told may not have been
    announce(k, inc, now)
    remind(k, inc, now)
    write_incident(k.incidents, inc)
    return
  end
  s.sign, s.good = '-', 0
  close_incident(k, inc, '{"why":"recovered"}', now)
  tell(k.events, now, inc, 'closed', 'recovered')
  if inc.flaps == 0 and inc.told == 1 then notice(k.notices, now, inc, 'closed') end
end

-- open makes an incident of the bad checks in the window, or reopens the one that
-- closed lately.
local function open(k, s, inc, c, bad, now)
  local what = inc and 'flapping' or 'opened'
  if inc then
    redis.call('ZREM', k.closed, inc.id)
    redis.call('HDEL', k.incidents, inc.id .. '/closed')
    inc.closed, inc.flaps = 0, inc.flaps + 1
    if s.rank == inc.rank then redis.call('HSET', k.incidents, inc.id .. '/reason', s.reason) end -- it may be another one
  else
    s.number = string.format('%x', redis.call('HINCRBY', k.meta, 'seq', 1))
    inc = {id = c.asset .. '!' .. s.number, asset = c.asset, number = s.number, opened = now, closed = 0, rank = s.rank,
      critical = s.critical, checks = 0, flaps = 0, told = 0, reminded = 0, acked = 0}
    redis.call('HSET', k.incidents, inc.id .. '/about', c.about, inc.id .. '/reason', s.reason)
  end
  inc.checks, inc.muted, inc.remind = inc.checks + bad, c.muted, c.remind
  redis.call('ZADD', inc.critical == 1 and k.critical or k.warning, inc.opened, inc.id)
  worse(k, inc, s.rank, s.critical, s.reason, now)
  -- That it came back is noticed each time: who was told of it once hears it no more,
  -- but what was over before anybody was told, as in a maintenance window, is told now.
  if inc.flaps > 0 and inc.told == 1 then notice(k.notices, now, inc, 'flapping') end
  announce(k, inc, now)
  write_incident(k.incidents, inc)
  tell(k.events, now, inc, what, s.reason)
  s.sign, s.window, s.good, s.rank, s.critical, s.reason = '+', '', 0, 0, 0, ''
end

-- waits tells whether the job that is to confirm is not over.
local function waits(k, s, asset)
  local j = s.confirm ~= '' and read_job(redis.call('HGET', k.jobs, asset .. '.' .. s.confirm))
  return j and (j.state == 'queued' or j.state == 'leased')
end

-- watch counts a check of an asset without an open incident. It gives the id of
-- the job that is to confirm what was found, if one was made.
local function watch(k, s, inc, c, now)
  local first = not string.find(s.window, '%d')
  s.window = string.sub(s.window .. (c.bad and c.rank or '.'), -c.of)
  local _, bad = string.gsub(s.window, '%d', '')
  if bad == 0 then
    s.window, s.rank, s.critical, s.reason = '', 0, 0, ''
  elseif c.bad then
    if c.rank > s.rank or c.critical > s.critical then s.reason = c.reason end
    s.rank, s.critical = math.max(s.rank, c.rank), math.max(s.critical, c.critical)
    if bad >= c.need then
      open(k, s, inc, c, bad, now)
    elseif first and c.confirm and s.confirm == '' then
      s.confirm = string.format('%x', redis.call('HINCRBY', k.meta, 'seq', 1))
      local job = c.asset .. '.' .. s.confirm
      write_job(k.jobs, job, {state = 'queued', batch = '', created = now, attempts = 0, pushes = 0, executor = '', ended = 0,
        reason = 'confirm:' .. refusals .. ':' .. c.executor})
      redis.call('ZADD', k.queued, now, job)
      return job
    end
  end
end

-- judge counts a check c, whose settings are
--   bad|need|of|good|confirm|muted|remind|damping|critical
-- and gives what is to be kept of the asset, nil for nothing, and the id of the job
-- that is to confirm what was found, if one was made. k names the keys jobs, queued
-- and meta, and those of incidents.
local function judge(k, asset, field, c, now)
  local n = {}
  for word in string.gmatch(c.settings, '%d+') do n[#n + 1] = tonumber(word) end
  c.asset, c.rank, c.bad, c.confirm = asset, tonumber(c.rank), n[1] == 1, n[5] == 1
  c.need, c.of, c.good, c.muted, c.remind, c.critical = n[2], n[3], n[4], n[6], n[7], n[9]

  local s = read_state(field)
  if not waits(k, s, asset) then s.confirm = '' end
  local inc = s.number ~= '' and read_incident(k.incidents, asset, s.number) or nil
  local over = inc and inc.closed > 0 and now >= inc.closed + n[8] and s.window == ''
  if over and inc.flaps > 0 then settle(k, inc, now) end
  if over or not inc then inc, s.sign, s.number = nil, '', '' end

  local job
  if inc and inc.closed == 0 then go_on(k, s, inc, c, now) else job = watch(k, s, inc, c, now) end
  if s.number == '' and s.window == '' and s.confirm == '' then return nil end
  return table.concat({s.sign .. s.number, s.window, s.good, s.confirm, s.rank, s.critical, s.reason}, '|'), job
end

