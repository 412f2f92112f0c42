-- Makes a session, unless its id is taken.
-- KEYS: session, tombstone, recent
-- ARGV: record, status, when the record is forgotten (ms)
-- Gives 1, or 0 when the id is taken.
if redis.call('EXISTS', KEYS[1], KEYS[2]) > 0 then return 0 end
redis.call('DEL', KEYS[3])
redis.call('HSET', KEYS[1], 'json', ARGV[1], 'rev', 1, 'status', ARGV[2])
redis.call('PEXPIREAT', KEYS[1], ARGV[3])
return 1
