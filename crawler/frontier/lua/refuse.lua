-- Leaves word that the gate has refused the run.  KEYS: refused.  ARGV: why.
return redis.call('SET', KEYS[1], ARGV[1], 'PX', LIFETIME)
