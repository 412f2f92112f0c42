-- Moves the history of a document from the list in which older versions keep that of all documents
-- of a session.
--
-- KEYS: session, list, size of the list, history, base, docs
-- ARGV: name of the document
local ends = redis.call('PEXPIRETIME', KEYS[1])
if ends == -2 then return 0 end
local function number(text, from)
  local value, unit = 0, 1
  while true do
    local byte = string.byte(text, from)
    if not byte then return nil, from end
    value = value + (byte % 128) * unit
    from, unit = from + 1, unit * 128
    if byte < 128 then return value, from end
  end
end
local list, size, left = redis.call('LRANGE', KEYS[2], 0, -1), 0, 0
redis.call('DEL', KEYS[2])
for _, chunk in ipairs(list) do
  local length, from = number(chunk, 2)
  local name = string.sub(chunk, from, from + (length or 0) - 1)
  if name == ARGV[1] then
    local seq, after = number(chunk, from + length)
    local count = number(chunk, after)
    if count then
      local id = string.format('%d-%d', seq + count - 1, count)
      local added = redis.pcall('XADD', KEYS[4], id, 'c', chunk)
      if not added.err then size = size + #chunk end
    end
  else
    redis.call('RPUSH', KEYS[2], chunk)
    left = left + #chunk
  end
end
redis.call('SET', KEYS[3], left)
redis.call('HINCRBY', KEYS[5], 'n', size)
redis.call('SADD', KEYS[6], KEYS[2], KEYS[3], KEYS[4], KEYS[5])
if ends > 0 then
  for i = 2, 6 do redis.call('PEXPIREAT', KEYS[i], ends) end
end
return 1
