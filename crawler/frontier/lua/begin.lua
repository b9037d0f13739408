-- Tells a worker whether there is a frontier, and whether it has to put there what the run begins with.
-- KEYS: epoch, arguments, seeding, seeded, workers, seen, told, held, asked, the streams.
-- ARGV: what ends the epoch of a new one, the worker, its arguments, the milliseconds of its lead.
-- Returns the epoch, the arguments that the run was started with, and 1 for the worker that has to begin.
local epoch = redis.call('GET', KEYS[1])
if not epoch or is_lost(epoch) then
  redis.call('DEL', unpack(KEYS))
  epoch = server() .. ARGV[1]
  redis.call('SET', KEYS[1], epoch)
  redis.call('SET', KEYS[2], ARGV[3])
  for each = 10, #KEYS do
    redis.call('XGROUP', 'CREATE', KEYS[each], 'workers', '0', 'MKSTREAM')
  end
end
local arguments = redis.call('GET', KEYS[2])
if arguments == ARGV[3] then
  local time = redis.call('TIME')
  redis.call('ZADD', KEYS[5], time[1] * 1000 + math.floor(time[2] / 1000), ARGV[2])
end
if arguments ~= ARGV[3] or redis.call('EXISTS', KEYS[4]) == 1 then
  return {epoch, arguments, 0}
end
if redis.call('SET', KEYS[3], ARGV[2], 'NX', 'PX', ARGV[4]) then
  return {epoch, arguments, 1}
end
return {epoch, arguments, 0}
