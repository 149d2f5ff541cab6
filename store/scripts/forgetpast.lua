-- Forgets what the plugins remember of an asset.
-- KEYS: asset memory
-- Returns 1, or 0 when there is no such asset.
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
redis.call('DEL', KEYS[2])
return 1
