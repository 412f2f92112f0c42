-- Replaces the record of a session if it has the given revision, and tells the nodes that follow
-- the session.
-- KEYS: session, tombstone, recent
-- ARGV: revision, record, status, channel
-- Returns 1; 0 when another update was faster; -1 when the session is unknown, -2 when it is gone.
local rev = redis.call('HGET', KEYS[1], 'rev')
if not rev then
  if redis.call('EXISTS', KEYS[2]) == 1 then return -2 end
  return -1
end
if rev ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'json', ARGV[2], 'rev', rev + 1, 'status', ARGV[3])
redis.call('PUBLISH', ARGV[4], (rev + 1) .. ' ' .. ARGV[2])
return 1
