#!lua flags=allow-oom
-- Dead letters are rows again, all or none. Their bytes are counted already.
--
-- KEYS[1]  prefix of all keys
-- ARGV     now (ms), overhead of a record (bytes), number of letters, their ids, then for each row: its lane, its
--          events, how many records, and of each: `events arrival`, body
-- Gives 1, or 0 when somebody else has moved one of them.
local prefix, state = KEYS[1], KEYS[1] .. ':state'
local now, overhead, letters = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
for i = 1, letters do
  if not redis.call('ZSCORE', prefix .. ':letters', ARGV[3 + i]) then
    return 0
  end
end
for i = 1, letters do
  local letter = prefix .. ':letter:' .. ARGV[3 + i]
  redis.call('HINCRBY', state, 'letter_bytes', -(redis.call('HSTRLEN', letter, 'body') + overhead))
  redis.call('ZREM', prefix .. ':letters', ARGV[3 + i])
  redis.call('DEL', letter)
end
local kept = redis.call('HMGET', state, 'ms', 'n')
local ms, n = tonumber(kept[1]), tonumber(kept[2])
if now > ms then
  ms, n = now, 0
end
local at = 4 + letters
while at <= #ARGV do
  local lane, events, count, row = ARGV[at], tonumber(ARGV[at + 1]), tonumber(ARGV[at + 2]), {}
  at = at + 3
  for i = 1, 2 * count do
    row[i] = ARGV[at]
    at = at + 1
  end
  if n + events > 1048576 then
    ms, n = ms + 1, 0
  end
  redis.call('XADD', prefix .. ':lane:' .. lane, string.format('%.0f-%.0f', ms, n), unpack(row))
  redis.call('HINCRBY', prefix .. ':waiting', lane, 1)
  redis.call('HINCRBY', state, 'events', events)
  n = n + events
end
redis.call('HSET', state, 'ms', string.format('%.0f', ms), 'n', n)
return 1
