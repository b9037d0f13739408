-- Stands before every script.
-- The epoch of a frontier begins with the run ID that Redis gave itself when it started (40 characters): another process
-- may have an older state, from its disk or as a replica, which lacks what workers take to be there.
local function server()
  return string.match(redis.call('INFO', 'server'), 'run_id:(%w+)')
end
local function is_lost(epoch)
  return redis.call('GET', KEYS[1]) ~= epoch or string.sub(epoch, 1, 40) ~= server()
end
