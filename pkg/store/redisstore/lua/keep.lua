-- Gives what a key holds, and has it hold the given value when it holds nothing.
-- KEYS: the key. ARGV: the value
local held = redis.call('GET', KEYS[1])
if held then return held end
redis.call('SET', KEYS[1], ARGV[1])
return ARGV[1]
