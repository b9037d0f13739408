-- Counts a failure of a host, and opens its circuit once there were enough in a row.
-- KEYS: what is known of the host.  ARGV: how many are enough, the cool-down in milliseconds.
-- Returns 1 where this one has opened the circuit.
local failures = redis.call('HINCRBY', KEYS[1], 'failures', 1)
keep(1)
if failures < tonumber(ARGV[1]) or redis.call('HEXISTS', KEYS[1], 'circuit') == 1 then
  return 0
end
redis.call('HSET', KEYS[1], 'circuit', string.format('%.3f', now() + ARGV[2]))
return 1
