-- Removes a session's record, from when on nothing can be written for the session any more, sets the tombstone, and tells
-- everybody who follows the session.
-- KEYS: session, tombstone, recent, then all other keys that go with it
-- ARGV: until (ms, '' for no tombstone), until as a tombstone holds it at most (ms), channel, how long recent stays (ms)
-- Gives 1; -1 when the session is unknown, -2 when it is gone.
if redis.call('DEL', KEYS[1]) == 0 then
  if redis.call('EXISTS', KEYS[2]) == 1 then return -2 end
  return -1
end
for i = 4, #KEYS do redis.call('UNLINK', KEYS[i]) end
if ARGV[1] ~= '' then redis.call('SET', KEYS[2], ARGV[1], 'PXAT', ARGV[2]) end
redis.call('SET', KEYS[3], 1, 'PX', ARGV[4])
redis.call('PUBLISH', ARGV[3], 'gone')
return 1
