-- Lets no request to a host start for some milliseconds from now.
-- KEYS: the host's next turn.  ARGV: the milliseconds.
local time = redis.call('TIME')
local next = time[1] * 1000 + time[2] / 1000 + ARGV[1]
if tonumber(redis.call('GET', KEYS[1]) or 0) < next then
  redis.call('SET', KEYS[1], string.format('%.3f', next), 'PX', math.ceil(ARGV[1] + 1))
end
return 1
