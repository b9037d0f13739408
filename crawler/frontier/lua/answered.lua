-- Forgets what is held against a host, which has answered.
-- KEYS: the host's failures, its circuit.
return redis.call('DEL', KEYS[1], KEYS[2])
