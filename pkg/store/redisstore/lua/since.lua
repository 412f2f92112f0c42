-- Returns the entries of a document after a position, or everything.
--
-- KEYS: session, head, log, state
-- ARGV: schema, epoch ('' for everything), seq and append id of the position
-- Returns {'gone'}, {'newer'}, {'older'}, {'more', epoch, seq, append id, entries...} or {'whole',
-- epoch, seq, append id, state or false, entries...}.
if redis.call('EXISTS', KEYS[1]) == 0 then return {'gone'} end
local head = redis.call('HMGET', KEYS[2], 'e', 'n', 't', 's', 'u', 'v')
local epoch, seq, aid, reached = head[1] or '', tonumber(head[2] or 0), head[3] or '', tonumber(head[4] or 0)
if head[6] ~= ARGV[1] then
  if head[6] and tonumber(head[6]) > tonumber(ARGV[1]) then return {'newer'} end
  if head[1] then return {'older'} end
end
local out, entries, from = nil, nil, 1
local at = tonumber(ARGV[3])
if ARGV[2] ~= '' and ARGV[2] == epoch and at <= seq and at >= reached then
  entries = redis.call('XRANGE', KEYS[3], '0-' .. at, '+')
  local same = entries[1] and entries[1][1] == '0-' .. at and string.sub(entries[1][2][2], 1, 12) == ARGV[4]
  if same then
    out, from = {'more', epoch, seq, aid}, 2
  elseif at == reached and head[5] == ARGV[4] then
    out = {'more', epoch, seq, aid}
  end
end
if not out then
  out = {'whole', epoch, seq, aid, redis.call('GET', KEYS[4])}
  entries = redis.call('XRANGE', KEYS[3], '0-' .. (reached + 1), '+')
end
for i = from, #entries do out[#out + 1] = entries[i][2][2] end
return out
