-- Returns the schema of the data before this call, or ours when there was no data. Older data gets
-- ours.
-- KEYS: the schema key
-- ARGV: our schema
local held = redis.call('GET', KEYS[1])
if not held or (tonumber(held) or 0) < tonumber(ARGV[1]) then
  redis.call('SET', KEYS[1], ARGV[1])
end
return held or ARGV[1]
