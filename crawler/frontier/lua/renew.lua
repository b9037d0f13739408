-- Says that a worker is alive, and keeps its messages from being taken over; that counts as no delivery.
-- KEYS: epoch, seeding, arguments, seeded, workers, seen, told, held, asked, the streams.
-- ARGV: the epoch, the worker, the milliseconds of its lead, then for each message its stream and its number.
-- Returns 1 for the worker that has to begin, then the messages that are another's by now, or nobody's: their streams
-- and their numbers.
if is_lost(ARGV[1]) then
  return redis.error_reply('LOST the frontier is not the one that this worker knows')
end
redis.call('ZADD', KEYS[5], now(), ARGV[2])
keep(3)
redis.call('PEXPIRE', KEYS[1], LIFETIME)
local answer = {seeds(ARGV[2], ARGV[3])}
for each = 4, #ARGV, 2 do
  local stream, number = KEYS[9 + tonumber(ARGV[each])], ARGV[each + 1]
  local pending = redis.call('XPENDING', stream, 'workers', number, number, 1)
  if #pending == 1 and pending[1][2] == ARGV[2] then
    redis.call('XCLAIM', stream, 'workers', ARGV[2], 0, number, 'JUSTID')
  else
    answer[#answer + 1] = ARGV[each]
    answer[#answer + 1] = number
  end
end
return answer
