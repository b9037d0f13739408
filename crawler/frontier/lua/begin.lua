-- Lets a worker join the frontier; where there is none, or only one that nobody can go on with, that is a new one.
-- KEYS: epoch, seeding, arguments, seeded, workers, refused, seen, told, held, asked, the streams.
-- ARGV: what ends the epoch of a new one, the worker, its arguments, the milliseconds of its lead.
-- Returns the epoch, the arguments that the run was started with, and 1 for the worker that has to begin.
local function is_whole()
  for each = 11, #KEYS do
    if redis.call('EXISTS', KEYS[each]) == 0 then
      return false
    end
  end
  return true
end

local function is_left()
  return redis.call('ZCOUNT', KEYS[5], now() - ARGV[4], '+inf') == 0
end

local epoch, arguments = redis.call('GET', KEYS[1]), redis.call('GET', KEYS[3])
if not epoch or is_lost(epoch) or not is_whole() or (arguments ~= ARGV[3] and is_left()) then
  redis.call('DEL', unpack(KEYS))
  epoch, arguments = server() .. ARGV[1], ARGV[3]
  redis.call('SET', KEYS[1], epoch)
  redis.call('SET', KEYS[3], arguments)
  for each = 11, #KEYS do
    redis.call('XGROUP', 'CREATE', KEYS[each], 'workers', '0', 'MKSTREAM')
  end
end
if arguments ~= ARGV[3] then
  return {epoch, arguments, 0}
end
redis.call('ZADD', KEYS[5], now(), ARGV[2])
redis.call('DEL', KEYS[6])
keep(3)
redis.call('PEXPIRE', KEYS[1], LIFETIME)
return {epoch, arguments, seeds(ARGV[2], ARGV[4])}
