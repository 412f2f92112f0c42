-- Migrates a document from layout 0 to layout 1, whole or not at all.
--
-- In layout 0 an entry of the log is an update alone, without append id, time and participant. The
-- state is an update as it is. The head has the epoch (e), the number of the last entry (n) and,
-- with a state, the number through which it reaches (s).
--
-- KEYS: session, head, log, state, docs
-- ARGV: the append id that all entries get
-- Returns 1, or 0 when the document does not have layout 0.
local head = redis.call('HMGET', KEYS[2], 'e', 'n', 's', 'v')
if not head[1] or tonumber(head[4] or 0) ~= 0 then return 0 end
local entries = redis.call('XRANGE', KEYS[3], '-', '+')
redis.call('DEL', KEYS[3])
redis.call('XGROUP', 'CREATE', KEYS[3], 'x', '$', 'MKSTREAM') -- a log without entries exists too
redis.call('XGROUP', 'DESTROY', KEYS[3], 'x')
for _, entry in ipairs(entries) do
  redis.call('XADD', KEYS[3], entry[1], 'u', ARGV[1] .. '\0\0' .. entry[2][2])
end
local state = redis.call('GET', KEYS[4])
if state then
  local size, left = '', #state
  while left >= 128 do
    size, left = size .. string.char(left % 128 + 128), math.floor(left / 128)
  end
  redis.call('SET', KEYS[4], '\1\0' .. size .. string.char(left) .. state)
  redis.call('HSET', KEYS[2], 'u', ARGV[1])
end
redis.call('HSET', KEYS[2], 't', ARGV[1], 'v', 1)
redis.call('SADD', KEYS[5], KEYS[2], KEYS[3], KEYS[4])
local ends = redis.call('PEXPIRETIME', KEYS[1])
if ends > 0 then
  for i = 2, 5 do redis.call('PEXPIREAT', KEYS[i], ends) end
end
return 1
