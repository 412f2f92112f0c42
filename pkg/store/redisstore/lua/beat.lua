-- Records a node's sign of life.
-- KEYS: nodes
-- ARGV: node, how long a sign counts (ms)
-- Returns 1 when the node counted as alive until now, else 0, then the ids of all nodes that are
-- alive.
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local last = redis.call('ZSCORE', KEYS[1], ARGV[1])
redis.call('ZADD', KEYS[1], now, ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - 3600000)
redis.call('PEXPIRE', KEYS[1], 3600000)
local alive = redis.call('ZRANGE', KEYS[1], now - ARGV[2], '+inf', 'BYSCORE')
table.insert(alive, 1, (last and now - last < tonumber(ARGV[2])) and '1' or '0')
return alive
