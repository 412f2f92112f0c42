-- Compares positions that a node holds with the heads of logs.
--
-- KEYS: heads
-- ARGV: epoch, seq and append id for each of them
-- Returns the indexes, from 1, of the positions that differ.
local out = {}
for i = 1, #KEYS do
  local head = redis.call('HMGET', KEYS[i], 'e', 'n', 't')
  local j = 3 * i
  if (head[1] or '') ~= ARGV[j - 2] or (head[2] or '0') ~= ARGV[j - 1] or (head[3] or '') ~= ARGV[j] then
    out[#out + 1] = i
  end
end
return out
