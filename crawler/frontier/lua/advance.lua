-- Asked by a worker that has nothing left to do: what comes next.
-- KEYS: epoch, seeding, seeded, told, held, asked, the streams.
-- ARGV: the epoch, the worker, the most that may be asked for (-1: all).
-- Returns how many targets of the next rank were looked at, a part of them, and released unless they are told; 0 where
-- others are still at work; -1 at the end.
if is_lost(ARGV[1]) then
  return redis.error_reply('LOST the frontier is not the one that this worker knows')
end
if redis.call('GET', KEYS[2]) == ARGV[2] then
  redis.call('SET', KEYS[3], ARGV[2], 'PX', LIFETIME)
  redis.call('DEL', KEYS[2])
end
if redis.call('EXISTS', KEYS[3]) == 0 then
  return 0
end
for each = 7, #KEYS do
  if redis.call('XLEN', KEYS[each]) > 0 then
    return 0
  end
end
local next = redis.call('ZRANGE', KEYS[5], 0, 0, 'WITHSCORES')
if #next == 0 then
  return -1
end
local held = redis.call('ZRANGEBYSCORE', KEYS[5], next[2], next[2], 'LIMIT', 0, 1000)
for _, message in ipairs(held) do
  local target = cjson.decode(message)
  redis.call('ZREM', KEYS[5], message)
  if redis.call('SISMEMBER', KEYS[4], target.url) == 0
      and (tonumber(ARGV[3]) < 0 or redis.call('INCR', KEYS[6]) <= tonumber(ARGV[3])) then
    redis.call('XADD', KEYS[6 + target.stream], '*', 'target', message)
  end
end
return #held
