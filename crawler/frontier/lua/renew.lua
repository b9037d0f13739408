-- Says that a worker is alive, and keeps its messages from being taken over; that counts as no delivery.
-- KEYS: epoch, workers, seeding, arguments, seeded, seen, told, held, asked, the streams.
-- ARGV: the epoch, the worker, the milliseconds of its lead, those that all keys are to live without a worker, then for
-- each message its stream and its number.
-- Returns the messages that are another's by now, or nobody's: their streams and their numbers.
if is_lost(ARGV[1]) then
  return redis.error_reply('LOST the frontier is not the one that this worker knows')
end
local time = redis.call('TIME')
redis.call('ZADD', KEYS[2], time[1] * 1000 + math.floor(time[2] / 1000), ARGV[2])
if redis.call('GET', KEYS[3]) == ARGV[2] then
  redis.call('PEXPIRE', KEYS[3], ARGV[3])
end
for each = 1, #KEYS do
  if each ~= 3 then
    redis.call('PEXPIRE', KEYS[each], ARGV[4])
  end
end
local lost = {}
for each = 5, #ARGV, 2 do
  local stream, number = KEYS[9 + tonumber(ARGV[each])], ARGV[each + 1]
  local pending = redis.call('XPENDING', stream, 'workers', number, number, 1)
  if #pending == 1 and pending[1][2] == ARGV[2] then
    redis.call('XCLAIM', stream, 'workers', ARGV[2], 0, number, 'JUSTID')
  else
    lost[#lost + 1] = ARGV[each]
    lost[#lost + 1] = number
  end
end
return lost
