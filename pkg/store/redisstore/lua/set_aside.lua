-- Keeps a copy of an entry that cannot be applied. A session keeps each entry once, and a bounded
-- number.
--
-- KEYS: session, entries set aside, docs
-- ARGV: name of the entry, the entry with its cause, how many entries are kept at most
-- Returns 1 when the entry was kept, 0 when it was there already or there are too many, -1 when
-- there is no session.
if redis.call('EXISTS', KEYS[1]) == 0 then return -1 end
if redis.call('HLEN', KEYS[2]) >= tonumber(ARGV[3]) then return 0 end
local kept = redis.call('HSETNX', KEYS[2], ARGV[1], ARGV[2])
redis.call('SADD', KEYS[3], KEYS[2])
local ends = redis.call('PEXPIRETIME', KEYS[1])
if ends > 0 then
  redis.call('PEXPIREAT', KEYS[2], ends)
  redis.call('PEXPIREAT', KEYS[3], ends)
end
return kept
