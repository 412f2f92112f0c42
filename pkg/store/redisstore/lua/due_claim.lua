-- Takes some of what is due out of the sight of other nodes for a while; who dies over it leaves it to others.
-- KEYS: due
-- ARGV: now (ms), until (ms), how many
-- Gives ids.
local ids = redis.call('ZRANGE', KEYS[1], '-inf', ARGV[1], 'BYSCORE', 'LIMIT', 0, ARGV[3])
for _, id in ipairs(ids) do redis.call('ZADD', KEYS[1], ARGV[2], id) end
return ids
