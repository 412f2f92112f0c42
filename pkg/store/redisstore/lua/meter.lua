-- A bucket that fills at so much a minute and holds a minute's worth.
-- KEYS: bucket
-- ARGV: per minute, how much to take (0: only ask; below 0: give back)
-- Gives how long until there is one to take, in ms, 0 when there was. Nothing is taken when there was none.
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
