-- Notes what targets told and led to: each new one is held back, or goes to the stream of its site.
-- KEYS: epoch, seen, told, held, asked, the streams.
-- ARGV: the epoch, the most that may be asked for (-1: all), how many URLs are told, these, then for each one that was
-- discovered its URL, its message, its stream (0: none, it is done; -1: likewise, and it counts as asked for, once) and
-- its rank (0: it is not held back).
if is_lost(ARGV[1]) then
  return redis.error_reply('LOST the frontier is not the one that this worker knows')
end
local first = 4 + tonumber(ARGV[3])
for each = 4, first - 1 do
  redis.call('SADD', KEYS[3], ARGV[each])
end
for each = first, #ARGV, 4 do
  local url, message, stream, rank = ARGV[each], ARGV[each + 1], tonumber(ARGV[each + 2]), tonumber(ARGV[each + 3])
  local is_new = redis.call('SADD', KEYS[2], url) == 1
  if stream < 0 and redis.call('SADD', KEYS[3], url) == 1 then
    redis.call('INCR', KEYS[5])
  elseif stream > 0 and is_new then
    if rank > 0 then
      redis.call('ZADD', KEYS[4], rank, message)
    elseif tonumber(ARGV[2]) < 0 or redis.call('INCR', KEYS[5]) <= tonumber(ARGV[2]) then
      redis.call('XADD', KEYS[5 + stream], '*', 'target', message)
    end
  end
end
keep(2)
return 1
