-- KEYS[1] the schema key; ARGV[1] our schema. Gives the schema that the data is in, ours when there is no data yet.
local held = redis.call('GET', KEYS[1])
if not held or (tonumber(held) or 0) < tonumber(ARGV[1]) then
  redis.call('SET', KEYS[1], ARGV[1])
end
return held or ARGV[1]
