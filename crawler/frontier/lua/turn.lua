-- Asks whether a request to a host may start now; if so, the next one may when its delay has passed.
-- KEYS: the host's next turn, its circuit, its failures.  ARGV: the delay and the cool-down in milliseconds.
-- Returns what to do (`go`, `wait`, `try` once, `open`), the milliseconds of it, and the failures of late.
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
local failures = tonumber(redis.call('GET', KEYS[3]) or 0)
local open = tonumber(redis.call('GET', KEYS[2]) or 0)
if open > now then
  return {'open', math.ceil(open - now), failures}
end
local turn = tonumber(redis.call('GET', KEYS[1]) or 0)
if turn > now then
  return {'wait', math.ceil(turn - now), failures}
end
redis.call('SET', KEYS[1], string.format('%.3f', now + ARGV[1]), 'PX', math.ceil(ARGV[1] + 1))
if open > 0 then
  redis.call('SET', KEYS[2], string.format('%.3f', now + ARGV[2]))
  return {'try', 0, failures}
end
return {'go', 0, failures}
