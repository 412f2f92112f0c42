-- Adds events of one session to a trace. Of each lane the newest stay.
-- KEYS: session, the set of lanes, docs, the shared lane, then one list for each lane in ARGV
-- ARGV: how many events stay, how many lanes there may be, then for each event the number of its
-- list (from 5), '1' when its lane is that of a participant, and the event
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
local lists = {}
for i = 3, #ARGV, 3 do
  local key = KEYS[tonumber(ARGV[i])]
  if ARGV[i + 1] == '1' and redis.call('SISMEMBER', KEYS[2], key) == 0 and redis.call('SCARD', KEYS[2]) >= tonumber(ARGV[2]) then
    key = KEYS[4]
  end
  redis.call('SADD', KEYS[2], key)
  redis.call('RPUSH', key, ARGV[i + 2])
  lists[key] = true
end
local ends = redis.call('PEXPIRETIME', KEYS[1])
redis.call('SADD', KEYS[3], KEYS[2])
for key in pairs(lists) do
  redis.call('LTRIM', key, -ARGV[1], -1)
  redis.call('SADD', KEYS[3], key)
  redis.call('PEXPIREAT', key, ends)
end
redis.call('PEXPIREAT', KEYS[2], ends)
redis.call('PEXPIREAT', KEYS[3], ends)
return 1
