-- Adds to the owners of a document's client ids. An id that has an owner keeps it.
--
-- KEYS: session, owners, docs
-- ARGV: bytes that are kept of one participant, then participant and client id (8 bytes) in turn
-- Returns 1, or -1 when there is no session.
if redis.call('EXISTS', KEYS[1]) == 0 then return -1 end
local known, taken, owned, changed = redis.call('HGETALL', KEYS[2]), {}, {}, {}
for i = 1, #known, 2 do
  owned[known[i]] = known[i + 1]
  for at = 1, #known[i + 1], 8 do taken[string.sub(known[i + 1], at, at + 7)] = true end
end
for i = 2, #ARGV, 2 do
  local who, id = ARGV[i], ARGV[i + 1]
  if not taken[id] then
    taken[id] = true
    owned[who] = string.sub((owned[who] or '') .. id, -tonumber(ARGV[1]))
    changed[who] = true
  end
end
for who in pairs(changed) do redis.call('HSET', KEYS[2], who, owned[who]) end
if next(changed) then
  redis.call('SADD', KEYS[3], KEYS[2])
  local ends = redis.call('PEXPIRETIME', KEYS[1])
  if ends > 0 then
    redis.call('PEXPIREAT', KEYS[2], ends)
    redis.call('PEXPIREAT', KEYS[3], ends)
  end
end
return 1
