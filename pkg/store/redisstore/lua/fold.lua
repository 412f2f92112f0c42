-- Puts a base in the place of the oldest chunks of a history.
--
-- KEYS: session, history, base, docs
-- ARGV: seq through which the base reached when the caller read it, seq through which the new one
-- reaches, the new one
-- Returns 1, or 0 when another node was faster or the session is gone.
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
if (redis.call('HGET', KEYS[3], 't') or '0') ~= ARGV[1] then return 0 end
local removed = 0
for _, chunk in ipairs(redis.call('XRANGE', KEYS[2], '-', ARGV[2])) do removed = removed + #chunk[2][2] end
redis.call('HSET', KEYS[3], 't', ARGV[2], 'b', ARGV[3])
redis.call('HINCRBY', KEYS[3], 'n', -removed)
redis.call('XTRIM', KEYS[2], 'MINID', (tonumber(ARGV[2]) + 1) .. '-0')
redis.call('SADD', KEYS[4], KEYS[3])
local ends = redis.call('PEXPIRETIME', KEYS[1])
if ends > 0 then
  redis.call('PEXPIREAT', KEYS[3], ends)
  redis.call('PEXPIREAT', KEYS[4], ends)
end
return 1
