-- Asks whether a request to a host may start now.
-- KEYS: what is known of the host.  ARGV: the delay and the cool-down in milliseconds.
-- Returns what to do (`go`, `wait`, `try` once, `open`), the milliseconds of it, and the failures of late.
local time, known = now(), redis.call('HMGET', KEYS[1], 'started', 'delay', 'paused', 'circuit', 'failures')
local started, delay, paused, circuit, failures = unpack({
  tonumber(known[1] or 0), tonumber(known[2] or 0), tonumber(known[3] or 0), tonumber(known[4] or 0), tonumber(known[5] or 0)
})
if circuit > time then
  return {'open', math.ceil(circuit - time), failures}
end
local turn = math.max(started + math.max(delay, ARGV[1]), paused)
if turn > time then
  return {'wait', math.ceil(turn - time), failures}
end
redis.call('HSET', KEYS[1], 'started', string.format('%.3f', time))
keep(1)
if circuit > 0 then
  redis.call('HSET', KEYS[1], 'circuit', string.format('%.3f', time + ARGV[2]))
  return {'try', 0, failures}
end
return {'go', 0, failures}
