-- Removes a session's record, sets the tombstone, and tells the nodes that follow the session. From
-- then on nothing can be written for the session.
-- KEYS: session, tombstone, recent, then all other keys of the session to remove
-- ARGV: end of the tombstone (ms, '' for no tombstone), when Redis removes the tombstone at the
-- latest (ms), channel, how long recent stays (ms)
-- Returns 1; -1 when the session is unknown, -2 when it is gone.
if redis.call('DEL', KEYS[1]) == 0 then
  if redis.call('EXISTS', KEYS[2]) == 1 then return -2 end
  return -1
end
for i = 4, #KEYS do redis.call('UNLINK', KEYS[i]) end
if ARGV[1] ~= '' then redis.call('SET', KEYS[2], ARGV[1], 'PXAT', ARGV[2]) end
redis.call('SET', KEYS[3], 1, 'PX', ARGV[4])
redis.call('PUBLISH', ARGV[3], 'gone')
return 1
