-- Returns the value of a key. A key without a value gets the given one first.
-- KEYS: the key
-- ARGV: the value
local held = redis.call('GET', KEYS[1])
if held then return held end
redis.call('SET', KEYS[1], ARGV[1])
return ARGV[1]
