-- Adds events of one session to a trace. Of each lane the newest stay.
-- KEYS: session, the set of lanes, docs, the shared lane, who is here, then one list for each lane
-- in ARGV ARGV: how many events stay, how many lanes there may be, who was here when the caller
-- read it ('': nobody), who is here from now on ('': unchanged), then for each event the number of
-- its list (from 6), '1' when its lane is that of a participant, and the event Returns 1, 0 when
-- the session is gone, -1 when somebody else is here than the caller has read.
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
if ARGV[4] ~= '' then
  if (redis.call('GET', KEYS[5]) or '') ~= ARGV[3] then return -1 end
  redis.call('SET', KEYS[5], ARGV[4])
  redis.call('SADD', KEYS[3], KEYS[5])
end
local lists = {}
for i = 5, #ARGV, 3 do
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
for _, i in ipairs({2, 3, 5}) do redis.call('PEXPIREAT', KEYS[i], ends) end
return 1
