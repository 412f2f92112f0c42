-- Returns a part of what was recorded of a document after an entry.
--
-- KEYS: session, head, log, state, history, base
-- ARGV: schema, number of the entry, bytes of chunks that are enough
-- Returns {'gone'}, {'newer'}, {'older'} or {'ok', 1 if more follows, base or false, state or
-- false, seq through which base or state reaches, number of chunks, chunks..., entries...}. The
-- state stands for entries that are missing.
if redis.call('EXISTS', KEYS[1]) == 0 then return {'gone'} end
local head = redis.call('HMGET', KEYS[2], 'e', 's', 'v')
local reached = tonumber(head[2] or 0)
if head[3] ~= ARGV[1] then
  if head[3] and tonumber(head[3]) > tonumber(ARGV[1]) then return {'newer'} end
  if head[1] then return {'older'} end
end
local at, enough = tonumber(ARGV[2]), tonumber(ARGV[3])
local base, state, through = false, false, 0
local folded = tonumber(redis.call('HGET', KEYS[6], 't') or 0)
if folded > at then
  base, through, at = redis.call('HGET', KEYS[6], 'b'), folded, folded
end
local chunks, bytes, missing = {}, 0, false
while bytes < enough and not missing do
  local next = redis.call('XRANGE', KEYS[5], string.format('%d-0', at + 1), '+', 'COUNT', 1)[1]
  if not next then break end
  local last, count = string.match(next[1], '(%d+)-(%d+)')
  if tonumber(last) - tonumber(count) > at then
    missing = true
  else
    at = tonumber(last)
    chunks[#chunks + 1] = next[2][2]
    bytes = bytes + #next[2][2]
  end
end
local more = 0
local entries = {}
if bytes >= enough then
  more = 1
else
  entries = redis.call('XRANGE', KEYS[3], string.format('0-%d', at + 1), '+')
  local first = entries[1] and tonumber(string.sub(entries[1][1], 3))
  if missing or first and first > at + 1 or not first and reached > at then
    if #chunks > 0 or base then
      more, entries = 1, {} -- what is missing begins the part that follows
    elseif reached > at then
      state, through = redis.call('GET', KEYS[4]), reached
      entries = redis.call('XRANGE', KEYS[3], string.format('0-%d', reached + 1), '+')
    end
  end
end
local out = {'ok', more, base, state, through, #chunks}
for _, chunk in ipairs(chunks) do out[#out + 1] = chunk end
for _, entry in ipairs(entries) do out[#out + 1] = entry[2][2] end
return out
