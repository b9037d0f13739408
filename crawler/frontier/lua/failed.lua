-- Counts a failure of a host, and opens its circuit once there were enough in a row.
-- KEYS: the host's failures, its circuit.  ARGV: how many are enough, the cool-down in milliseconds.
-- Returns 1 where this one has opened the circuit.
local failures = redis.call('INCR', KEYS[1])
if failures < tonumber(ARGV[1]) or redis.call('EXISTS', KEYS[2]) == 1 then
  return 0
end
local time = redis.call('TIME')
redis.call('SET', KEYS[2], string.format('%.3f', time[1] * 1000 + time[2] / 1000 + ARGV[2]))
return 1
