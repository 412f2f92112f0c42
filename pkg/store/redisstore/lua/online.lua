-- Notes which participants of a session are connected to a node.
-- KEYS: session, online
-- ARGV: node, participants separated by blanks, '' for none
if ARGV[2] == '' then return redis.call('HDEL', KEYS[2], ARGV[1]) end
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
redis.call('HSET', KEYS[2], ARGV[1], ARGV[2])
redis.call('PEXPIREAT', KEYS[2], redis.call('PEXPIRETIME', KEYS[1]))
return 1
