-- Stands before every script.
local LIFETIME = 7 * 24 * 3600 * 1000 -- milliseconds that a key lives without a worker: the run's log has all of it

local function now()
  local time = redis.call('TIME')
  return time[1] * 1000 + time[2] / 1000
end

-- The epoch of a frontier begins with the run ID that Redis gave itself when it started (40 characters): another process
-- may have an older state, from its disk or as a replica, which lacks what workers take to be there.
local function server()
  return string.match(redis.call('INFO', 'server'), 'run_id:(%w+)')
end

local function is_lost(epoch)
  return redis.call('GET', KEYS[1]) ~= epoch or string.sub(epoch, 1, 40) ~= server()
end

local function keep(first)
  for each = first, #KEYS do
    redis.call('PEXPIRE', KEYS[each], LIFETIME)
  end
end

-- Tells whether it is for a worker to put into the frontier what the run begins with. So it is told again where it asks
-- again: the first answer may not have come.  KEYS: the second one is seeding, the fourth one is seeded.
local function seeds(worker, lead)
  if redis.call('EXISTS', KEYS[4]) == 1 then
    return 0
  end
  if redis.call('SET', KEYS[2], worker, 'NX', 'PX', lead) then
    return 1
  end
  if redis.call('GET', KEYS[2]) == worker then
    redis.call('PEXPIRE', KEYS[2], lead)
    return 1
  end
  return 0
end
