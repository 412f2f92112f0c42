-- Claims sessions that are due, so that other nodes do not see them for a while. When the caller
-- dies, another node gets them later.
-- KEYS: due
-- ARGV: now (ms), until (ms), how many
-- Returns ids.
local ids = redis.call('ZRANGE', KEYS[1], '-inf', ARGV[1], 'BYSCORE', 'LIMIT', 0, ARGV[3])
for _, id in ipairs(ids) do redis.call('ZADD', KEYS[1], ARGV[2], id) end
return ids
