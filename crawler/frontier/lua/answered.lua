-- Forgets what is held against a host, which has answered.  KEYS: what is known of the host.
return redis.call('HDEL', KEYS[1], 'failures', 'circuit')
