-- Writes the card of a session, unless one of a newer revision of the record is there.
-- KEYS: cards
-- ARGV: session, revision, card, when Redis removes the cards at the earliest (ms)
-- Returns 1 when the card was written, else 0.
local held = redis.call('HGET', KEYS[1], ARGV[1])
if held and tonumber(string.match(held, '^%d+') or '0') > tonumber(ARGV[2]) then return 0 end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2] .. ' ' .. ARGV[3])
redis.call('PEXPIREAT', KEYS[1], ARGV[4], 'NX')
redis.call('PEXPIREAT', KEYS[1], ARGV[4], 'GT')
return 1
