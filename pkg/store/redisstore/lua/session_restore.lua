-- Puts back a record that a node holds, after Redis has lost it. A deleted session stays deleted. A
-- record that another node has put back stays if it is at least as new.
-- KEYS: session, tombstone, recent
-- ARGV: revision, record, status, when the record expires (ms)
-- Returns 1 when there is a record now, 0 when the session was deleted.
if redis.call('EXISTS', KEYS[2], KEYS[3]) > 0 then return 0 end
local rev = redis.call('HGET', KEYS[1], 'rev')
if rev and tonumber(rev) >= tonumber(ARGV[1]) then return 1 end
redis.call('HSET', KEYS[1], 'json', ARGV[2], 'rev', ARGV[1], 'status', ARGV[3])
redis.call('PEXPIREAT', KEYS[1], ARGV[4])
return 1
