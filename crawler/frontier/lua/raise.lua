-- Raises what is known of a host to a number of milliseconds, or to the time after as many; it is never lowered.
-- KEYS: what is known of the host.  ARGV: of what, the milliseconds, 1 for a time.
local number = tonumber(ARGV[2]) + tonumber(ARGV[3]) * now()
if tonumber(redis.call('HGET', KEYS[1], ARGV[1]) or 0) < number then
  redis.call('HSET', KEYS[1], ARGV[1], string.format('%.3f', number))
  keep(1)
end
return 1
