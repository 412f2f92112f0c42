-- Makes a session, unless its id is taken.
-- KEYS: session, tombstone, recent; with a seed: head, log, docs
-- ARGV: record, status, when the record expires (ms); with a seed, the first entry of the main
-- document: schema, an epoch, its append id, the entry
-- Returns 1, or 0 when the id is taken.
if redis.call('EXISTS', KEYS[1], KEYS[2]) > 0 then return 0 end
redis.call('DEL', KEYS[3])
redis.call('HSET', KEYS[1], 'json', ARGV[1], 'rev', 1, 'status', ARGV[2])
redis.call('PEXPIREAT', KEYS[1], ARGV[3])
if #KEYS > 3 then
  redis.call('XADD', KEYS[5], '0-1', 'u', ARGV[7])
  redis.call('HSET', KEYS[4], 'e', ARGV[5], 'n', 1, 't', ARGV[6], 'v', ARGV[4])
  redis.call('SADD', KEYS[6], KEYS[4], KEYS[5])
  for i = 4, 6 do redis.call('PEXPIREAT', KEYS[i], ARGV[3]) end
end
return 1
