-- Puts a state in the place of the log's beginning, and keeps the removed entries as a chunk of the
-- history.
--
-- KEYS: session, head, log, state, history, size of the history, docs
-- ARGV: schema, epoch, seq and append id of the last entry in the state, seq that the stored state
-- reached when the caller read it, state, chunk, bound of the history in bytes, channel, node
-- Returns {'ok'}, {'done'} when the stored state reaches as far already, {'moved'} when it has
-- changed since the caller read it, {'gone'}, {'newer'} or {'stale'}.
if redis.call('EXISTS', KEYS[1]) == 0 then return {'gone'} end
local head = redis.call('HMGET', KEYS[2], 'e', 'n', 's', 'v')
local seq, reached, through = tonumber(head[2] or 0), tonumber(head[3] or 0), tonumber(ARGV[3])
if head[4] and tonumber(head[4]) > tonumber(ARGV[1]) then return {'newer'} end
if head[1] ~= ARGV[2] or seq < through then return {'stale'} end
if reached >= through then return {'done'} end
if reached ~= tonumber(ARGV[5]) then return {'moved'} end
local last = redis.call('XRANGE', KEYS[3], '0-' .. through, '0-' .. through)[1]
if not last or string.sub(last[2][2], 1, 12) ~= ARGV[4] then return {'stale'} end
redis.call('SET', KEYS[4], ARGV[6])
redis.call('HSET', KEYS[2], 's', through, 'u', ARGV[4])
redis.call('XTRIM', KEYS[3], 'MINID', '0-' .. (through + 1))
redis.call('RPUSH', KEYS[5], ARGV[7])
local size = redis.call('INCRBY', KEYS[6], #ARGV[7])
while size > tonumber(ARGV[8]) do
  local old = redis.call('LPOP', KEYS[5])
  if not old then break end
  size = redis.call('DECRBY', KEYS[6], #old)
end
redis.call('SADD', KEYS[7], KEYS[4], KEYS[5], KEYS[6])
local ends = redis.call('PEXPIRETIME', KEYS[1])
if ends > 0 then
  for i = 4, 7 do redis.call('PEXPIREAT', KEYS[i], ends) end
end
redis.call('PUBLISH', ARGV[9], 'c' .. ARGV[10] .. struct.pack('>I4', through) .. ARGV[2])
return {'ok'}
