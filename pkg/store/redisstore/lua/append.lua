-- Appends entries to the log of a document and publishes them, or says why not.
--
-- KEYS: session, head, log, state, docs
-- ARGV: schema, epoch that the caller knows ('' for none), seq and append id through which the
-- caller holds the log, an epoch for a new log, id of this append, channel, '1' when the entries
-- were lost and are written back, entries...
-- Returns {'ok', epoch, seq}, {'gone'}, {'ended'}, {'newer'}, {'older'} or {'stale'}.
--
-- This script runs for every keystroke. Each call of Redis from here takes three microseconds. So
-- missing keys are mostly noticed by calls that are needed anyway. Numbers are converted to text
-- and back as seldom as possible, and always with %d: other conversions go through floating point.
local head = redis.call('HMGET', KEYS[2], 'e', 'n', 't', 's', 'v')
local epoch, seq, aid, reached, schema = head[1], head[2] or '0', head[3] or '', head[4], head[5]
local stated = reached and reached ~= '0'
local status = redis.call('HGET', KEYS[1], 'status')
local count = #ARGV - 8

-- Log or state is gone, for example by eviction. For a node that knew the whole log, the rest is
-- another log.
local function renew()
  if redis.call('EXISTS', KEYS[4]) == 0 then redis.call('HDEL', KEYS[2], 's', 'u') end
  epoch = ARGV[5]
  redis.call('HSET', KEYS[2], 'e', epoch)
  if redis.call('EXISTS', KEYS[3]) == 0 then
    redis.call('XGROUP', 'CREATE', KEYS[3], 'x', '$', 'MKSTREAM') -- an empty stream
    redis.call('XGROUP', 'DESTROY', KEYS[3], 'x')
    local ends = redis.call('PEXPIRETIME', KEYS[1])
    if ends > 0 then redis.call('PEXPIREAT', KEYS[3], ends) end
  end
end

-- When there are entries to add, XADD below shows whether the log exists.
local whole = epoch and status and (not stated or redis.call('EXISTS', KEYS[4]) == 1)
if not whole or count == 0 then
  local want = 1 + (epoch and 1 or 0) + (stated and 1 or 0)
  if redis.call('EXISTS', KEYS[1], KEYS[3], KEYS[4]) ~= want then
    if redis.call('EXISTS', KEYS[1]) == 0 then return {'gone'} end
    if epoch then
      renew()
    else
      -- Only the head is gone: continue after the last entry.
      local last = redis.call('XREVRANGE', KEYS[3], '+', '-', 'COUNT', 1)[1]
      if last then seq = string.sub(last[1], 3) end
    end
  end
end
if schema ~= ARGV[1] then
  if schema and tonumber(schema) > tonumber(ARGV[1]) then return {'newer'} end
  if head[1] then return {'older'} end
end
if ARGV[8] ~= '1' and status == 'ended' then return {'ended'} end
if (epoch or '') ~= ARGV[2] then return {'stale'} end
if epoch and (seq ~= ARGV[3] and tonumber(seq) < tonumber(ARGV[3]) or seq == ARGV[3] and aid ~= ARGV[4]) then
  -- The end of the log was lost in a failover. The log gets a new epoch.
  redis.call('HSET', KEYS[2], 'e', ARGV[5])
  return {'stale'}
end
local at = tonumber(seq)
if count == 0 then return {'ok', epoch or '', at} end
local first = not epoch
epoch = epoch or ARGV[5]
if aid == '' then aid = string.rep('\0', 12) end
local message = {'a', ARGV[6], aid, struct.pack('>I4I4', at, count), epoch}
for i = 9, #ARGV do
  local entry = ARGV[i]
  at = at + 1
  seq = string.format('%d', at)
  local added
  if first then
    added = redis.pcall('XADD', KEYS[3], '0-' .. seq, 'u', entry)
  else
    added = redis.pcall('XADD', KEYS[3], 'NOMKSTREAM', '0-' .. seq, 'u', entry)
    if not added then
      renew()
      return {'stale'}
    end
  end
  if added.err then
    -- Another error: no memory or too few replicas. Nothing was written.
    if not string.find(added.err, 'equal or smaller', 1, true) then return added end
    -- The log has entries after those of its head, which no script writes. Continue after them.
    local last = redis.call('XINFO', 'STREAM', KEYS[3])
    for f = 1, #last, 2 do
      if last[f] == 'last-generated-id' then seq = string.sub(last[f + 1], 3) end
    end
    redis.call('HSET', KEYS[2], 'e', ARGV[5], 'n', seq, 't', '')
    return {'stale'}
  end
  message[#message + 1] = struct.pack('>I4', #entry)
  message[#message + 1] = entry
end
if first or schema ~= ARGV[1] or epoch ~= head[1] then
  redis.call('HSET', KEYS[2], 'e', epoch, 'n', seq, 't', ARGV[6], 'v', ARGV[1])
else
  redis.call('HSET', KEYS[2], 'n', seq, 't', ARGV[6])
end
if first then
  redis.call('SADD', KEYS[5], KEYS[2], KEYS[3])
  local ends = redis.call('PEXPIRETIME', KEYS[1])
  if ends > 0 then
    for _, key in ipairs({KEYS[2], KEYS[3], KEYS[5]}) do redis.call('PEXPIREAT', key, ends) end
  end
end
redis.call('PUBLISH', ARGV[7], table.concat(message))
return {'ok', epoch, at}
