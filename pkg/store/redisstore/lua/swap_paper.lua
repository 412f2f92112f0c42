-- Replaces a paper of a session, if it is the one that was read.
-- KEYS: session, papers, docs
-- ARGV: name, '1' when there was a paper, the old paper, '1' when there is a new one, the new paper
-- Returns 1; -1 when there is no session, -3 when the paper is another one.
if redis.call('EXISTS', KEYS[1]) == 0 then return -1 end
local held = redis.call('HGET', KEYS[2], ARGV[1])
if (held and '1' or '') ~= ARGV[2] or (held or '') ~= ARGV[3] then return -3 end
if ARGV[4] ~= '1' then
  redis.call('HDEL', KEYS[2], ARGV[1])
  return 1
end
redis.call('HSET', KEYS[2], ARGV[1], ARGV[5])
redis.call('SADD', KEYS[3], KEYS[2])
local ends = redis.call('PEXPIRETIME', KEYS[1])
if ends > 0 then
  redis.call('PEXPIREAT', KEYS[2], ends)
  redis.call('PEXPIREAT', KEYS[3], ends)
end
return 1
