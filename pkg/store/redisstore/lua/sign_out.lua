-- Keeps the time of a sign-out, unless a later one is kept.
-- KEYS: the key of the user
-- ARGV: the time of the sign-out, the time at which the key goes; both in milliseconds since 1970
local held = tonumber(redis.call('GET', KEYS[1]) or '0')
if held >= tonumber(ARGV[1]) then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PXAT', ARGV[2])
return 1
