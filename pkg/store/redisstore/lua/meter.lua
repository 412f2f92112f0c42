-- Takes uses from a bucket. The bucket fills at a rate per minute and holds the uses of one minute.
-- KEYS: bucket
-- ARGV: uses per minute, uses to take (0: only ask; below 0: give back)
-- Returns the time until the bucket holds a use, in ms; 0 when it held one. When it held none,
-- nothing is taken.
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local rate, take = tonumber(ARGV[1]), tonumber(ARGV[2])
local held = redis.call('HMGET', KEYS[1], 'left', 'at')
local left = rate
if held[1] then left = math.min(rate, held[1] + math.max(0, now - held[2]) * rate / 60000) end
if take < 0 or (take > 0 and left >= 1) then
  redis.call('HSET', KEYS[1], 'left', tostring(math.min(rate, math.max(0, left - take))), 'at', now)
  redis.call('PEXPIRE', KEYS[1], 60000)
end
if left >= 1 then return 0 end
return math.ceil((1 - left) * 60000 / rate)
