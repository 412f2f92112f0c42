-- Puts a state in the place of the log's beginning, and keeps the removed entries as a chunk of the
-- history, unless the session is not recorded.
--
-- KEYS: session, head, log, state, history, base, docs
-- ARGV: schema, epoch, seq and append id of the last entry in the state, seq that the stored state
-- reached when the caller read it, state, chunk ('' for none), number of its entries, channel, node
-- Returns {'ok', bytes of the history}, {'done'} when the stored state reaches as far already,
-- {'moved'} when it has changed since the caller read it, {'gone'}, {'newer'} or {'stale'}.
local record = redis.call('HGET', KEYS[1], 'json')
if not record then return {'gone'} end
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
local size = 0
-- JSON escapes quotes, so this stands nowhere in what people wrote.
if ARGV[7] ~= '' and not string.find(record, '"record":"nothing"', 1, true) then
  -- The id says which entries are in the chunk. After a loss the history may reach further than the
  -- log; such a chunk is left out.
  local added = redis.pcall('XADD', KEYS[5], ARGV[3] .. '-' .. ARGV[8], 'c', ARGV[7])
  if not added.err then size = redis.call('HINCRBY', KEYS[6], 'n', #ARGV[7]) end
end
redis.call('SADD', KEYS[7], KEYS[4], KEYS[5], KEYS[6])
local ends = redis.call('PEXPIRETIME', KEYS[1])
if ends > 0 then
  for i = 4, 7 do redis.call('PEXPIREAT', KEYS[i], ends) end
end
redis.call('PUBLISH', ARGV[9], 'c' .. ARGV[10] .. struct.pack('>I4', through) .. ARGV[2])
return {'ok', size}
