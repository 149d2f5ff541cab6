-- Gives a leased job back unfinished; it does not count as an attempt.
-- KEYS: jobs queued leased pending batches index ended
-- ARGV: now, job id, executor, attempt, ms until its id is pushed again
-- Returns 1, or 0 when the lease was gone already.
local now, job = clock(ARGV[1]), ARGV[2]
local j = read_job(redis.call('HGET', KEYS[1], job))
if not j or j.state ~= 'leased' or j.executor ~= ARGV[3] or j.attempts ~= ARGV[4] then return 0 end
local k = {jobs = KEYS[1], queued = KEYS[2], pending = KEYS[4], batches = KEYS[5], index = KEYS[6], ended = KEYS[7]}
-- Neither was it lost on the way: the next push is the first.
j.attempts, j.pushes = j.attempts - 1, 0
redis.call('ZREM', KEYS[3], job)
requeue(k, job, j, now + ARGV[5], now)
return 1
