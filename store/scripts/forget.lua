-- Forgets batches that are old.
-- KEYS: batches index
-- ARGV: the lowest batch id to keep, most batches
-- Returns how many were forgotten.
local members = redis.call('ZRANGEBYLEX', KEYS[2], '[b:', '(b:' .. ARGV[1], 'LIMIT', 0, ARGV[2])
for _, member in ipairs(members) do
  local batch = string.sub(member, 3)
  redis.call('ZREM', KEYS[2], member)
  for _, state in ipairs({'queued', 'leased', 'done', 'failed', 'cancelled', 'x', 'last'}) do
    redis.call('HDEL', KEYS[1], batch .. '/' .. state)
  end
end
return #members
