-- Adds events of one session. Of each kind the newest stay.
-- KEYS: session, then one list for each kind in ARGV
-- ARGV: how many events stay, then for each event the number of its list (from 2) and the event
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
for i = 2, #ARGV, 2 do redis.call('RPUSH', KEYS[tonumber(ARGV[i])], ARGV[i + 1]) end
local ends = redis.call('PEXPIRETIME', KEYS[1])
for i = 2, #KEYS do
  redis.call('LTRIM', KEYS[i], -ARGV[1], -1)
  redis.call('PEXPIREAT', KEYS[i], ends)
end
return 1
