-- Takes messages out of the streams whose targets are in the store.
-- KEYS: epoch, the streams.  ARGV: the epoch, then for each message its stream and its number.
if is_lost(ARGV[1]) then
  return redis.error_reply('LOST the frontier is not the one that this worker knows')
end
for each = 2, #ARGV, 2 do
  local stream = KEYS[1 + tonumber(ARGV[each])]
  redis.call('XACK', stream, 'workers', ARGV[each + 1])
  redis.call('XDEL', stream, ARGV[each + 1])
end
return 1
