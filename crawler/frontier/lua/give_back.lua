-- Gives messages of a worker that ends to the others at once: new ones in the place of its own.
-- KEYS: epoch, workers, seeding, the streams.  ARGV: the epoch, the worker, then for each message its stream and its number.
if is_lost(ARGV[1]) then
  return redis.error_reply('LOST the frontier is not the one that this worker knows')
end
redis.call('ZREM', KEYS[2], ARGV[2])
if redis.call('GET', KEYS[3]) == ARGV[2] then
  redis.call('DEL', KEYS[3])
end
for each = 3, #ARGV, 2 do
  local stream, number = KEYS[3 + tonumber(ARGV[each])], ARGV[each + 1]
  local pending = redis.call('XPENDING', stream, 'workers', number, number, 1)
  if #pending == 1 and pending[1][2] == ARGV[2] then
    local found = redis.call('XRANGE', stream, number, number)
    redis.call('XADD', stream, '*', unpack(found[1][2]))
    redis.call('XACK', stream, 'workers', number)
    redis.call('XDEL', stream, number)
  end
end
return 1
