-- Gives a lease back, if the holder still has it.
-- KEYS: lease
-- ARGV: holder
-- Returns 1, or 0 when another holder has it, or nobody.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])
